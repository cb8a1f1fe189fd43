package provenance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/fault"
)

// Decode reads a record and checks its digest, which it returns too. It takes
// the one form that the package documentation gives: every member, in that
// order, and nothing else. Memory follows the record's size, at most
// [MaxRecord].
//
// A record that is not of that form, or whose digest does not match, is an
// error of kind Malformed; one of another schema of kind Unsupported.
func Decode(r io.Reader) (*Record, Digest, error) {
	return decode(r, MaxRecord)
}

func decode(r io.Reader, most int64) (*Record, Digest, error) {
	s := newSumming(r, most)
	d := &decoder{dec: jsontext.NewDecoder(s)}
	rec, claimed := d.record()
	d.end()
	if d.err != nil {
		return nil, Digest{}, d.err
	}
	if err := s.check(claimed); err != nil {
		return nil, Digest{}, err
	}
	if err := rec.check(); err != nil {
		return nil, Digest{}, err
	}
	return rec, claimed, nil
}

// decoder asks for one token after the other. After the first error it
// returns zero values.
type decoder struct {
	dec  *jsontext.Decoder
	err  error
	last string // the member that is being read
}

// end proves that nothing but space follows, and so reads up to the very end.
func (d *decoder) end() {
	if d.err != nil {
		return
	}
	d.last = ""
	var s *jsontext.SyntacticError
	_, err := d.dec.ReadToken()
	switch {
	case err == io.EOF:
	case err == nil, errors.As(err, &s):
		d.fail("something follows it")
	default:
		d.readFailed(err)
	}
}

// fail records what is wrong at this place.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		e := fault.At(fault.Malformed, d.dec.InputOffset(), "conversion record: "+format, args...)
		e.Name = d.last
		d.err = e
	}
}

// readFailed records the error of a read: the JSON's or the reader's.
func (d *decoder) readFailed(err error) {
	var s *jsontext.SyntacticError
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		d.err = f
	case errors.As(err, &s):
		if errors.Is(s.Err, jsontext.ErrDuplicateName) {
			d.fail("name %s stands twice", fault.Quote(s.JSONPointer.LastToken()))
		} else {
			d.fail("not strict JSON in UTF-8")
		}
	case errors.Is(err, io.EOF):
		d.fail("empty")
	default:
		d.err = fmt.Errorf("reading the conversion record: %w", err)
	}
}

// value reads a string, a number or a literal. Objects and lists must not
// come here: they would be held as a whole.
func (d *decoder) value(kinds string, what string) []byte {
	if d.err != nil {
		return nil
	}
	kind := d.dec.PeekKind()
	if kind == jsontext.KindInvalid {
		_, err := d.dec.ReadToken()
		d.readFailed(err)
		return nil
	}
	if bytes.IndexByte([]byte(kinds), byte(kind)) < 0 {
		d.fail("not %s", what)
		return nil
	}
	v, err := d.dec.ReadValue()
	if err != nil {
		d.readFailed(err)
		return nil
	}
	return v
}

func (d *decoder) text() string {
	v := d.value(`"`, "a string")
	if d.err != nil {
		return ""
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		d.fail("not a string")
	}
	return string(b)
}

func (d *decoder) bool() bool {
	return string(d.value("tf", "true or false")) == "true"
}

// num reads a whole number of at least least.
func (d *decoder) num(least int64) int64 {
	v := d.value("0", "a number")
	if d.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < least || string(strconv.AppendInt(nil, n, 10)) != string(v) {
		d.fail("%s is not a whole number in range", fault.Quote(string(v)))
		return 0
	}
	return n
}

func (d *decoder) digest() Digest {
	s := d.text()
	if d.err != nil {
		return Digest{}
	}
	p, err := ParseDigest(s)
	if err != nil {
		d.fail("not a SHA-256 of 64 digits in lower case")
	}
	return p
}

// delim reads a brace or bracket.
func (d *decoder) delim(kind jsontext.Kind) {
	if d.err != nil {
		return
	}
	tok, err := d.dec.ReadToken()
	switch {
	case err != nil:
		d.readFailed(err)
	case tok.Kind() == kind:
	case kind == '}' && tok.Kind() == '"':
		d.fail("unknown member %s", fault.Quote(tok.String()))
	default:
		d.fail("%q where %q should stand", byte(tok.Kind()), byte(kind))
	}
}

// member reads the name of the next one.
func (d *decoder) member(name string) *decoder {
	if d.err != nil {
		return d
	}
	tok, err := d.dec.ReadToken()
	switch {
	case err != nil:
		d.readFailed(err)
	case tok.Kind() == '}':
		d.fail("member %q is missing", name)
	case tok.String() != name:
		d.fail("member %s where %q should stand", fault.Quote(tok.String()), name)
	}
	d.last = name
	return d
}

// more reports whether a list or object goes on.
func (d *decoder) more(end jsontext.Kind) bool {
	if d.err != nil {
		return false
	}
	k := d.dec.PeekKind()
	return k != end && k != jsontext.KindInvalid
}

// decodeList reads a list of anything.
func decodeList[T any](d *decoder, name string, item func(*T)) []T {
	d.member(name).delim('[')
	var list []T
	for d.more(']') {
		var t T
		item(&t)
		list = append(list, t)
	}
	d.delim(']')
	return list
}

// decodeObjects reads a list of objects.
func decodeObjects[T any](d *decoder, name string, fields func(*T)) []T {
	return decodeList(d, name, func(t *T) {
		d.delim('{')
		fields(t)
		d.delim('}')
	})
}
