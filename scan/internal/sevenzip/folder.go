package sevenzip

import (
	"slices"

	"depickle/scan/fault"
)

const (
	// maxCoders is how many coders a folder may have: as many as 7-Zip reads.
	maxCoders = 32
	// maxChain is how many of them are kept. Programs write two or three.
	maxChain = 4
	// maxProperties is the most bytes that a coder's properties may have. Those
	// of AES have 34, and those of coders that are read five.
	maxProperties = 40
)

// Folder is a stream of packed bytes, which holds members one behind the
// other.
type Folder struct {
	// Coders unpack it, one after the other.
	Coders []Coder
	Packed Range
	Size   int64 // unpacked, as it says
	CRC    Digest
	// Err says why the folder cannot be unpacked; nil if it can.
	Err *fault.Error

	encrypted bool
}

// Coder is a step of unpacking.
type Coder struct {
	ID         uint64
	Properties []byte
	Size       int64 // of what it gives, as it says
}

// shape is what reading a folder leaves for those who read on.
type shape struct {
	Folder
	packs int   // packed streams that it is made of
	outs  int   // sizes that follow for it
	main  int   // which of them is that of the folder
	order []int // which of them is that of each of Coders
}

// wiring is how the coders of a folder feed each other.
type wiring struct {
	ins, outs int
	from      map[int]int // which output an input takes
	simple    bool        // each coder has one of both
}

// folder reads what a folder is packed with.
func (p *parser) folder() (s shape) {
	n := p.number()
	if n < 1 || n > maxCoders {
		p.fail(fault.Malformed, "a folder of %d coders", n)
	}
	w := wiring{simple: true}
	var coders []Coder
	for i := int64(0); i < n && p.err == nil; i++ {
		c, ins, outs := p.coder()
		coders = append(coders, c)
		w.ins, w.outs = w.ins+ins, w.outs+outs
		w.simple = w.simple && ins == 1 && outs == 1
	}
	s.packs = p.bind(&w)
	if p.err != nil {
		return s
	}
	s.outs = w.outs
	s.main = w.unbound()
	p.settle(&s, coders, &w)
	return s
}

// settle keeps the coders in the order in which they unpack, or says why they
// are not read.
func (p *parser) settle(s *shape, coders []Coder, w *wiring) {
	order := w.chain()
	s.encrypted = slices.ContainsFunc(coders, func(c Coder) bool { return encrypts(c.ID) })
	switch {
	case s.encrypted:
		s.Err = fault.At(fault.Unsupported, p.at, "the member is encrypted")
	case !w.simple:
		s.Err = fault.At(fault.Unsupported, p.at, "the member is packed with %s, which this version does not read", branches(coders))
	case len(order) != len(coders):
		s.Err = fault.At(fault.Malformed, p.at, "the coders of the member are no chain")
	case len(coders) > maxChain:
		s.Err = fault.At(fault.Unsupported, p.at, "the member is packed with %d coders, more than %d", len(coders), maxChain)
	default:
		s.order = order
		for _, i := range order {
			s.Coders = append(s.Coders, coders[i])
		}
	}
}

// coder reads one coder, and how many inputs and outputs it has.
func (p *parser) coder() (c Coder, ins, outs int) {
	flags := p.byte()
	if flags&0xc0 != 0 || flags&0x0f > 8 {
		p.fail(fault.Unsupported, "a coder of another form (%#x) than is known", flags)
	}
	for range flags & 0x0f {
		c.ID = c.ID<<8 | uint64(p.byte())
	}
	ins, outs = 1, 1
	if flags&0x10 != 0 {
		ins, outs = p.few(), p.few()
	}
	if flags&0x20 != 0 {
		n := p.number()
		if n > maxProperties {
			p.fail(fault.Malformed, "a coder with %d bytes of properties", n)
			return c, ins, outs
		}
		c.Properties = make([]byte, n)
		p.bytes(c.Properties)
	}
	return c, ins, outs
}

// few reads how many inputs or outputs a coder has.
func (p *parser) few() int {
	n := p.number()
	if n < 1 || n > maxCoders {
		p.fail(fault.Malformed, "a coder of %d streams", n)
		return 1
	}
	return int(n)
}

// bind reads which output feeds which input, and counts the packed streams,
// which feed the others.
func (p *parser) bind(w *wiring) (packs int) {
	if w.outs > 1 {
		w.from = map[int]int{}
	}
	for i := 1; i < w.outs && p.err == nil; i++ {
		in, out := p.number(), p.number()
		if in >= int64(w.ins) || out >= int64(w.outs) {
			p.fail(fault.Malformed, "a coder takes a stream that there is none of")
		}
		w.from[int(in)] = int(out)
	}
	packs = w.ins - (w.outs - 1)
	if packs < 1 || len(w.from) != w.outs-1 {
		p.fail(fault.Malformed, "the coders of a folder take each other's streams, or one twice")
	}
	for i := 0; packs > 1 && i < packs && p.err == nil; i++ {
		p.number() // which input takes which; only chains are read, which have one
	}
	return packs
}

// unbound is the output that no coder takes, which is the folder's.
func (w *wiring) unbound() int {
	taken := map[int]bool{}
	for _, out := range w.from {
		taken[out] = true
	}
	for i := range w.outs {
		if !taken[i] {
			return i
		}
	}
	return 0
}

// chain is the order in which simple coders unpack: the first takes the packed
// stream, and each other what the one before it gives.
func (w *wiring) chain() (order []int) {
	if !w.simple {
		return nil
	}
	at := w.unbound()
	for range w.outs {
		order = append([]int{at}, order...)
		from, ok := w.from[at]
		if !ok {
			break
		}
		at = from
	}
	return order
}
