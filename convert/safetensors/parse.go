package safetensors

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// parser reads the header's JSON token by token. The decoder refuses
// duplicate names and invalid UTF-8 by itself; no value is skipped unread.
type parser struct {
	dec   *jsontext.Decoder
	h     *Header
	shape []int64 // scratch
	text  []byte  // scratch

	in   *allowance // what dec reads from
	kept int64      // bytes of names and texts so far
}

// at is where the last token ended, in bytes from the start of the file.
func (p *parser) at() int64 { return lengthBytes + p.dec.InputOffset() }

// next reads a token: its kind and, of a string or number, the text that it
// stands for. text is good until the next call. name is the tensor that the
// token belongs to.
func (p *parser) next(name string) (kind jsontext.Kind, text []byte, err error) {
	p.in.left = MaxText
	kind = p.dec.PeekKind()
	if kind != '"' && kind != '0' {
		tok, err := p.dec.ReadToken()
		if err != nil {
			return 0, nil, syntax(err, name)
		}
		return tok.Kind(), nil, nil
	}
	// Read as a value, a token costs no allocation: a header has eight for
	// every tensor.
	v, err := p.dec.ReadValue()
	if err != nil {
		return 0, nil, syntax(err, name)
	}
	if kind == '0' {
		return kind, v, nil
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return kind, v[1 : len(v)-1], nil
	}
	p.text, err = jsontext.AppendUnquote(p.text[:0], v)
	return kind, p.text, err
}

// syntax turns the decoder's error into ours. Its text is left out: it repeats
// names of the file at any length.
func syntax(err error, name string) error {
	var long *fault.Error
	if errors.As(err, &long) {
		return long
	}
	var s *jsontext.SyntacticError
	if !errors.As(err, &s) {
		return fmt.Errorf("reading the SafeTensors header: %w", err)
	}
	offset := lengthBytes + s.ByteOffset
	if errors.Is(s.Err, jsontext.ErrDuplicateName) {
		return reject(reasonDuplicate, offset, name, fault.Quote(s.JSONPointer.LastToken()))
	}
	return reject(reasonSyntax, offset, name)
}

// header reads the object from brace to brace.
func (p *parser) header() error {
	if _, _, err := p.next(""); err != nil {
		return err
	}
	for {
		kind, text, err := p.next("")
		if err != nil {
			return err
		}
		if kind == '}' {
			return nil
		}
		name := string(text)
		p.kept += int64(len(name))
		if name == metadataKey {
			err = p.metadata()
		} else {
			err = p.entry(name)
		}
		if err == nil {
			err = p.h.checkBounds(p.kept)
		}
		if err != nil {
			return err
		}
	}
}

// metadata reads the map of strings to strings.
func (p *parser) metadata() error {
	kind, _, err := p.next("")
	if err != nil {
		return err
	}
	if kind != '{' {
		return reject(reasonMetadata, p.at(), "")
	}
	for {
		kind, text, err := p.next("")
		if err != nil {
			return err
		}
		if kind == '}' {
			return nil
		}
		key := string(text)
		if kind, text, err = p.next(""); err != nil {
			return err
		}
		if kind != '"' {
			return reject(reasonMetadata, p.at(), "")
		}
		if p.h.Metadata == nil {
			p.h.Metadata = make(map[string]string)
		}
		p.h.Metadata[key] = string(text)
		p.kept += int64(len(key) + len(text))
		if err := p.h.checkBounds(p.kept); err != nil {
			return err
		}
	}
}

// entry reads one tensor: exactly the fields dtype, shape and data_offsets,
// in any order.
func (p *parser) entry(name string) error {
	kind, _, err := p.next(name)
	if err != nil {
		return err
	}
	if kind != '{' {
		return reject(reasonEntry, p.at(), name)
	}
	t := Tensor{Name: name, Begin: -1}
	for {
		kind, text, err := p.next(name)
		if err != nil {
			return err
		}
		if kind == '}' {
			break
		}
		switch string(text) {
		case "dtype":
			err = p.dtype(&t)
		case "shape":
			err = p.readShape(&t)
		case "data_offsets":
			err = p.offsets(&t)
		default:
			err = reject(reasonField, p.at(), name, fault.Quote(string(text)))
		}
		if err != nil {
			return err
		}
	}
	if missing := t.missing(); missing != "" {
		return reject(reasonMissing, p.at(), name, missing)
	}
	p.h.Tensors = append(p.h.Tensors, t)
	return nil
}

// missing names the first field that the entry lacks.
func (t *Tensor) missing() string {
	switch {
	case t.DType == 0:
		return "dtype"
	case t.Shape == nil:
		return "shape"
	case t.Begin < 0:
		return "data_offsets"
	}
	return ""
}

func (p *parser) dtype(t *Tensor) error {
	kind, text, err := p.next(t.Name)
	if err != nil {
		return err
	}
	d, ok := ParseDType(string(text))
	if kind != '"' {
		return reject(reasonDType, p.at(), t.Name, "that is no string")
	}
	if !ok {
		return reject(reasonDType, p.at(), t.Name, fault.Quote(string(text)))
	}
	t.DType = d
	return nil
}

func (p *parser) readShape(t *Tensor) error {
	var why reason
	var err error
	if p.shape, why, err = p.numbers(p.shape[:0], t.Name, reasonShape, MaxRank, reasonRank); err != nil {
		return err
	}
	if why != 0 {
		return reject(why, p.at(), t.Name)
	}
	t.Shape = append(make([]int64, 0, len(p.shape)), p.shape...)
	return nil
}

func (p *parser) offsets(t *Tensor) error {
	var pair [2]int64
	n, why, err := p.numbers(pair[:0], t.Name, reasonOffsets, 2, reasonOffsets)
	if err != nil {
		return err
	}
	if why != 0 || len(n) != 2 {
		return reject(reasonOffsets, p.at(), t.Name)
	}
	t.Begin, t.End = n[0], n[1]
	return nil
}

// numbers reads a list of at most most whole numbers into dst. The reason is
// bad when something else stands there, long when there are more.
func (p *parser) numbers(dst []int64, name string, bad reason, most int, long reason) ([]int64, reason, error) {
	kind, _, err := p.next(name)
	if err != nil {
		return dst, 0, err
	}
	if kind != '[' {
		return dst, bad, nil
	}
	for {
		kind, text, err := p.next(name)
		if err != nil {
			return dst, 0, err
		}
		if kind == ']' {
			return dst, 0, nil
		}
		n, ok := whole(text)
		if kind != '0' || !ok {
			return dst, bad, nil
		}
		if len(dst) == most {
			return dst, long, nil
		}
		dst = append(dst, n)
	}
}

// whole reads a number that is digits alone. 1.0, 1e3 and -0 are whole numbers
// to some readers and errors to others, so they are errors here.
func whole(text []byte) (int64, bool) {
	var n int64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		ten, ok := limit.Mul(n, 10)
		if !ok {
			return 0, false
		}
		if n, ok = limit.Add(ten, int64(c-'0')); !ok {
			return 0, false
		}
	}
	return n, true
}
