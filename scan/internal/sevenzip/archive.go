package sevenzip

import (
	"encoding/binary"
	"hash/crc32"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Magic is how an archive begins.
const Magic = "7z\xbc\xaf\x27\x1c"

// signatureSize is what stands in front of everything else: the magic, the
// version, and where the header is.
const signatureSize = 32

// maxHeaders is how often a header may be packed in another one. Programs
// write one, and 7-Zip reads any number.
const maxHeaders = 4

// Options bound what an archive may cost.
type Options struct {
	Members int   // the most members, and the most of anything else that is counted
	Names   int64 // the most bytes that the members' names take
	Header  int64 // the largest header, unpacked
	// Unpack gives what a folder holds, for headers that are packed; with an
	// error, what could be unpacked, or nil.
	Unpack func(*Folder) (*io.SectionReader, error)
}

// Range is a range of the archive's bytes.
type Range struct{ Off, Len int64 }

// Archive is what a header says.
type Archive struct {
	Folders []Folder
	Members []Member
	// Claimed are the ranges that something in the archive explains.
	Claimed []Range
}

// Member is a file in an archive.
type Member struct {
	Name   string
	Folder int   // that it stands in, -1 for none: then it is empty, or a directory
	Off    int64 // where it begins in what the folder holds
	Size   int64
	CRC    Digest
	// Special says that unpacking makes or deletes something that is no file:
	// "a link or device", "an anti-item"; "" for others.
	Special string
}

// Digest is a CRC-32, if it is known.
type Digest struct {
	Sum   uint32
	Known bool
}

// opening is an archive that is being read.
type opening struct {
	Archive
	r     *io.SectionReader
	o     Options
	noted error // the first thing that is wrong and does not keep from going on
}

// Open reads the headers of an archive. Where they are damaged, the archive
// has what was read, and the error says why it is not all.
func Open(r *io.SectionReader, o Options) (*Archive, error) {
	a := &opening{r: r, o: o}
	err := a.open()
	if a.noted != nil && (err == nil || fault.Of(err) != nil) {
		err = a.noted // which came first
	}
	return &a.Archive, err
}

func (a *opening) note(err error) {
	if a.noted == nil {
		a.noted = err
	}
}

func (a *opening) open() error {
	var b [signatureSize]byte
	if a.r.Size() < signatureSize {
		return fault.At(fault.Malformed, a.r.Size(), "the archive is cut off in front of its header")
	}
	if _, err := a.r.ReadAt(b[:], 0); err != nil {
		return err
	}
	a.Claimed = append(a.Claimed, Range{0, signatureSize})
	if crc32.ChecksumIEEE(b[12:]) != binary.LittleEndian.Uint32(b[8:]) {
		a.note(fault.At(fault.Malformed, 8, "the CRC of where the header is is wrong"))
	}
	if b[6] != 0 {
		a.note(fault.At(fault.Unsupported, 6, "version %d of the format, which this version does not read", b[6]))
	}
	off, n := binary.LittleEndian.Uint64(b[12:]), binary.LittleEndian.Uint64(b[20:])
	behind := uint64(a.r.Size() - signatureSize)
	switch {
	case off > behind || n > behind-off:
		return fault.At(fault.Malformed, a.r.Size(), "the header lies behind the end of the file; the archive is cut off, or the first of several volumes")
	case n == 0:
		return nil // an archive of nothing
	case int64(n) > a.o.Header:
		return limit.Directory.Exceeded(a.o.Header, signatureSize+int64(off))
	}
	header := Range{signatureSize + int64(off), int64(n)}
	a.Claimed = append(a.Claimed, header)
	return a.headers(io.NewSectionReader(a.r, header.Off, header.Len), header.Off, Digest{binary.LittleEndian.Uint32(b[28:]), true})
}

// headers reads a header, which may be what packs another one. at is where it
// stands in the file, or where what it was unpacked from does.
func (a *opening) headers(r *io.SectionReader, at int64, sum Digest) error {
	for range maxHeaders {
		if err := a.check(r, at, sum); err != nil {
			return err
		}
		p := newParser(r, at, a)
		switch id := p.number(); {
		case p.err != nil:
			return p.err
		case id == idHeader:
			a.header(p)
			return p.err
		case id != idEncodedHeader:
			return fault.At(fault.Malformed, at, "a header that begins with %d, which is none", id)
		}
		f, err := a.encoded(p)
		if err != nil || f == nil {
			return err
		}
		if r, err = a.o.Unpack(f); r == nil {
			return err
		} else if err != nil {
			a.note(err) // it is read as far as it goes
		}
		at, sum = f.Packed.Off, f.CRC
	}
	return limit.Exceeded("headers inside one another", maxHeaders, at)
}

// check compares a header with its CRC. Programs refuse the archive where it is
// wrong, but somebody's may not.
func (a *opening) check(r *io.SectionReader, at int64, sum Digest) error {
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, r.Size())); err != nil {
		return err
	}
	if sum.Known && h.Sum32() != sum.Sum {
		a.note(fault.At(fault.Malformed, at, "the CRC of the header is wrong"))
	}
	return nil
}

// encoded finds the folder that a header is packed in, nil for none.
func (a *opening) encoded(p *parser) (*Folder, error) {
	s := p.streams()
	p.end()
	switch {
	case p.err != nil:
		return nil, p.err
	case len(s.folders) == 0:
		return nil, nil // as 7-Zip takes it
	case len(s.folders) > 1:
		return nil, fault.At(fault.Malformed, p.at, "a header in %d folders", len(s.folders))
	}
	f := &s.folders[0].Folder
	switch {
	case f.Err != nil && f.encrypted:
		return nil, fault.At(fault.Unsupported, p.at, "its header is encrypted, and with it the names of its members")
	case f.Err != nil:
		return nil, f.Err
	case f.Size > a.o.Header:
		return nil, limit.Directory.Exceeded(a.o.Header, p.at)
	}
	a.Claimed = append(a.Claimed, f.Packed)
	return f, nil
}

// header reads the header that lists the members.
func (a *opening) header(p *parser) {
	id := p.number()
	if id == idArchiveProperties {
		for p.number() != idEnd && p.err == nil {
			p.skip(p.number())
		}
		id = p.number()
	}
	if id == idAdditionalStreamsInfo {
		p.fail(fault.Unsupported, "its header has streams outside of it, which no known program writes")
		return
	}
	var s streams
	if id == idMainStreamsInfo {
		s = p.streams()
		id = p.number()
	}
	a.keep(s)
	var files []file
	if id == idFilesInfo {
		files = p.files()
		id = p.number()
	}
	if p.err == nil && id != idEnd {
		p.fail(fault.Malformed, "the header goes on with %d where it should end", id)
	}
	p.end()
	a.pair(s, files)
	if p.err == nil && len(a.Members) != len(files) {
		p.fail(fault.Malformed, "the archive has %d members, and other streams for them", len(files))
	}
}
