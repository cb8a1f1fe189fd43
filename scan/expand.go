package scan

import (
	"math"

	"depickle/scan/machine"
)

// weight is how many containers a container holds when what it shares is
// counted each time: the "billion laughs" of 30 lists holds a billion. Loading
// it costs nothing; copying, comparing or printing it never ends. It stands as
// the Mark of containers that hold others.
type weight int64

// Without sharing, a pickle makes at most one container per opcode. Real ones
// share little; what is far beyond both is made for it.
const (
	freeWeight  = 1_000_000
	maxExpanded = 64 // containers per opcode
)

func weigh(v machine.Value) int64 {
	switch v.Kind {
	case machine.Tuple, machine.List, machine.Dict, machine.Set, machine.FrozenSet:
		switch m := v.Node.Mark.(type) {
		case weight:
			return int64(m)
		case *fieldList:
			return max(int64(m.weight), 1)
		}
		return 1
	}
	return 0
}

// hold notes that a container holds items.
func (j *judge) hold(v machine.Value, items []machine.Value) {
	var sum int64
	for _, it := range items {
		if w := weigh(it); w > math.MaxInt64-sum {
			sum = math.MaxInt64
		} else {
			sum += w
		}
	}
	if sum == 0 {
		return
	}
	old := weigh(v)
	if old == 0 {
		return // an object: what it does with items is its own affair
	}
	total := weight(math.MaxInt64)
	if old <= math.MaxInt64-sum {
		total = weight(old + sum)
	}
	if f, ok := v.Node.Mark.(*fieldList); ok {
		f.weight = total
	} else {
		v.Node.Mark = total
	}
	if total > freeWeight && int64(total)/maxExpanded > j.ops {
		j.find(Suspicious, "expansion", "", "containers that share others so often that copying or printing them does not end")
	}
}

// maxDups is how often a pickle may duplicate a container. No pickler writes
// DUP; who writes pickles by hand needs it a few times.
const maxDups = 64

// duplicate notes that DUP made one more reference.
func (j *judge) duplicate(v machine.Value) {
	if weigh(v) == 0 {
		return
	}
	if j.dups++; j.dups > maxDups {
		j.find(Suspicious, "expansion", "", "makes reference after reference to a container by DUP, as no pickler does")
	}
}
