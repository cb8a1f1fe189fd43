package container

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"depickle/scan/limit"
)

// deflatedStorages is a checkpoint with n deflated storages of 1000 bytes, and
// the calculator that has them declared.
func deflatedStorages(t *testing.T, n int, l limit.Limits, change func(i int, e *entry)) (*Source, *Storages) {
	t.Helper()
	a := checkpoint()
	for i := 1; i <= n; i++ {
		e := entry{name: fmt.Sprint("m/data/", i), data: strings.Repeat(fmt.Sprint(i%10), 1000), deflated: true}
		if change != nil {
			change(i, &e)
		}
		a.entries = append(a.entries, e)
	}
	s := openString(t, a.bytes(), l)
	places := s.NewStorages(s.Streams[0])
	for i := 1; i <= n; i++ {
		if err := places.Declare(Declared{fmt.Sprint(i), "ByteStorage", 1, 1000}); err != nil {
			t.Fatal(err)
		}
	}
	return s, places
}

// TestInflate: what is inflated side by side is what Extent gives one by one.
func TestInflate(t *testing.T) {
	s, places := deflatedStorages(t, 100, limit.Limits{}, nil)
	if err := places.Declare(Declared{"0", "FloatStorage", 4, 2}); err != nil {
		t.Fatal(err)
	}
	if err := places.Inflate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := s.spool.Size(); n != 100_000 {
		t.Errorf("%d bytes in the spool", n)
	}
	for i := 1; i <= 100; i++ {
		e, err := places.Extent(fmt.Sprint(i))
		if want := strings.Repeat(fmt.Sprint(i%10), 1000); err != nil || e.Space != InSpool || content(t, s, e) != want {
			t.Fatalf("storage %d: %v, %v", i, e, err)
		}
	}
	if n := s.spool.Size(); n != 100_000 {
		t.Errorf("something was inflated twice: %d bytes in the spool", n)
	}
}

// TestInflateFails: the first broken storage is named, whoever finished first.
func TestInflateFails(t *testing.T) {
	broken := func(i int, e *entry) {
		switch i {
		case 20, 40, 60, 80:
			e.data, e.entry, e.header = e.data[:999], put32(24, 1000), put32(22, 1000)
		case 10, 15:
			e.entry, e.header = put32(16, 1), put32(14, 1)
		}
	}
	for range 20 {
		s, places := deflatedStorages(t, 100, limit.Limits{}, broken)
		err := places.Inflate(context.Background())
		if outcome(err) != "malformed" || !strings.Contains(err.Error(), `"m/data/20"`) {
			t.Fatal(err)
		}
		if got := odds(s); got != "zip-crc" || len(s.Oddities) != 2 || s.Oddities[0].Member != "m/data/10" {
			t.Fatalf("%v", s.Oddities)
		}
	}
}

// TestInflateLimit: what does not fit into the spool costs nothing.
func TestInflateLimit(t *testing.T) {
	s, places := deflatedStorages(t, 10, limit.Limits{Spool: 9999}, nil)
	if err := places.Inflate(context.Background()); outcome(err) != "limit" || !strings.Contains(err.Error(), `"m/data/10"`) {
		t.Error(err)
	}
	if n := s.spool.Size(); n != 0 {
		t.Errorf("%d bytes in the spool", n)
	}
}

func TestInflateCancelled(t *testing.T) {
	_, places := deflatedStorages(t, 10, limit.Limits{}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := places.Inflate(ctx); err != context.Canceled {
		t.Error(err)
	}
}
