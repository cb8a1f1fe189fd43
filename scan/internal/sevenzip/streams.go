package sevenzip

import (
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// streams are the packed streams of an archive, the folders that they are, and
// the substreams in those: one for each member that is not empty.
type streams struct {
	packs   []Range
	folders []shape
	subs    []Member // without names
}

func (p *parser) streams() (s streams) {
	id := p.number()
	if id == idPackInfo {
		s.packs = p.packInfo()
		id = p.number()
	}
	if id == idUnPackInfo {
		p.unpackInfo(&s)
		id = p.number()
	}
	counts := make([]int, len(s.folders))
	for i := range counts {
		counts[i] = 1
	}
	if id == idSubStreamsInfo {
		p.subStreams(&s, counts)
		id = p.number()
	} else {
		p.split(&s, counts, false)
		p.sums(&s, counts, nil)
	}
	if p.err == nil && id != idEnd {
		p.fail(fault.Malformed, "the header has %d where the streams should end", id)
	}
	return s
}

// packInfo reads where the packed streams lie: one behind the other.
func (p *parser) packInfo() (packs []Range) {
	at, n := p.number(), p.count()
	at, ok := limit.Add(at, signatureSize)
	if !ok {
		p.fail(fault.Malformed, "the packed streams lie outside of the file")
	}
	id := p.number()
	if id == idSize {
		for i := 0; i < n && p.err == nil; i++ {
			size := p.number()
			packs = append(packs, p.a.clipped(at, size, p.at))
			if at, ok = limit.Add(at, size); !ok {
				p.fail(fault.Malformed, "the packed streams lie outside of the file")
			}
		}
		id = p.number()
	}
	if id == idCRC {
		p.digests(n)
		id = p.number()
	}
	if p.err == nil && (id != idEnd || len(packs) != n) {
		p.fail(fault.Malformed, "the header has %d where the packed streams should end", id)
	}
	return packs
}

// clipped is what of a range lies in the file.
func (a *opening) clipped(off, n, at int64) Range {
	off = min(off, a.r.Size())
	in := min(n, a.r.Size()-off)
	if in < n {
		a.note(fault.At(fault.Malformed, at, "a packed stream reaches past the end of the file"))
	}
	return Range{off, in}
}

// unpackInfo reads the folders, and gives each its packed streams.
func (p *parser) unpackInfo(s *streams) {
	p.expect(idFolder)
	n := p.count()
	p.inside()
	for range n {
		f := p.folder()
		if p.err != nil {
			break
		}
		s.folders = append(s.folders, f)
	}
	p.expect(idCodersUnPackSize)
	for i := range s.folders {
		p.sizes(&s.folders[i])
	}
	id := p.number()
	if id == idCRC {
		for i, sum := range p.digests(len(s.folders)) {
			s.folders[i].CRC = sum
		}
		id = p.number()
	}
	if p.err == nil && id != idEnd {
		p.fail(fault.Malformed, "the header has %d where the folders should end", id)
	}
	p.allot(s)
}

// sizes reads what each coder of a folder gives.
func (p *parser) sizes(f *shape) {
	for out := 0; out < f.outs && p.err == nil; out++ {
		size := p.number()
		if out == f.main {
			f.Size = size
		}
		for i := range f.Coders {
			if f.order[i] == out {
				f.Coders[i].Size = size
			}
		}
	}
}

// allot gives each folder the packed streams that it is made of.
func (p *parser) allot(s *streams) {
	at := 0
	for i := range s.folders {
		f := &s.folders[i]
		if f.packs > len(s.packs)-at {
			if f.Err == nil {
				f.Err = fault.At(fault.Malformed, p.at, "the member's packed stream is missing")
			}
			continue
		}
		first, last := s.packs[at], s.packs[at+f.packs-1]
		f.Packed = Range{first.Off, last.Off - first.Off + last.Len}
		if f.Err != nil {
			f.Err.Offset = first.Off
		}
		at += f.packs
	}
}

// subStreams reads how the folders are divided among the members.
func (p *parser) subStreams(s *streams, counts []int) {
	id := p.number()
	if id == idNumUnPackStream {
		left := p.a.o.Members
		for i := range counts {
			if counts[i] = p.count(); counts[i] > left && p.err == nil {
				p.err = limit.Members.Exceeded(int64(p.a.o.Members), p.at)
			}
			left -= counts[i]
		}
		id = p.number()
	}
	if p.err != nil {
		return
	}
	p.split(s, counts, id == idSize)
	if id == idSize {
		id = p.number()
	}
	if id == idCRC {
		p.sums(s, counts, p.digests(unknown(s, counts)))
		id = p.number()
	} else {
		p.sums(s, counts, nil)
	}
	if p.err == nil && id != idEnd {
		p.fail(fault.Malformed, "the header has %d where the substreams should end", id)
	}
}

// split makes the substreams. All sizes but the last of a folder are written,
// if any are.
func (p *parser) split(s *streams, counts []int, sizes bool) {
	for i := range s.folders {
		rest, off := s.folders[i].Size, int64(0)
		for k := range counts[i] {
			size := rest
			if k < counts[i]-1 {
				if !sizes {
					p.fail(fault.Malformed, "the header has no sizes of the members")
				}
				size = p.number()
			}
			if size > rest {
				p.fail(fault.Malformed, "the members of a folder have more bytes than it")
			}
			if p.err != nil {
				return
			}
			s.subs = append(s.subs, Member{Folder: i, Off: off, Size: size})
			rest, off = rest-size, off+size
		}
	}
}

// whole reports whether a folder is one member, whose CRC is the folder's.
func (s *streams) whole(folder, count int) bool { return count == 1 && s.folders[folder].CRC.Known }

// unknown counts the substreams whose CRC is not their folder's.
func unknown(s *streams, counts []int) (n int) {
	for i, count := range counts {
		if !s.whole(i, count) {
			n += count
		}
	}
	return n
}

// sums gives the substreams their CRCs.
func (p *parser) sums(s *streams, counts []int, sums []Digest) {
	for i := range s.subs {
		switch m := &s.subs[i]; {
		case s.whole(m.Folder, counts[m.Folder]):
			m.CRC = s.folders[m.Folder].CRC
		case len(sums) > 0:
			m.CRC, sums = sums[0], sums[1:]
		}
	}
}
