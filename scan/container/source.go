package container

import (
	"context"
	"io"

	"depickle/scan/fault"
	"depickle/scan/internal/spool"
	"depickle/scan/limit"
)

// Space says which bytes an Extent lies in.
type Space uint8

// The spaces.
const (
	InFile  Space = iota // the source itself
	InSpool              // bytes that were decompressed or transcoded
)

// Extent is a range of bytes.
type Extent struct {
	Space Space
	Off   int64
	Len   int64
}

// Options for Open. The zero value is the strict, safe setting.
type Options struct {
	Limits limit.Limits
	// Codecs unpack compressed files, beside those that are always there.
	Codecs []Codec
	// TempDir is where the spool is made; "" for the system's folder.
	TempDir string
}

// Stream is one pickle of a file.
type Stream struct {
	Index  int
	Member string // member of an archive that holds it
	Role   Role
	Extent Extent // Len reaches to the end of the data where Err is not nil
	Err    error  // why the pickle's end was not found
	// Room is how many bytes follow the pickle's end, which a frame may claim.
	Room int64
	// Looked is how many bytes were decoded when a limit, Err, was reached.
	// Nobody decodes more of the stream.
	Looked int64
	// Fetched are the memo slots that the pickle fetches, as far as it
	// decodes; nil for none. Nobody keeps the others.
	Fetched *Slots
	// Joblib says that the pickle names joblib's module: arrays may stand raw
	// inside of it, so that its end and what it fetches are those of a reader
	// that does not know. Nothing behind it was looked at.
	Joblib bool
	// Any says that any memo slot may be fetched, whatever Fetched has.
	Any bool
}

// Whole is a Joblib stream as joblib reads it: up to the end of the bytes that
// hold it, with arrays to be skipped on the way, and any slot fetched.
func (st Stream) Whole() Stream {
	st.Extent.Len, st.Room, st.Err, st.Any = st.Extent.Len+st.Room, 0, nil, true
	return st
}

// Role says what a stream is to its format.
type Role uint8

// The roles.
const (
	Object   Role = iota // the pickled object
	Magic                // legacy torch: the magic number
	Protocol             // legacy torch: the protocol version
	SysInfo              // legacy torch: type sizes
	Keys                 // legacy torch: the order of the storages
	Extra                // a pickle beside the object; judged, never loaded
	Guess                // bytes of another format, in case that they are a pickle too
)

// Oddity is something about a container that a judge must know.
type Oddity struct {
	ID     string // such as "zip-duplicate"
	Member string
	Offset int64
	Text   string
}

// Source is an opened file. Its fields are for reading. Its readers may be
// shared; what inflates or transcodes may not be called at the same time.
// Close frees its spool.
type Source struct {
	Format  Format
	Note    string // what the file is, when it is no checkpoint
	Streams []Stream
	Members []Member
	// Parts are the files inside of this one that may hold a pickle. See Open.
	Parts    []Part
	Oddities []Oddity
	// BigEndian is set by a zip's member "byteorder".
	BigEndian bool
	// Unaccounted lists ranges of the file that nothing explains.
	Unaccounted []Extent
	// DataStart is where a legacy file's storages begin.
	DataStart int64

	raw    io.ReaderAt // the reader as it was given
	guard  *guard      // the same, remembering what it showed
	base   Extent      // where the file stands, for a checkpoint inside another
	limits limit.Limits
	codecs []Codec
	spool  *spool.Spool
	watch  *watch
	nested int
	byName map[string]int // members, lower case
	prefix string         // of the first member, lower case
	spans  map[int]Extent // members inflated so far
	// otherEnd is where an end record stands before a zip's last one; 0 for none.
	otherEnd int64
	odds     map[string]int // oddities by ID
	declared []bool         // which members a pickle declared as storages
	swept    bool           // the others were looked at
	// opcodes and inflated count what the pickles of the file and of those
	// inside it cost so far, against Limits.Opcodes and Limits.Pickles.
	opcodes, inflated *int64
	stored            int64 // bytes of stored pickles that were read

	decoded map[transcoding]Extent
}

// maxOdd is how many oddities of one kind are kept.
const maxOdd = 100

// maxSize is the largest file: 256 TiB. No sum of offsets in it overflows, and
// a length takes six bytes (package machine).
const maxSize = 1<<48 - 1

