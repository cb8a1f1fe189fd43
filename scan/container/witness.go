package container

import (
	"crypto/sha256"
	"hash/crc32"
	"io"
	"sort"

	"depickle/scan/fault"
)

// Witness watches one pass over the whole file, from its first byte to its
// last: who makes it reads from it, and writes to it what was read. It compares each page with what was read before, and the CRCs that a
// zip records of its stored members.
type Witness struct {
	g       *guard
	r       io.ReaderAt // the file's, which remembers nothing
	members []Member
	sum     uint32
	off     int64
	page    []byte // the beginning of one that Write has not seen whole
	wrong   []Member
}

// Witness makes one. It is for a Source that is a file of its own.
func (s *Source) Witness() *Witness {
	w := &Witness{g: s.guard, r: s.raw}
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
	n := len(p)
	for size := int(w.g.page); len(p) > 0; {
		page := p[:min(size, len(p))]
		if len(w.page) > 0 || len(page) < size {
			k := min(size-len(w.page), len(p))
			w.page = append(w.page, p[:k]...)
			page, p = w.page, p[k:]
		} else {
			p = p[size:]
		}
		if len(page) == size {
			if err := w.compare(w.off+int64(n-len(p)-size), page); err != nil {
				return 0, err
			}
			w.page = w.page[:0]
		}
	}
	w.off += int64(n)
	return n, nil
}

// ReadAt implements io.ReaderAt. It reads the file, and remembers nothing.
func (w *Witness) ReadAt(p []byte, off int64) (int, error) { return w.r.ReadAt(p, off) }

// View shows bytes where they lie, if the file's reader can: at most n at off,
// and how many it did. None of a page that was read before: such a page is
// compared, and what is compared and hashed must be one reading of it, in
// memory that nobody else can write to.
func (w *Witness) View(off, n int64, f func([]byte) error) (int64, error) {
	v, ok := w.r.(interface {
		View(off, n int64, f func([]byte) error) (int64, error)
	})
	if !ok {
		return 0, nil
	}
	if n = w.g.unseen(off, n); n == 0 {
		return 0, nil
	}
	return v.View(off, n, f)
}

// compare compares a page with what was read of it before, if anything was.
func (w *Witness) compare(at int64, page []byte) error {
	if old, ok := w.g.seen(at / w.g.page); ok && old != sha256.Sum256(page) {
		return fault.At(fault.Changed, at, "the source changed while it was read")
	}
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
	if err := w.compare(w.off-int64(len(w.page)), w.page); err != nil {
		return nil, err
	}
	return append(w.wrong, w.members...), nil
}
