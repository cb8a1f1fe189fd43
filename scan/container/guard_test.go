package container

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// TestGuardReads: a guard shows what its reader does, at every boundary.
func TestGuardReads(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	data := make([]byte, 3*maxGuarded+777)
	for i := range data {
		data[i] = byte(rng.IntN(256))
	}
	size := int64(len(data))
	g := newGuard(bytes.NewReader(data), size)
	check := func(off, n int64) {
		t.Helper()
		want := make([]byte, n)
		wn, werr := bytes.NewReader(data).ReadAt(want, off)
		got := make([]byte, n)
		gn, gerr := g.ReadAt(got, off)
		if gn != wn || !errors.Is(gerr, werr) || (gerr == nil) != (werr == nil) || !bytes.Equal(got[:gn], want[:wn]) {
			t.Fatalf("ReadAt %d bytes at %d: %d, %v; want %d, %v", n, off, gn, gerr, wn, werr)
		}
	}
	for _, off := range []int64{0, 1, minPage - 1, minPage, minPage + 1, maxGuarded - 1, maxGuarded, size - 1, size - 777} {
		for _, n := range []int64{1, 2, minPage, minPage + 1, maxGuarded, maxGuarded + 1, size - off, size - off + 1, size} {
			check(off, n)
		}
	}
	for range 2000 {
		off := rng.Int64N(size)
		check(off, 1+rng.Int64N(size-off+10))
	}
	for _, off := range []int64{-1, size, size + 1, 1<<63 - 1} {
		if n, err := g.ReadAt(make([]byte, 1), off); n != 0 || err != io.EOF {
			t.Errorf("at %d: %d, %v", off, n, err)
		}
	}
}

// TestGuardChanged: a byte that changes between two reads is found, wherever
// it stands and whoever reads it again.
func TestGuardChanged(t *testing.T) {
	size := int64(3*minPage + 100)
	for _, at := range []int64{0, 1, minPage - 1, minPage, 2*minPage + 7, 3 * minPage, size - 1} {
		data := make([]byte, size)
		g := newGuard(bytes.NewReader(data), size)
		if _, err := g.ReadAt(make([]byte, size), 0); err != nil {
			t.Fatal(err)
		}
		data[at] = 1
		_, err := g.ReadAt(make([]byte, 1), at)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Changed || f.Offset != at/minPage*minPage {
			t.Errorf("changed at %d: %v", at, err)
		}
		// A reader of another byte of the page learns of it too.
		if _, err := g.ReadAt(make([]byte, 1), min(at+1, size-1)); at%minPage != minPage-1 && !fault.Is(err, fault.Changed) {
			t.Errorf("changed at %d, read beside it: %v", at, err)
		}
		w := &Witness{g: g}
		_, err = w.Write(data)
		if err == nil {
			_, err = w.Close()
		}
		if !fault.Is(err, fault.Changed) {
			t.Errorf("changed at %d: the witness says %v", at, err)
		}
	}
}

// TestWitnessPages: what nobody read may be anything; the size may not.
func TestWitnessPages(t *testing.T) {
	size := int64(3*minPage + 100)
	data := make([]byte, size)
	g := newGuard(bytes.NewReader(data), size)
	if _, err := g.ReadAt(make([]byte, 1), minPage); err != nil {
		t.Fatal(err)
	}
	data[0], data[size-1] = 1, 1
	for _, c := range []struct {
		n  int64
		ok bool
	}{{size, true}, {size - 1, false}, {size + 1, false}, {0, false}} {
		w := &Witness{g: g}
		if _, err := w.Write(append(data, 0)[:c.n]); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Close(); (err == nil) != c.ok || (err != nil && !fault.Is(err, fault.Changed)) {
			t.Errorf("%d of %d bytes: %v", c.n, size, err)
		}
	}
}

// TestGuardPages: a guard of a huge file has few pages.
func TestGuardPages(t *testing.T) {
	for size, page := range map[int64]int64{
		0: minPage, 1 << 20: minPage, 1<<31 - 1: minPage, 1 << 31: 2 * minPage, 1 << 32: 4 * minPage, 1 << 40: 4 << 20, maxSize: 1 << 29,
	} {
		if g := newGuard(nil, size); g.page != page || size/g.page >= maxPages {
			t.Errorf("%d bytes: pages of %d, want %d", size, g.page, page)
		}
	}
	// A reader of a large file reads whole pages.
	size := int64(1 << 36)
	g := newGuard(zeros{}, size)
	if n, err := g.ReadAt(make([]byte, 10), size-5); n != 5 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
}

