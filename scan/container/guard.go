package container

import (
	"crypto/sha256"
	"io"
	"sync"

	"depickle/scan/fault"
)

const (
	// minPage is the smallest unit that a guard remembers, in bytes.
	minPage = 4096
	// maxPages is the most units of a file: 2 GiB at the smallest. Larger
	// files have larger ones, so that a guard never takes more than about
	// 32 MiB, whatever is read.
	maxPages = 1 << 19
	// maxGuarded is the most that is read at once, if a page is not larger.
	maxGuarded = 64 << 10
)

// guard makes every reader of a file see the same bytes. It remembers the
// SHA-256 of each page that anyone read; a page that reads differently later
// is an error. So what the judge saw is what the loader gets, and the pass
// that hashes the whole file ([Witness]) proves that both belong to that hash.
type guard struct {
	r    io.ReaderAt
	size int64
	page int64 // bytes of a page

	mu     sync.Mutex
	pages  map[int64][sha256.Size]byte
	recent [recentPages]recentPage
}

// recentPages is how many pages are kept for the small reads of directories
// and keys, if a page is no larger than maxGuarded.
const recentPages = 32

// recentPage is a page that was read and checked, at the place that its number
// gives it.
type recentPage struct {
	page int64
	b    []byte
}

func newGuard(r io.ReaderAt, size int64) *guard {
	g := &guard{r: r, size: size, page: minPage, pages: map[int64][sha256.Size]byte{}}
	for size/g.page >= maxPages {
		g.page *= 2
	}
	return g
}

// ReadAt implements io.ReaderAt.
func (g *guard) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= g.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > g.size-off
	if short {
		p = p[:g.size-off]
	}
	n := 0
	for n < len(p) {
		k, err := g.read(p[n:], off+int64(n))
		n += k
		if err != nil {
			return n, err
		}
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

// read reads something of p. What lies inside of one page comes from the page
// itself when that was read lately.
func (g *guard) read(p []byte, off int64) (int, error) {
	page := off / g.page
	if g.page > maxGuarded || (off+int64(len(p))-1)/g.page != page {
		return g.readPages(p, off)
	}
	at := off - page*g.page
	g.mu.Lock()
	r := g.recent[page%recentPages]
	g.mu.Unlock()
	if r.b == nil || r.page != page {
		r = recentPage{page: page, b: make([]byte, min(g.page, g.size-page*g.page))}
		if _, err := g.readPages(r.b, page*g.page); err != nil {
			return 0, err
		}
		g.mu.Lock()
		g.recent[page%recentPages] = r
		g.mu.Unlock()
	}
	return copy(p, r.b[at:]), nil
}

// readPages reads whole pages around off and copies what p has room for.
func (g *guard) readPages(p []byte, off int64) (int, error) {
	first := off / g.page * g.page
	last := (off + int64(len(p)) + g.page - 1) / g.page * g.page
	last = min(last, first+max(maxGuarded, g.page), g.size)
	buf := make([]byte, last-first)
	if n, err := g.r.ReadAt(buf, first); n < len(buf) {
		if err == nil || err == io.EOF {
			return 0, fault.At(fault.Changed, first+int64(n), "the file became shorter while it was read")
		}
		return 0, err
	}
	for at := first; at < last; at += g.page {
		if err := g.check(at/g.page, buf[at-first:min(at-first+g.page, last-first)]); err != nil {
			return 0, err
		}
	}
	return copy(p, buf[off-first:]), nil
}

func (g *guard) check(page int64, b []byte) error {
	sum := sha256.Sum256(b)
	g.mu.Lock()
	defer g.mu.Unlock()
	old, ok := g.pages[page]
	if ok && old != sum {
		return fault.At(fault.Changed, page*g.page, "the source changed while it was read")
	}
	if !ok {
		g.pages[page] = sum
	}
	return nil
}

// seen is the digest of a page that was read.
func (g *guard) seen(page int64) (sum [sha256.Size]byte, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum, ok = g.pages[page]
	return sum, ok
}

// unseen is how many of n bytes at off lie before the first page that was
// read. It is a number of whole pages, or n.
func (g *guard) unseen(off, n int64) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	for page := off / g.page; page*g.page < off+n; page++ {
		if _, ok := g.pages[page]; ok {
			return max(page*g.page-off, 0)
		}
	}
	return n
}
