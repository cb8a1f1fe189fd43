package container

import (
	"encoding/binary"
	"fmt"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Disagreement is the error of a storage that is not what the pickle declares.
// A damaged file may lack a storage; one that lies about it is made to corrupt
// its loader.
type Disagreement struct{ cause *fault.Error }

// Unwrap gives the fault.
func (d *Disagreement) Unwrap() error { return d.cause }

// Error is the fault's text.
func (d *Disagreement) Error() string { return d.cause.Error() }

func disagree(off int64, format string, args ...any) error {
	return &Disagreement{fault.At(fault.Malformed, off, format, args...)}
}

// Declared is what a pickle says of one storage.
type Declared struct {
	Key      string
	Class    string // the storage class, such as "torch.FloatStorage"
	ElemSize int64
	Numel    int64 // in elements; bytes for untyped storages
}

// Storages calculates where the storages of a torch file lie. Judge and
// loader each feed it what they find in the pickles, so that both arrive at
// the same extents.
type Storages struct {
	s      *Source
	dir    string // where a zip keeps the storages of this stream
	order  []string
	decl   map[string]*place
	placed int
}

// place is a storage that was declared, and where it stands.
type place struct {
	Declared
	member *Member // of a zip
	extent Extent
	placed bool // extent is known
}

// maxKey is the longest key of a storage, in bytes: torch writes numbers.
const maxKey = 1024

// NewStorages makes the calculator for a stream of a torch file. A zip keeps
// the storages of NAME.pkl in NAME/; of a legacy file all streams share one.
func (s *Source) NewStorages(st Stream) *Storages {
	dir := "data/"
	if stem, ok := strings.CutSuffix(s.below(st.Member), ".pkl"); ok {
		dir = stem + "/"
	}
	n := 0
	if st.Role == Object {
		n = len(s.Members) // in a real archive, nearly every one is a storage
	}
	return &Storages{s: s, dir: dir, decl: make(map[string]*place, n)}
}

// sameBytes reports whether two declarations are of the same bytes, one of them
// untyped: torch writes a float8 tensor and a byte view of it so.
func sameBytes(a, b Declared) bool {
	const untyped = "UntypedStorage"
	if a.Class != untyped && b.Class != untyped {
		return false
	}
	x, ok1 := limit.Mul(a.Numel, a.ElemSize)
	y, ok2 := limit.Mul(b.Numel, b.ElemSize)
	return ok1 && ok2 && x == y
}

// Declare notes a storage. A key that was declared otherwise before is an
// error: torch never writes that, and reinterprets memory when it reads it. A
// storage whose declaration failed has no extent.
func (t *Storages) Declare(d Declared) error {
	if old, ok := t.decl[d.Key]; ok {
		if old.Declared != d && !sameBytes(old.Declared, d) {
			return &Disagreement{&fault.Error{Kind: fault.Malformed, Offset: fault.NoOffset, Name: d.Key,
				Text: "one storage is declared with two types or sizes"}}
		}
		return nil
	}
	if _, ok := limit.Mul(d.Numel, d.ElemSize); !ok {
		return &Disagreement{&fault.Error{Kind: fault.Malformed, Offset: fault.NoOffset, Name: d.Key,
			Text: "the storage's size is negative or overflows"}}
	}
	if len(d.Key) > maxKey {
		return &Disagreement{&fault.Error{Kind: fault.Malformed, Offset: fault.NoOffset, Name: d.Key,
			Text: fmt.Sprintf("a storage's key has more than %d bytes", maxKey)}}
	}
	if len(t.decl) >= t.s.limits.Members {
		return limit.Members.Exceeded(int64(t.s.limits.Members), fault.NoOffset)
	}
	if t.s.Format == TorchLegacy {
		t.decl[d.Key] = &place{Declared: d}
		return nil // placed by Keys
	}
	m, err := t.s.record(t.dir, d.Key)
	if err != nil {
		return err
	}
	t.s.declared[m.index] = true
	if want := d.Numel * d.ElemSize; m.Size != want {
		return &Disagreement{&fault.Error{Kind: fault.Malformed, Offset: fault.NoOffset, Member: m.Name, Name: d.Key,
			Text: fmt.Sprintf("the storage should have %d bytes by the pickle, and has %d", want, m.Size)}}
	}
	t.decl[d.Key] = &place{Declared: d, member: m}
	t.order = append(t.order, d.Key)
	return nil
}

// Keys takes the order of a legacy file's storages and finds each: an int64
// with the number of elements, then the elements. It returns the offset
// behind the last one.
func (t *Storages) Keys(keys []string) (end int64, err error) {
	off := t.s.DataStart
	last := t.s.base.Off + t.s.base.Len
	r := t.s.Reader(t.s.base.Space)
	for _, key := range keys {
		d, ok := t.decl[key]
		if !ok {
			return off, &fault.Error{Kind: fault.Malformed, Offset: off, Name: key,
				Text: "a storage follows that no persistent id declares, so its size is unknown"}
		}
		if d.placed {
			return off, &fault.Error{Kind: fault.Malformed, Offset: off, Name: key, Text: "the storage is listed twice"}
		}
		var b [8]byte
		if last-off < 8 {
			return off, &fault.Error{Kind: fault.Malformed, Offset: off, Name: key, Text: "the file ends before the storage"}
		}
		if _, err := r.ReadAt(b[:], off); err != nil {
			return off, err
		}
		off += 8
		if n := int64(binary.LittleEndian.Uint64(b[:])); n != d.Numel {
			return off, disagree(off-8, "storage %s should have %d elements by the pickle, and has %d", fault.Quote(key), d.Numel, n)
		}
		size := d.Numel * d.ElemSize
		if last-off < size {
			return off, fault.At(fault.Malformed, off, "the file is truncated: storage %s needs %d bytes, %d are left", fault.Quote(key), size, last-off)
		}
		d.extent, d.placed = Extent{Space: t.s.base.Space, Off: off, Len: size}, true
		t.placed++
		t.order = append(t.order, key)
		off += size
	}
	if t.placed != len(t.decl) {
		return off, &fault.Error{Kind: fault.Malformed, Offset: off, Text: "the file does not hold every storage that it declares"}
	}
	return off, nil
}

// Extent finds a storage's bytes; a deflated member is inflated now. It
// serves declared keys only, legacy ones after Keys.
func (t *Storages) Extent(key string) (Extent, error) {
	d := t.decl[key]
	switch {
	case d != nil && d.placed:
		return d.extent, nil
	case d == nil, t.s.Format == TorchLegacy:
		return Extent{}, &fault.Error{Kind: fault.Malformed, Offset: fault.NoOffset, Name: key, Text: "the file has no such storage"}
	}
	e, err := t.s.Payload(d.member)
	if err == nil {
		d.extent, d.placed = e, true
	}
	return e, err
}

// Order lists the storages' keys in the order of the file, where it has one.
func (t *Storages) Order() []string { return t.order }

// record is the member that holds a storage of a torch zip archive.
func (s *Source) record(dir, key string) (*Member, error) {
	if s.Format != TorchZip && s.Format != TorchScript {
		return nil, fault.New(fault.Malformed, "a pickle outside of a torch file refers to a torch storage")
	}
	var buf [64]byte // no text is made: a pickle can name a million that are not there
	name := append(append(append(buf[:0], s.prefix...), dir...), key...)
	i, ok := s.byName[string(fold(name))]
	if !ok {
		return nil, &fault.Error{Kind: fault.Malformed, Offset: fault.NoOffset, Name: key,
			Text: "the archive has no member for this storage"}
	}
	return &s.Members[i], nil
}

// below is a member's name under the archive's prefix, in lower case.
func (s *Source) below(member string) string {
	return strings.TrimPrefix(lower(member), s.prefix)
}
