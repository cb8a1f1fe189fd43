package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/fault"
)

// The end of a record: its digest stands between these.
const (
	sumField = `  "record_sha256": "`
	sumEnd   = "\"\n}\n"
)

// zeros stands for the digits of the record's digest while it is computed.
const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// flushSize is how much of a record is held before it is written.
const flushSize = 64 << 10

// Encode writes the record as JSON and returns its record_sha256. The same
// record gives the same bytes. Memory does not grow with the record: a tensor
// is written as soon as it is spelled.
//
// A record that is not valid, text that is not UTF-8 among it, is an error of
// kind Malformed; then part of it may have been written.
func (r *Record) Encode(w io.Writer) (Digest, error) {
	if err := r.check(); err != nil {
		return Digest{}, err
	}
	e := &encoder{w: w, h: sha256.New()}
	e.record(r)
	e.raw(sumField)
	e.flush()
	io.WriteString(e.h, zeros)
	io.WriteString(e.h, sumEnd)
	d := sum(e.h)
	e.raw(d.String())
	e.raw(sumEnd)
	e.flush()
	return d, e.err
}

// encoder gathers text in b and passes it on, through the hash, in large
// pieces. After the first error it does nothing.
type encoder struct {
	w   io.Writer
	h   hash.Hash
	b   []byte
	err error
}

func (e *encoder) flush() {
	if e.err == nil {
		e.h.Write(e.b)
		if _, err := e.w.Write(e.b); err != nil {
			e.err = fmt.Errorf("writing the conversion record: %w", err)
		}
	}
	e.b = e.b[:0]
}

func (e *encoder) raw(s string) { e.b = append(e.b, s...) }

func (e *encoder) text(s string) {
	if len(s) > MaxText {
		e.fail(fault.New(fault.Limit, "conversion record: %s is longer than %d bytes", fault.Quote(s), MaxText))
		return
	}
	b, err := jsontext.AppendQuote(e.b, s)
	if err != nil {
		e.fail(fault.New(fault.Malformed, "conversion record: %s is not valid UTF-8", fault.Quote(s)))
	}
	e.b = b
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// member begins one with its name, a comma before all but the first of an
// object.
func (e *encoder) member(name string) {
	if e.b[len(e.b)-1] != '{' {
		e.raw(", ")
	}
	e.name(name)
}

// name is one of ours: it needs no escapes.
func (e *encoder) name(s string) {
	e.raw(`"`)
	e.raw(s)
	e.raw(`": `)
}

func (e *encoder) str(name, s string) {
	e.member(name)
	e.text(s)
}

func (e *encoder) num(name string, n int64) {
	e.member(name)
	e.b = strconv.AppendInt(e.b, n, 10)
}

func (e *encoder) digest(name string, d Digest) {
	e.member(name)
	e.raw(`"`)
	e.b = hex.AppendEncode(e.b, d[:])
	e.raw(`"`)
}

func (e *encoder) shape(shape []int64) {
	e.member("shape")
	e.raw("[")
	for i, d := range shape {
		if i > 0 {
			e.raw(", ")
		}
		e.b = strconv.AppendInt(e.b, d, 10)
	}
	e.raw("]")
}

// top begins a member of the record itself, on a line of its own.
func (e *encoder) top(name string) {
	e.raw("  ")
	e.name(name)
}

func (e *encoder) topText(name, s string) {
	e.top(name)
	e.text(s)
	e.raw(",\n")
}

// topObject writes an object on one line.
func (e *encoder) topObject(name string, fields func()) {
	e.top(name)
	e.raw("{")
	fields()
	e.raw("},\n")
}

// encodeList writes a list, one item on a line.
func encodeList[T any](e *encoder, name string, items []T, item func(*T)) {
	e.top(name)
	e.raw("[")
	for i := range items {
		if e.err != nil {
			return
		}
		if i > 0 {
			e.raw(",")
		}
		e.raw("\n    ")
		item(&items[i])
		if len(e.b) >= flushSize {
			e.flush()
		}
	}
	if len(items) > 0 {
		e.raw("\n  ")
	}
	e.raw("],\n")
}

// encodeObjects writes a list of objects.
func encodeObjects[T any](e *encoder, name string, items []T, fields func(*T)) {
	encodeList(e, name, items, func(t *T) {
		e.raw("{")
		fields(t)
		e.raw("}")
	})
}

func (e *encoder) options(options map[string]string) {
	e.top("options")
	e.raw("{")
	for _, k := range slices.Sorted(maps.Keys(options)) {
		if e.b[len(e.b)-1] != '{' {
			e.raw(", ")
		}
		e.text(k)
		e.raw(": ")
		e.text(options[k])
	}
	e.raw("},\n")
}

func (e *encoder) values(v jsontext.Value) {
	e.top("values")
	if len(v) == 0 {
		e.raw("null")
	} else {
		e.raw(strings.Trim(string(v), " \t\r\n"))
	}
	e.raw(",\n")
}
