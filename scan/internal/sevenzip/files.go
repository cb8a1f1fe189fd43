package sevenzip

import (
	"fmt"
	"unicode/utf16"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// maxName is the longest name of a member, in UTF-16's units: the longest path
// that Windows takes.
const maxName = 1<<15 - 1

// What the attributes of a member say: those of Windows, and above them the
// mode of Unix, if a bit is set.
const (
	attributeReparse = 0x400
	attributeUnix    = 0x8000
	modeType         = 0xf000
	modeRegular      = 0x8000
	modeDirectory    = 0x4000
)

// file is what the header says of one member.
type file struct {
	name  string
	empty bool // no bytes: an empty file, a directory or an anti-item
	anti  bool
	attr  uint32
}

// files reads the properties of the members: one list of each.
func (p *parser) files() []file {
	files := make([]file, p.count())
	seen := map[int64]bool{}
	for p.err == nil {
		id := p.number()
		if id == idEnd || p.err != nil {
			break
		}
		if id <= idWinAttributes && seen[id] && id != 0 {
			p.fail(fault.Malformed, "the header has property %d of the members twice", id)
			break
		}
		seen[id] = true
		p.property(id, files)
	}
	return files
}

// property reads one list, which has to be as long as it says.
func (p *parser) property(id int64, files []file) {
	size := p.number()
	if p.err == nil && size > p.left {
		p.fail(fault.Malformed, "the header ends early")
	}
	behind := p.left - size
	switch id {
	case idEmptyStream:
		for i, is := range p.bits(len(files)) {
			files[i].empty = is
		}
	case idAnti:
		p.anti(files)
	case idNames:
		p.names(files)
	case idWinAttributes:
		p.attributes(files)
	default:
		p.skip(size)
	}
	if p.err == nil && p.left != behind {
		p.fail(fault.Malformed, "property %d of the members has another size than it says", id)
	}
}

// anti reads which of the empty members are to be deleted when the archive is
// unpacked.
func (p *parser) anti(files []file) {
	n := 0
	for i := range files {
		if files[i].empty {
			n++
		}
	}
	is := p.bits(n)
	for i := range files {
		if files[i].empty && len(is) > 0 {
			files[i].anti, is = is[0], is[1:]
		}
	}
}

// names reads a text for each member. Their bytes are counted in all: an
// unpacked header may repeat one of them for ever.
func (p *parser) names(files []file) {
	p.inside()
	room := p.a.o.Names
	var units []uint16
	for i := range files {
		units = units[:0]
		for {
			unit := uint16(p.byte()) | uint16(p.byte())<<8
			if p.err != nil || unit == 0 {
				break
			}
			if units = append(units, unit); len(units) > maxName {
				p.fail(fault.Malformed, "a name of a member that is longer than any system takes")
			}
		}
		if p.err != nil {
			return
		}
		files[i].name = string(utf16.Decode(units))
		if room -= int64(len(files[i].name)); room < 0 {
			p.err = limit.Kept.Exceeded(p.a.o.Names, p.at)
			return
		}
	}
}

func (p *parser) attributes(files []file) {
	known := p.defined(len(files))
	p.inside()
	for i, is := range known {
		if is {
			files[i].attr = p.uint32()
		}
	}
}

// special says what a member is that is no file or directory.
func (f *file) special() string {
	mode := f.attr >> 16 & modeType
	switch {
	case f.anti:
		return "an anti-item"
	case f.attr&attributeReparse != 0, f.attr&attributeUnix != 0 && mode != modeRegular && mode != modeDirectory && mode != 0:
		return "a link or device"
	}
	return ""
}

// keep takes over the folders, and claims their bytes if any member stands in
// them: what nobody reads is not explained.
func (a *opening) keep(s streams) {
	for i := range s.folders {
		a.Folders = append(a.Folders, s.folders[i].Folder)
	}
	last := -1
	for _, m := range s.subs {
		if m.Folder != last {
			last = m.Folder
			a.Claimed = append(a.Claimed, a.Folders[last].Packed)
		}
	}
}

// pair gives each member that is not empty the next substream. Where there is
// none the member is left out; substreams that are left over are members that
// have no name.
func (a *opening) pair(s streams, files []file) {
	subs := s.subs
	for i := range files {
		m := Member{Folder: -1}
		if f := &files[i]; !f.empty {
			if len(subs) == 0 {
				continue
			}
			m, subs = subs[0], subs[1:]
		}
		m.Name, m.Special = files[i].name, files[i].special()
		a.Members = append(a.Members, m)
	}
	for i, m := range subs {
		m.Name = fmt.Sprintf("stream %d", len(s.subs)-len(subs)+i)
		a.Members = append(a.Members, m)
	}
}
