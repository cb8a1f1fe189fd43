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

// Bounds says how much of a record [DecodeBounded] keeps, whoever wrote it. The
// zero value keeps all.
type Bounds struct {
	// Names is the most tensors, and the most aliases, that the output has
	// room for; 0 for any number. A record that lists more is another
	// output's: an error of kind Changed.
	Names int
	// Listed is how many items of every other list are kept; the rest is
	// read and counted. 0 for all.
	Listed int
	// SkipValues reads the values and does not keep them.
	SkipValues bool
}

// Counts is how many items the lists of a record have.
type Counts struct {
	Findings, Globals, Candidates, Tensors, Aliases, NotSelected, Skipped, Warnings int
}

// Decode reads a record and checks its digest, which it returns too. It takes
// the one form that the package documentation gives: every member, in that
// order, and nothing else. Memory follows the record's size, at most
// [MaxRecord].
//
// A record that is not of that form, or whose digest does not match, is an
// error of kind Malformed; an intact one of another schema of kind Unsupported.
func Decode(r io.Reader) (*Record, Digest, error) {
	rec, _, sum, err := decode(r, MaxRecord, Bounds{})
	return rec, sum, err
}

// DecodeBounded is [Decode] for a record of which no more is wanted than a
// caller can hold. Then memory does not follow the record's size: it is some
// 64 MiB, and the names.
func DecodeBounded(r io.Reader, b Bounds) (*Record, Counts, Digest, error) {
	return decode(r, MaxRecord, b)
}

func decode(r io.Reader, most int64, b Bounds) (*Record, Counts, Digest, error) {
	s := newSumming(r, most)
	d := &decoder{dec: jsontext.NewDecoder(s), in: s, bounds: b}
	rec, claimed := d.record()
	d.end()
	if fault.Is(d.err, fault.Unsupported) {
		d.err = s.unknown(d.err)
	}
	if d.err != nil {
		return nil, Counts{}, Digest{}, d.err
	}
	if err := s.check(claimed); err != nil {
		return nil, Counts{}, Digest{}, err
	}
	if err := rec.check(); err != nil {
		return nil, Counts{}, Digest{}, err
	}
	return rec, d.counts, claimed, nil
}

// decoder asks for one token after the other. After the first error it
// returns zero values.
type decoder struct {
	dec    *jsontext.Decoder
	in     *summing
	bounds Bounds
	counts Counts
	err    error
	last   string // the member that is being read
}

// token reads one. It may be as long as a text can be, with what is in front.
func (d *decoder) token() (jsontext.Token, error) {
	d.in.allow(d.dec.InputOffset(), window)
	return d.dec.ReadToken()
}

// peek says of which kind the next token is.
func (d *decoder) peek() jsontext.Kind {
	d.in.allow(d.dec.InputOffset(), window)
	return d.dec.PeekKind()
}

// end proves that nothing but space follows, and so reads up to the very end.
func (d *decoder) end() {
	if d.err != nil {
		return
	}
	d.last = ""
	var s *jsontext.SyntacticError
	_, err := d.token()
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
	kind := d.peek()
	if kind == jsontext.KindInvalid {
		_, err := d.token()
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
	tok, err := d.token()
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
	tok, err := d.token()
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
	k := d.peek()
	return k != end && k != jsontext.KindInvalid
}

// decodeList reads a list of anything: at most most items, beyond which full
// makes the error, of which it returns the first keep, and counts all. 0 is no
// bound.
func decodeList[T any](d *decoder, name string, count *int, most, keep int, full func(int) error, item func(*T)) []T {
	d.member(name).delim('[')
	var list []T
	for *count = 0; d.more(']'); *count++ {
		if most > 0 && *count == most {
			d.err = full(most)
			break
		}
		var t T
		item(&t)
		if keep == 0 || *count < keep {
			list = append(list, t)
		}
	}
	d.delim(']')
	return list
}

// decodeObjects reads a list of objects, of which the bounds say how many are
// kept.
func decodeObjects[T any](d *decoder, name string, count *int, fields func(*T)) []T {
	return decodeList(d, name, count, 0, d.bounds.Listed, nil, object(d, fields))
}

// decodeNamed reads a list of objects that are all kept.
func decodeNamed[T any](d *decoder, name string, count *int, fields func(*T)) []T {
	full := func(most int) error {
		return fault.New(fault.Changed, "the conversion record lists more than %d %s, and its output has no room for them", most, name)
	}
	return decodeList(d, name, count, d.bounds.Names, 0, full, object(d, fields))
}

// object reads the fields of one.
func object[T any](d *decoder, fields func(*T)) func(*T) {
	return func(t *T) {
		d.delim('{')
		fields(t)
		d.delim('}')
	}
}
