package machine

import (
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// batchSize is how many pickles go to Python at once.
const batchSize = 250

// TestCPython compares the globals that the machine and CPython reach, and
// what they accept, on random pickles and on mutations of real ones.
// DEPICKLE_STREAMS says how many, DEPICKLE_SEED which; a million take some
// minutes, more than go test allows without -timeout.
func TestCPython(t *testing.T) {
	count := uint64(25_000)
	if testing.Short() {
		count = 2500
	}
	count = setting(t, "DEPICKLE_STREAMS", count)
	seed := setting(t, "DEPICKLE_SEED", 1)
	c := newComparison(t)
	seeds := realStreams(t)
	// A batch follows from its number alone, whoever runs it.
	c.run((count+batchSize-1)/batchSize, func(n uint64) (batch [][]byte) {
		rng := rand.New(rand.NewPCG(seed, n))
		for range min(batchSize, count-n*batchSize) {
			if rng.IntN(3) != 0 {
				batch = append(batch, generate(rng))
			} else {
				batch = append(batch, mutate(rng, slices.Clone(seeds[rng.IntN(len(seeds))]), seeds))
			}
		}
		return batch
	})
	if c.accepted < c.pickles/3 || c.reached < c.pickles {
		t.Error("too few pickles got anywhere: the comparison proves little")
	}
}

// TestCPythonHandWritten compares on pickles that random ones seldom are.
func TestCPythonHandWritten(t *testing.T) {
	c := newComparison(t)
	c.run(1, func(uint64) (batch [][]byte) {
		for _, s := range handWritten {
			batch = append(batch, []byte(s))
		}
		return batch
	})
}

// TestCPythonCorpus compares on the pickles of the files below the folder that
// DEPICKLE_CORPUS names, hostile ones among them.
func TestCPythonCorpus(t *testing.T) {
	root := os.Getenv("DEPICKLE_CORPUS")
	if root == "" {
		t.Skip("DEPICKLE_CORPUS names no corpus")
	}
	c := newComparison(t)
	var all [][]byte
	walk(t, root, func(b []byte) {
		if len(b) < 1<<20 {
			all = append(all, b)
		}
	})
	c.run(uint64(len(all)), func(n uint64) [][]byte { return all[n : n+1] })
}

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
			for i := next.Add(1) - 1; i < n; i = next.Add(1) - 1 {
				c.check(o, i, batch(i))
			}
		})
	}
	wait.Wait()
	c.t.Logf("%d pickles; C accepted %d of them and reached %d globals; %d differences", c.pickles, c.accepted, c.reached, c.failures)
	for _, what := range slices.Sorted(maps.Keys(c.outcomes)) {
		c.t.Logf("%8d %s", c.outcomes[what], what)
	}
}

func (c *comparison) check(o *oracle, number uint64, batch [][]byte) {
	answers, err := o.ask(batch)
	if err != nil {
		c.t.Errorf("Python died of batch %d: %v", number, err)
		return
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
}

// pickle compares one pickle.
func (c *comparison) pickle(data []byte, found [][2]string, err error, a answer) (wrong string) {
	c.pickles++
	if a.C.Error == nil {
		c.accepted++
	}
	c.reached += len(a.C.Found)
	why, wrong := compare("C", found, err, a.C)
	c.count("C", why, wrong)
	why, other := comparePy(found, err, a.Py)
	c.count("pickle.py", why, other)
	if wrong == "" {
		wrong = other
	}
	return wrong
}

func (c *comparison) count(name string, why, wrong string) {
	switch {
	case wrong != "":
		c.failures++
	case why != "":
		c.outcomes[name+" differs: "+why]++
	default:
		c.outcomes[name+" agrees"]++
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
	if _, wrong := compare("C", found, err, a[0].C); wrong != "" {
		return wrong
	}
	_, wrong := comparePy(found, err, a[0].Py)
	return wrong
}