type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// TestGuardShared: readers side by side do not disturb each other.
func TestGuardShared(t *testing.T) {
	data := strings.Repeat("0123456789", 10_000)
	g := newGuard(strings.NewReader(data), int64(len(data)))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			b := make([]byte, 1000)
			for off := int64(i * 100); off+1000 < int64(len(data)); off += 777 {
				if _, err := g.ReadAt(b, off); err != nil || string(b) != data[off:off+1000] {
					t.Errorf("at %d: %v", off, err)
					return
				}
			}
		})
	}
	wait.Wait()
}

// TestChangedUnderScan: a file that changes after it was opened is not read
// as something else. What was read lately may be served as it was then; the
// pass over the whole file finds the change in any case.
func TestChangedUnderScan(t *testing.T) {
	data := []byte(checkpoint().bytes())
	was := bytes.Clone(data)
	s, err := Open(bytes.NewReader(data), int64(len(data)), Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data[60] ^= 1
	e := s.Streams[0].Extent
	if b, err := io.ReadAll(s.Section(e)); !fault.Is(err, fault.Changed) && !bytes.Equal(b, was[e.Off:e.Off+e.Len]) {
		t.Errorf("read: %q, %v", b, err)
	}
	s.guard.recent = [recentPages]recentPage{}
	if _, err := io.ReadAll(s.Section(e)); !fault.Is(err, fault.Changed) {
		t.Errorf("read again: %v", err)
	}
	if _, err := s.Nested(s.File()); !fault.Is(err, fault.Changed) {
		t.Errorf("nested: %v", err)
	}
	w := s.Witness()
	_, err = w.Write(data)
	if err == nil {
		_, err = w.Close()
	}
	if !fault.Is(err, fault.Changed) {
		t.Errorf("witness: %v", err)
	}
	// Bulk reads are for elements: the witness answers for those.
	b := make([]byte, len(data))
	if _, err := s.Bulk(InFile).ReadAt(b, 0); err != nil || !bytes.Equal(b, data) {
		t.Errorf("bulk: %v", err)
	}
}

// TestEmptyWitness: a file of nothing is whole at once.
func TestEmptyWitness(t *testing.T) {
	if wrong, err := openString(t, "", limit.Limits{}).Witness().Close(); err != nil || len(wrong) != 0 {
		t.Error(wrong, err)
	}
}

// viewed is a reader that shows its bytes.
type viewed struct{ *bytes.Reader }

func (v viewed) View(off, n int64, f func([]byte) error) (int64, error) {
	b := make([]byte, n)
	if _, err := v.ReadAt(b, off); err != nil {
		return 0, err
	}
	return n, f(b)
}

// TestWitnessView: what was read before is not shown, so that one reading of
// it is both compared and hashed.
func TestWitnessView(t *testing.T) {
	const pages = 8
	data := make([]byte, pages*minPage+100)
	s, err := Open(viewed{bytes.NewReader(data)}, int64(len(data)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	clear(s.guard.pages)
	for _, page := range []int64{2, 3, 6} {
		s.guard.pages[page] = sha256.Sum256(data[page*minPage:][:minPage])
	}
	w := s.Witness()
	tests := []struct{ off, n, shown int64 }{
		{0, minPage, minPage},
		{0, 5 * minPage, 2 * minPage},
		{10, 5 * minPage, 2*minPage - 10},
		{10, 20, 20},
		{2 * minPage, minPage, 0},
		{2*minPage + 5, 7, 0},
		{4*minPage - 1, minPage, 0},
		{4 * minPage, minPage, minPage},
		{4 * minPage, 4 * minPage, 2 * minPage},
		{7 * minPage, minPage + 100, minPage + 100},
	}
	for _, tt := range tests {
		var got int64
		n, err := w.View(tt.off, tt.n, func(b []byte) error { got = int64(len(b)); return nil })
		if n != tt.shown || got != n || err != nil {
			t.Errorf("%d bytes at %d: %d shown, %d given, want %d; %v", tt.n, tt.off, n, got, tt.shown, err)
		}
	}
	if n, err := openString(t, "abc", limit.Limits{}).Witness().View(0, 3, nil); n != 0 || err != nil {
		t.Errorf("a reader that shows nothing: %d %v", n, err)
	}
}
