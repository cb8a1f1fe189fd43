package container

import (
	"bufio"
	"hash/crc32"
	"io"

	"depickle/scan/fault"
	"depickle/scan/internal/sevenzip"
	"depickle/scan/limit"
)

// Packed is what a 7z archive says of what a coder is to unpack.
type Packed struct {
	Properties []byte
	Size       int64 // of what it gives: a claim
	// Window is the most of it that may ever be needed: less than Size where
	// fewer bytes come of those that there are, or may come.
	Window int64
}

// maxExpansion is the most that a byte can stand for in any coder: LZMA codes
// a match of 273 bytes in 14 binary decisions, each of which takes 0.022 bits
// at the least, which makes 7093. A window that is larger than so many times
// the packed bytes is a claim, and never filled.
const maxExpansion = 8192

// unfold unpacks a folder: one coder after the other, each through the spool,
// so that the window of one alone is held. With an error it gives what could
// be unpacked.
func (s *Source) unfold(f *sevenzip.Folder) (Extent, error) {
	if f.Err != nil {
		return Extent{}, f.Err
	}
	for i := range f.Coders {
		if id := f.Coders[i].ID; s.coder(id) == nil {
			return Extent{}, fault.At(fault.Unsupported, f.Packed.Off, "the member is packed with %s, which this version does not read", sevenzip.Method(id))
		}
	}
	e, first := s.sub(f.Packed.Off, f.Packed.Len), error(nil)
	for i := range f.Coders {
		var err error
		e, err = s.decode(&f.Coders[i], e)
		if err != nil && (unreadable(err) || e.Len == 0) {
			return Extent{}, err
		}
		if first == nil {
			first = err
		}
	}
	return e, first
}

// copyCoder is the coder that leaves bytes as they are, so that nothing needs to be
// spooled.
const copyCoder = 0

// coder finds the codec for a coder of 7z's.
func (s *Source) coder(id uint64) *Codec {
	if id == copyCoder {
		return &Codec{}
	}
	return s.codecThat(func(c *Codec) bool { return c.Coder == id })
}

func (s *Source) decode(c *sevenzip.Coder, in Extent) (Extent, error) {
	if c.ID == copyCoder {
		return s.copied(in, c.Size)
	}
	codec := s.coder(c.ID)
	if in.Len == 0 && c.Size > 0 {
		return in, fault.At(fault.Malformed, in.Off, "the packed stream is empty")
	}
	if err := s.spend(codec.setup, in.Off); err != nil {
		return Extent{}, err
	}
	open := codec.Open
	if codec.OpenPacked != nil {
		open = func(r *bufio.Reader) (io.Reader, error) {
			window := min(c.Size, s.room())
			if window/maxExpansion > in.Len {
				window = in.Len * maxExpansion
			}
			return codec.OpenPacked(r, Packed{c.Properties, c.Size, window})
		}
	}
	return s.through(codec.Name, in, open, c.Size)
}

// copied is what of an extent a coder takes that copies.
func (s *Source) copied(in Extent, size int64) (Extent, error) {
	if in.Len < size {
		return in, fault.At(fault.Malformed, in.Off, "the archive declares %d bytes and holds %d", size, in.Len)
	}
	out := in
	out.Len = size
	if in.Len > size {
		s.Unaccounted = append(s.Unaccounted, Extent{Space: in.Space, Off: in.Off + size, Len: in.Len - size})
	}
	return out, nil
}

// asMember is how many opcodes it counts for to look for a member that takes
// few bytes of an unpacked header.
const asMember = 64

// spend counts work that is none of opcodes as if it were.
func (s *Source) spend(opcodes, off int64) error {
	if *s.opcodes += opcodes; *s.opcodes > s.limits.Opcodes {
		return limit.Opcodes.Exceeded(s.limits.Opcodes, off)
	}
	return nil
}

// crc is the CRC-32 of an extent.
func (s *Source) crc(e Extent) (uint32, error) {
	sum := crc32.NewIEEE()
	_, err := io.Copy(sum, &cancelled{s.watch.context(), s.Section(e)})
	return sum.Sum32(), err
}
