package machine

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// comparison counts what it compared.
type comparison struct {
	t       *testing.T
	oracles []*oracle
	tmp     string

	mu                                   sync.Mutex
	pickles, accepted, reached, failures int
	outcomes                             map[string]int
	shown                                atomic.Int32
}

func newComparison(t *testing.T) *comparison {
	t.Helper()
	c := &comparison{t: t, tmp: t.TempDir(), outcomes: map[string]int{}}
	for range runtime.GOMAXPROCS(0) {
		c.oracles = append(c.oracles, newOracle(t))
	}
	return c
}

// run compares n batches, some at once, and logs what came of it.
func (c *comparison) run(n uint64, batch func(uint64) [][]byte) {
	c.t.Helper()
	var next atomic.Uint64
	var wait sync.WaitGroup
	for _, o := range c.oracles {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < n && c.check(o, i, batch(i)); i = next.Add(1) - 1 {
			}
		})
	}
	wait.Wait()
	c.t.Logf("%d pickles; C accepted %d of them and reached %d globals; %d differences", c.pickles, c.accepted, c.reached, c.failures)
	for _, what := range slices.Sorted(maps.Keys(c.outcomes)) {
		c.t.Logf("%8d %s", c.outcomes[what], what)
	}
}

// check compares a batch. It reports whether the oracle still lives.
func (c *comparison) check(o *oracle, number uint64, batch [][]byte) bool {
	answers, err := o.ask(batch)
	if err != nil {
		c.t.Errorf("Python died of batch %d: %v", number, err)
		return false
	}
	for i, data := range batch {
		found, err := ours(data, c.tmp)
		c.mu.Lock()
		wrong := c.pickle(data, found, err, answers[i])
		c.mu.Unlock()
		if wrong != "" {
			c.report(o, data, wrong)
		}
	}
	return true
}

// pickle compares one pickle.
func (c *comparison) pickle(data []byte, found [][2]string, err error, a answer) (wrong string) {
	c.pickles++
	if a.C.Error == nil {
		c.accepted++
	}
	c.reached += len(a.C.Found)
	for _, o := range outcomes(found, err, a) {
		c.count(o)
		if wrong == "" {
			wrong = o.wrong
		}
	}
	return wrong
}

// outcome is what came of a comparison with one reader.
type outcome struct{ reader, why, wrong string }

func outcomes(found [][2]string, err error, a answer) []outcome {
	out := []outcome{{reader: "C"}, {reader: "C on a file"}, {reader: "pickle.py"}}
	for i, v := range []verdict{a.C, a.File} {
		out[i].why, out[i].wrong = compare(out[i].reader, found, err, v)
	}
	out[2].why, out[2].wrong = comparePy(found, err, a.Py)
	return out
}

func (c *comparison) count(o outcome) {
	switch {
	case o.wrong != "":
		c.failures++
	case o.why != "":
		c.outcomes[o.reader+" differs: "+o.why]++
	default:
		c.outcomes[o.reader+" agrees"]++
	}
}

// most is how many differences are shown.
const most = 20

// report shows a difference, on the smallest part of the pickle that has one.
func (c *comparison) report(o *oracle, data []byte, wrong string) {
	if c.shown.Add(1) > most {
		return
	}
	for size := len(data) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(data); {
			shorter := slices.Concat(data[:at], data[at+size:])
			if w := c.differs(o, shorter); w != "" {
				data, wrong = shorter, w
			} else {
				at += size
			}
		}
	}
	c.t.Errorf("%q: %s", data, wrong)
}

// differs compares a pickle that is not counted.
func (c *comparison) differs(o *oracle, data []byte) string {
	found, err := ours(data, c.tmp)
	a, died := o.ask([][]byte{data})
	if died != nil {
		return ""
	}
	for _, o := range outcomes(found, err, a[0]) {
		if o.wrong != "" {
			return o.wrong
		}
	}
	return ""
}
