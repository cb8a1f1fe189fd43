package tagged

import (
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/limit"
)

// Mode says how much of a value is written.
type Mode uint8

// The modes.
const (
	// Plain writes constants and collections. Of an object it writes the
	// class alone, of a dict the items alone.
	Plain Mode = iota
	// All writes what objects, tensors and dicts carry beside, too.
	All
)

// Options for Encode.
type Options struct {
	Mode Mode
	// Open reads the bytes of a long text. It must be set where values hold
	// a value.Blob.
	Open func(container.Extent) io.Reader
	// Path says where in the source the record lists a tensor, "" where it
	// does not. It may be nil.
	Path   func(*value.Tensor) string
	Limits limit.Limits // Depth bounds the nesting
}

// The bounds of what is written. A file of some bytes can name the same long
// string, or a list by a long reference, a million times over.
const (
	// maxBytes is the size, in bytes, from which on values are left out.
	maxBytes = 16 << 20
	// maxWork is how many bytes in memory are digested.
	maxWork = 1 << 30
	// maxDepth keeps the JSON, which nests four levels for one of Python's,
	// below the 10,000 that strict readers of it take.
	maxDepth = 2000
)

// Encode writes values in the form that the package documentation gives, one
// value as itself, several as a list. Errors are those of reading a
// value.Blob: of Open's reader, of kind Malformed for text that cannot be
// decoded, of kind Changed for an extent that has become shorter.
func Encode(roots []value.Value, o Options) ([]byte, error) {
	e := newEncoder(o)
	if len(roots) == 1 {
		e.value(roots[0])
	} else {
		e.list(len(roots), func(i int) { e.value(roots[i]) })
	}
	if e.err != nil {
		return nil, e.err
	}
	return e.b, nil
}

// encoder appends JSON to b. After the first error it writes nothing of use.
type encoder struct {
	o     Options
	b     []byte
	err   error
	blobs map[blobKey]digested

	// path leads to the value that is written; seen has the place of every
	// container that was.
	path  []segment
	nodes []node
	seen  map[value.Value]int32

	depth    int
	work     int64
	most     int
	mostWork int64
	deepest  int
}

func newEncoder(o Options) *encoder {
	return &encoder{
		o: o, blobs: map[blobKey]digested{}, seen: map[value.Value]int32{},
		most: maxBytes, mostWork: maxWork, deepest: min(o.Limits.WithDefaults().Depth, maxDepth),
	}
}

// value writes any value.
func (e *encoder) value(v value.Value) {
	switch {
	case e.full():
		e.truncated(1, "size")
	case v == nil:
		e.raw("null")
	case constant(v):
		e.constant(v)
	case e.depth >= e.deepest:
		e.truncated(1, "depth")
	case e.again(v):
	default:
		e.depth++
		e.container(v)
		e.depth--
	}
}

// container writes a value that may hold others.
func (e *encoder) container(v value.Value) {
	switch v := v.(type) {
	case *value.List:
		e.values("", v.Items)
	case *value.Tuple:
		e.values("$tuple", v.Items)
	case *value.Set:
		e.set(v)
	case *value.Dict:
		e.dict(v)
	case *value.Object:
		e.object(v)
	case *value.Persistent:
		e.tag("$persistent", func() { e.value(v.ID) })
	case *value.Scalar:
		e.scalar(v)
	case *value.Tensor:
		e.tensor(v)
	}
}

// full reports that nothing more is to be written.
func (e *encoder) full() bool {
	return e.err != nil || len(e.b) >= e.most || e.work >= e.mostWork
}

// truncated stands for a value and all that follow it in its container.
func (e *encoder) truncated(left int, bound string) {
	e.raw(`{"$truncated":{"left":`)
	e.b = strconv.AppendInt(e.b, int64(left), 10)
	e.raw(`,"limit":"`)
	e.raw(bound)
	e.raw(`"}}`)
}

func (e *encoder) raw(s string) { e.b = append(e.b, s...) }

// quote writes a string that is known to be UTF-8.
func (e *encoder) quote(s string) { e.b, _ = jsontext.AppendQuote(e.b, s) }

// comma parts entries; an opening brace or bracket needs none.
func (e *encoder) comma() {
	if c := e.b[len(e.b)-1]; c != '{' && c != '[' {
		e.raw(",")
	}
}

// field writes a member whose name is one of ours, so needs no escapes.
func (e *encoder) field(name string, f func()) {
	e.comma()
	e.raw(`"`)
	e.raw(name)
	e.raw(`":`)
	e.path = append(e.path, segment{key: name, index: keyed})
	f()
	e.path = e.path[:len(e.path)-1]
}

// tag writes an object of one member.
func (e *encoder) tag(name string, f func()) {
	e.raw("{")
	e.field(name, f)
	e.raw("}")
}

// list writes n values. Once there is no more room it ends.
func (e *encoder) list(n int, item func(i int)) {
	e.raw("[")
	for i := range n {
		if i > 0 {
			e.raw(",")
		}
		if e.full() {
			e.truncated(n-i, "size")
			break
		}
		e.path = append(e.path, segment{index: int32(i)})
		item(i)
		e.path = e.path[:len(e.path)-1]
	}
	e.raw("]")
}
