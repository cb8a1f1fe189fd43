package crew

import (
	"context"
	"errors"
	"math"
	"reflect"
	"sync"
	"testing"
)

func TestShares(t *testing.T) {
	for _, c := range []struct {
		sizes []int64
		want  [][2]int
	}{
		{nil, nil},
		{[]int64{5}, [][2]int{{0, 1}}},
		{[]int64{0, 0, 0}, [][2]int{{0, 3}}},
		{[]int64{4, 6, 1}, [][2]int{{0, 2}, {2, 3}}},
		{[]int64{11, 1, 9, 1}, [][2]int{{0, 1}, {1, 3}, {3, 4}}},
		{[]int64{math.MaxInt64, math.MaxInt64, 0}, [][2]int{{0, 1}, {1, 2}, {2, 3}}},
	} {
		s := Shares{N: len(c.sizes), Size: func(i int) int64 { return c.sizes[i] }, Most: 10}
		var got [][2]int
		for {
			lo, hi, ok := s.Next()
			if !ok {
				break
			}
			got = append(got, [2]int{lo, hi})
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %v, want %v", c.sizes, got, c.want)
		}
	}
}

// TestSharesOnce: each thing is given to one hand.
func TestSharesOnce(t *testing.T) {
	s := Shares{N: 1000, Size: func(i int) int64 { return int64(i % 7) }, Most: 20}
	taken := make([]int, s.N)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for lo, hi, ok := s.Next(); ok; lo, hi, ok = s.Next() {
				for i := lo; i < hi; i++ {
					taken[i]++
				}
			}
		})
	}
	wg.Wait()
	for i, n := range taken {
		if n != 1 {
			t.Fatalf("%d was taken %d times", i, n)
		}
	}
}

func TestTogether(t *testing.T) {
	broken := errors.New("broken")
	waits := func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if err := Together(context.Background(), waits, func(context.Context) error { return broken }, waits); err != broken {
		t.Errorf("one fails: %v", err)
	}
	if err := Together(context.Background(), func(context.Context) error { return nil }); err != nil {
		t.Errorf("none fails: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Together(ctx, waits); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

// TestSpread: what is first runs whatever the cores, and the rest fills them.
func TestSpread(t *testing.T) {
	var mu sync.Mutex
	first, rest := 0, 0
	count := func(n *int) func(context.Context) error {
		return func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			*n++
			return nil
		}
	}
	for n := range 7 {
		first, rest = 0, 0
		var fs []func(context.Context) error
		for range n {
			fs = append(fs, count(&first))
		}
		if err := Spread(context.Background(), count(&rest), fs...); err != nil {
			t.Fatal(err)
		}
		if want := max(Hands()-n, 0); first != n || rest != want {
			t.Errorf("%d first: %d and %d ran, want %d of the rest", n, first, rest, want)
		}
	}
}
