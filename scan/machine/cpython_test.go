package machine

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
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
