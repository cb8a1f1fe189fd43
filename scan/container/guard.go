package container

import (
	"crypto/sha256"
	"hash/crc32"
	"io"
	"sort"
	"sync"

	"depickle/scan/fault"
)

// pageSize is the unit that a guard remembers.
const pageSize = 4096

// guard makes every reader of a file see the same bytes. It remembers the
// SHA-256 of each page that anyone read; a page that reads differently later
// is an error. So what the judge saw is what the loader gets, and the pass
// that hashes the whole file ([Witness]) proves that both belong to that hash.
type guard struct {
	r     io.ReaderAt
	size  int64
	mu    sync.Mutex
	pages map[int64][sha256.Size]byte
}

func newGuard(r io.ReaderAt, size int64) *guard {
	return &guard{r: r, size: size, pages: map[int64][sha256.Size]byte{}}
}

// maxGuarded is the most that is read at once, so that a read costs bounded
// memory.
const maxGuarded = 64 << 10

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
		k, err := g.readPages(p[n:], off+int64(n))
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

// readPages reads whole pages around off and copies what p has room for.
func (g *guard) readPages(p []byte, off int64) (int, error) {
	first := off / pageSize * pageSize
	last := min((off+int64(len(p))+pageSize-1)/pageSize*pageSize, first+maxGuarded, g.size)
	buf := make([]byte, last-first)
	if n, err := g.r.ReadAt(buf, first); n < len(buf) {
		if err == nil || err == io.EOF {
			return 0, fault.At(fault.Changed, first+int64(n), "the file became shorter while it was read")
		}
		return 0, err
	}
	for at := first; at < last; at += pageSize {
		if err := g.check(at/pageSize, buf[at-first:min(at-first+pageSize, last-first)]); err != nil {
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
		return fault.At(fault.Changed, page*pageSize, "the source changed while it was read")
	}
	g.pages[page] = sum
	return nil
}

// Witness watches one pass over the whole file, from its first byte to its
// last. It compares each page with what was read before, and the CRCs that a
// zip records of its stored members.
type Witness struct {
	g       *guard
	members []Member
	sum     uint32
	off     int64
	page    []byte
	wrong   []Member
}

// Witness makes one. It is for a Source that is a file of its own.
func (s *Source) Witness() *Witness {
	w := &Witness{g: s.guard}
	for _, m := range s.Members {
		if m.Stored() && m.CRC != 0 && !m.Encrypted() {
			w.members = append(w.members, m)
		}
	}
	sort.Slice(w.members, func(i, j int) bool { return w.members[i].Payload < w.members[j].Payload })
	return w
}

// Write takes the next bytes of the file.
func (w *Witness) Write(p []byte) (int, error) {
	w.crc(p)
	for b := p; len(b) > 0; {
		k := min(len(b), pageSize-len(w.page))
		w.page = append(w.page, b[:k]...)
		b = b[k:]
		if len(w.page) == pageSize {
			if err := w.flush(w.off + int64(len(p)-len(b)) - pageSize); err != nil {
				return 0, err
			}
		}
	}
	w.off += int64(len(p))
	return len(p), nil
}

// flush compares a page with what was read of it before, if anything was.
func (w *Witness) flush(at int64) error {
	w.g.mu.Lock()
	old, ok := w.g.pages[at/pageSize]
	w.g.mu.Unlock()
	if ok && old != sha256.Sum256(w.page) {
		return fault.At(fault.Changed, at, "the source changed while it was read")
	}
	w.page = w.page[:0]
	return nil
}

// crc runs the CRCs of the members that p touches. Members do not overlap:
// convert refuses files in which they do.
func (w *Witness) crc(p []byte) {
	at := w.off
	for len(p) > 0 && len(w.members) > 0 {
		m := w.members[0]
		if skip := min(max(m.Payload-at, 0), int64(len(p))); skip > 0 {
			p, at = p[skip:], at+skip
			continue
		}
		k := min(m.Payload+m.Size-at, int64(len(p)))
		if k > 0 {
			w.sum = crc32.Update(w.sum, crc32.IEEETable, p[:k])
			p, at = p[k:], at+k
		}
		if at >= m.Payload+m.Size {
			if w.sum != m.CRC {
				w.wrong = append(w.wrong, m)
			}
			w.sum, w.members = 0, w.members[1:]
		}
	}
}

// Close ends the pass. It returns the members whose CRC is wrong, and an
// error when the file changed or was not read whole.
func (w *Witness) Close() (wrong []Member, err error) {
	if w.off != w.g.size {
		return nil, fault.At(fault.Changed, w.off, "the source changed its size while it was read")
	}
	if err := w.flush(w.off - int64(len(w.page))); err != nil {
		return nil, err
	}
	return w.wrong, nil
}
