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
	// headroom is how much more than what is live the heap may take beyond that,
	// in percent. Go's own default is twice what is live.
	headroom = 50
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

// sentinel is garbage, so that its finalizer runs after each collection.
type sentinel struct{ _ int64 }

func (s *sentinel) collected() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if v := sample[0].Value; v.Kind() == metrics.KindUint64 && v.Uint64() < math.MaxInt64/200 {
		live := int64(v.Uint64())
		debug.SetMemoryLimit(max(modest, live/100*(100+headroom)))
	}
	runtime.SetFinalizer(s, (*sentinel).collected)
}
