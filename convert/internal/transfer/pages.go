package transfer

import (
	"io"
	"math/bits"
	"slices"

	"depickle/scan/fault"
)

// The smallest and the largest page, in bytes; all are powers of two, so that
// elements do not straddle them.
const (
	pageLeast = 64
	pageMost  = 64 << 10
	// arenaShift is how pages are allocated: many at once, 1<<18 bytes.
	arenaShift = 18
	// smallIndex is the largest index, in pages, that is used again.
	smallIndex = 4096
)

// pages keeps the parts of a range that were read last. With pages of
// pageLeast the index is as large as the pages themselves.
type pages struct {
	r       *io.SectionReader
	size    int64           // of the range
	shift   uint            // a page has 1<<shift bytes
	pitch   int64           // from page to page in memory
	most    int             // slots
	index   map[int64]int32 // page number → slot
	numbers []int64         // by slot
	arena   [][]byte
	next    int // the slot that is replaced next: the oldest one
	current int64
	held    []byte // the page current

	// hints has the slot that each element of a pass over the inner
	// dimensions was found in: most often the next pass finds it there again.
	hints []int32
	pass  int
}

// newPages keeps at most budget bytes of src. A pass is the number of elements
// after which the same pages are wanted again.
func newPages(src Source, size, budget int64, pass int) *pages {
	p := new(pages)
	p.open(src, size, budget, pass)
	return p
}

// open begins anew with what newPages takes, in the memory that is there.
func (p *pages) open(src Source, size, budget int64, pass int) {
	p.r, p.size = io.NewSectionReader(src.R, src.Off, src.Len), src.Len
	p.shift = uint(bits.TrailingZeros64(uint64(size)))
	p.pitch = pitch(size)
	p.most = int(budget / p.pitch)
	if len(p.index) > smallIndex {
		// To clear it would cost as much for each of many small tensors.
		p.index = nil
	}
	if p.index == nil {
		p.index = make(map[int64]int32)
	}
	clear(p.index)
	p.numbers, p.arena, p.next = p.numbers[:0], p.arena[:0], 0
	p.hints = slices.Grow(p.hints[:0], pass)[:pass]
	clear(p.hints)
	p.pass, p.current, p.held = 0, -1, nil
}

// pitch is what a page takes in memory. Without the gap the columns of a matrix
// would meet in the same lines of the processor's cache.
func pitch(size int64) int64 {
	if size < 1024 {
		return size
	}
	return size + 64
}

// element returns the n bytes at off, until the next call.
func (p *pages) element(off int64, n int) ([]byte, error) {
	held, err := p.from(off, n)
	if err != nil {
		return nil, err
	}
	p.advance(1)
	return held[:n], nil
}

// from returns what is held from off on: at least n bytes, up to the end of the
// page, until the next call.
func (p *pages) from(off int64, n int) ([]byte, error) {
	if off < 0 || off > p.size-int64(n) {
		return nil, fault.At(fault.Malformed, off, "element reaches outside of its storage")
	}
	if number := off >> p.shift; number != p.current {
		if err := p.turnTo(number); err != nil {
			return nil, err
		}
	}
	return p.held[off&(1<<p.shift-1):], nil
}

// advance counts n elements of a pass.
func (p *pages) advance(n int) {
	if p.pass += n; p.pass >= len(p.hints) {
		p.pass %= len(p.hints)
	}
}

// turnTo makes a page the current one.
func (p *pages) turnTo(number int64) error {
	slot := p.hints[p.pass]
	if int(slot) >= len(p.numbers) || p.numbers[slot] != number {
		var ok bool
		if slot, ok = p.index[number]; !ok {
			var err error
			if slot, err = p.load(number); err != nil {
				// The slot of the current page may be the one that was lost.
				p.current = -1
				return err
			}
		}
		p.hints[p.pass] = slot
	}
	p.current, p.held = number, p.data(slot, number)
	return nil
}

// data is a slot's part of the arena, shorter for the last page of a range.
func (p *pages) data(slot int32, number int64) []byte {
	// The parts have as many slots as pages of 1<<shift bytes would fill.
	each := uint(arenaShift) - p.shift
	at := int64(slot) & (1<<each - 1) * p.pitch
	return p.arena[slot>>each][at : at+min(1<<p.shift, p.size-number<<p.shift)]
}

// load reads a page into a new slot, or that of the oldest page.
func (p *pages) load(number int64) (int32, error) {
	slot := p.next
	if len(p.numbers) < p.most {
		slot = len(p.numbers)
		if slot&(1<<(arenaShift-p.shift)-1) == 0 {
			p.allocate()
		}
		p.numbers = append(p.numbers, -1)
	} else {
		p.next = (p.next + 1) % len(p.numbers)
		delete(p.index, p.numbers[slot])
		p.numbers[slot] = -1
	}
	data := p.data(int32(slot), number)
	start := number << p.shift
	if n, err := p.r.ReadAt(data, start); n < len(data) {
		if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
			err = fault.At(fault.Changed, start, "data ends after %d of %d bytes", n, len(data))
		}
		return 0, err
	}
	p.numbers[slot] = number
	p.index[number] = int32(slot)
	return int32(slot), nil
}

// allocate adds a part to the arena: one of an earlier tensor, if it is large
// enough.
func (p *pages) allocate() {
	n, k := p.arenaSize(), len(p.arena)
	if k < cap(p.arena) {
		p.arena = p.arena[:k+1]
		if int64(cap(p.arena[k])) >= n {
			p.arena[k] = p.arena[k][:n]
			return
		}
		p.arena = p.arena[:k]
	}
	p.arena = append(p.arena, make([]byte, n))
}

// arenaSize is a part of the arena; a range with few pages needs no whole one.
func (p *pages) arenaSize() int64 {
	return min(1<<(arenaShift-p.shift), (p.size-1)>>p.shift+1) * p.pitch
}