// Open finds out what r, of that many bytes, is. An error means that it could
// not be read at all; a file that is broken or no checkpoint is a Source that
// says so.
func Open(r io.ReaderAt, size int64, o Options) (*Source, error) {
	return OpenContext(context.Background(), r, size, o)
}

// OpenContext is Open, which ends with the context's error once that is done:
// a pickle may take its time to be inflated and searched for its end. The
// context counts for the opening alone.
func OpenContext(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Source, error) {
	if size < 0 || size > maxSize {
		return nil, fault.New(fault.Unsupported, "a file of %d bytes", size)
	}
	l := o.Limits.For(size)
	s := &Source{raw: r, guard: newGuard(r, size), base: Extent{Len: size}, limits: l, codecs: o.Codecs, spool: spool.New(o.TempDir, l.Spool), watch: &watch{ctx: context.Background()},
		opcodes: new(int64), inflated: new(int64)}
	defer s.Watch(ctx)()
	if err := s.open(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Nested opens a checkpoint that lies inside this one. It shares the spool and
// is closed with it.
func (s *Source) Nested(e Extent) (*Source, error) { return s.nest(e, &Part{}) }

// nest is Nested for a part, which may have to be read as a zip archive.
func (s *Source) nest(e Extent, p *Part) (*Source, error) {
	if s.nested+1 > s.limits.Nested {
		return nil, limit.Nested.Exceeded(int64(s.limits.Nested), e.Off)
	}
	n := &Source{raw: s.raw, guard: s.guard, base: e, limits: s.limits, codecs: s.codecs, spool: s.spool, watch: s.watch, nested: s.nested + 1,
		opcodes: s.opcodes, inflated: s.inflated}
	switch {
	case p.directory != nil:
		return n, n.openAs(*p.directory)
	case p.zip:
		return n, n.openZip()
	}
	return n, n.open()
}

// Size is the bytes of the file.
func (s *Source) Size() int64 { return s.base.Len }

// Limits are the bounds that hold for this file.
func (s *Source) Limits() limit.Limits { return s.limits }

// Close frees what the Source holds besides its reader.
func (s *Source) Close() error { return s.spool.Close() }

// Reader returns the bytes that an extent's offsets count in.
func (s *Source) Reader(space Space) io.ReaderAt {
	if space == InSpool {
		return watched{s.spool, s.watch}
	}
	return watched{s.guard, s.watch}
}

// Bulk is Reader for elements: what it reads of the file is not remembered.
func (s *Source) Bulk(space Space) io.ReaderAt {
	if space == InSpool {
		return s.spool
	}
	return s.raw
}

// Section returns the bytes of an extent.
func (s *Source) Section(e Extent) *io.SectionReader {
	return io.NewSectionReader(s.Reader(e.Space), e.Off, e.Len)
}

// File is the extent of the whole file.
func (s *Source) File() Extent { return s.base }

// Spool keeps the bytes of r, at most that many, and returns where.
func (s *Source) Spool(r io.Reader, most int64) (Extent, error) {
	off, n, err := s.spool.Add(r, most)
	return Extent{Space: InSpool, Off: off, Len: n}, err
}

// Decompressed is the bytes that the source stands for: the file, with what
// was inflated from it so far. What members declare does not count: a bound on
// the output rests on this.
func (s *Source) Decompressed() int64 {
	n := s.base.Len
	for _, e := range s.spans {
		n += e.Len // bounded by Limits.Spool in all
	}
	return n
}

// at reads len(p) bytes at off of this file.
func (s *Source) at(p []byte, off int64) error {
	if off < 0 || off > s.base.Len-int64(len(p)) {
		return fault.At(fault.Malformed, off, "reaches past the end of the file")
	}
	if n, err := s.Reader(s.base.Space).ReadAt(p, s.base.Off+off); n < len(p) {
		if err == io.EOF || err == nil {
			return fault.At(fault.Changed, off, "the file became shorter while it was read")
		}
		return err
	}
	return nil
}

// sub is a range of this file as an extent of its space.
func (s *Source) sub(off, n int64) Extent {
	return Extent{Space: s.base.Space, Off: s.base.Off + off, Len: n}
}

func (s *Source) odd(id, member string, off int64, text string) {
	// A hostile directory could make millions of one kind, and must not hide
	// another kind behind them.
	if s.odds == nil {
		s.odds = map[string]int{}
	}
	if s.odds[id]++; s.odds[id] <= maxOdd {
		s.Oddities = append(s.Oddities, Oddity{ID: id, Member: member, Offset: off, Text: text})
	}
}
