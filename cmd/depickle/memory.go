package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// boundMemory sets when the collector runs, until release. What is live is
// bounded by limit.Limits, and a heap of the size that they let a small file
// make is collected early, so that what is not yet collected beside it is
// little. A heap that is small anyway is hardly collected, and one that is large,
// as only large files make it, is left to Go's default.
//
// The first two are done by a ballast: an array that nobody touches, which so
// takes no memory, but counts as live. Go's own memory limit would not do:
// beyond it, a program that goes on does little else than to collect.
func boundMemory() (release func()) {
	untouched := make([]byte, ballast)
	debug.SetGCPercent(early)
	runtime.SetFinalizer(new(sentinel), (*sentinel).collected)
	return func() { runtime.KeepAlive(untouched) }
}

const (
	// ballast is in bytes, and early how much the heap may grow above it and
	// what is live, in percent: to 13 MiB with nothing live, to 100 with 62.
	ballast = 32 << 20
	early   = 40
	// large is how much is live, in bytes, of a heap that is left to itself.
	large = 128 << 20
)

// sentinel is garbage, so that its finalizer runs after each collection.
type sentinel struct{ _ int64 }

func (s *sentinel) collected() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if v := sample[0].Value; v.Kind() == metrics.KindUint64 && v.Uint64() > ballast+large {
		debug.SetGCPercent(100)
		return
	}
	runtime.SetFinalizer(s, (*sentinel).collected)
}
