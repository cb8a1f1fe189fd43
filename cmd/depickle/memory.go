package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// modest is the memory, in bytes, that the program tries to stay within.
	modest = 88 << 20
	// ample is how much may be live, in bytes, before the collector is left to
	// Go's own default, which lets the heap grow to twice of it.
	ample = 128 << 20
)

// boundMemory makes the collector run earlier than Go's default has it while
// the heap is about as large as the bounds of limit.Limits let a small file
// make it. What is live is bounded there; what is not yet collected beside it
// is bounded here. Large heaps, which large files pay for, have room in
// proportion, so that they do not spend their time collecting.
func boundMemory() {
	debug.SetMemoryLimit(modest)
	runtime.SetFinalizer(new(sentinel), (*sentinel).collected)
}

// memoryLimit is what the program may take, in bytes, with that much live.
func memoryLimit(live uint64) int64 {
	if live > ample {
		return math.MaxInt64
	}
	return max(modest, int64(live/2*3)+16<<20)
}

// sentinel is garbage, so that its finalizer runs after each collection.
type sentinel struct{ _ int64 }

func (s *sentinel) collected() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if v := sample[0].Value; v.Kind() == metrics.KindUint64 {
		debug.SetMemoryLimit(memoryLimit(v.Uint64()))
	}
	runtime.SetFinalizer(s, (*sentinel).collected)
}
