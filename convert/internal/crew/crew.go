// Package crew shares out work among the cores.
package crew

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// mostHands bounds what hands keep in buffers. More would not help: a
// conversion waits for the digests of whole files, which are one chain each.
const mostHands = 4

// Hands is how many goroutines should work on bulk data side by side.
func Hands() int { return min(runtime.GOMAXPROCS(0), mostHands) }

// Together runs functions side by side. The first error cancels the others and
// is returned.
func Together(ctx context.Context, fs ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(func() {
			if err := f(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// Spread runs first, each on a core, and rest on every core that is left.
// Those in first take their part of the rest when they are done.
func Spread(ctx context.Context, rest func(context.Context) error, first ...func(context.Context) error) error {
	fs := slices.Clone(first)
	for len(fs) < Hands() {
		fs = append(fs, rest)
	}
	return Together(ctx, fs...)
}

// Shares cuts n things, that have sizes, into shares of neighbours, and hands
// each share out once. It may be used by several goroutines.
type Shares struct {
	// N is the number of things, Size the size of each, Most the largest
	// share; a thing that is larger is a share of its own.
	N    int
	Size func(i int) int64
	Most int64

	mu   sync.Mutex
	next int
}

// Next returns the next share: the things from lo to before hi. ok is false
// when there is none left.
func (s *Shares) Next() (lo, hi int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= s.N {
		return 0, 0, false
	}
	lo, hi = s.next, s.next+1
	for total := s.Size(lo); hi < s.N; hi++ {
		n := s.Size(hi)
		if n > s.Most-total { // cannot overflow: total may be beyond Most
			break
		}
		total += n
	}
	s.next = hi
	return lo, hi, true
}
