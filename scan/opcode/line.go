package opcode

import (
	"math"
	"unicode/utf8"
)

// line finds the line that begins at op.End, at most that many bytes long, and
// moves End behind it.
func (d *Decoder) line(op *Op, most int64) (Extent, error) {
	start := op.End
	find := most
	if find < math.MaxInt64 {
		find++ // the line feed
	}
	nl, err := d.window.newline(start, find)
	if err != nil {
		return Extent{}, err
	}
	if nl < 0 {
		if d.end-start > most {
			return Extent{}, op.tooLong("a line of more than %d bytes", most)
		}
		return Extent{}, op.bad("the data ends inside of a line")
	}
	op.End = nl + 1
	return Extent{Off: start, Len: nl - start}, nil
}

// text reads STRING, UNICODE and PERSID. The first two may be as long as the
// file; the text is not decoded here.
func (d *Decoder) text(op *Op) error {
	most := int64(math.MaxInt64)
	if op.Code == PersID {
		most = d.maxLine
	}
	e, err := d.line(op, most)
	if err != nil {
		return err
	}
	op.Payload = e
	switch op.Code {
	case String:
		if err := d.quoted(op); err != nil {
			return err
		}
	case PersID:
		if err := d.show(op); err != nil {
			return err
		}
		if !ascii(op.Data) {
			return op.bad("the persistent id is not ASCII")
		}
	}
	return d.show(op)
}

// quoted checks that a STRING stands in quotes, the same at both ends.
func (d *Decoder) quoted(op *Op) error {
	e := op.Payload
	if e.Len < 2 {
		return op.bad("the text is not in quotes")
	}
	// The last byte first: it is in the window, where its line feed is.
	var ends [2]byte
	for i, off := range [2]int64{e.Off + e.Len - 1, e.Off} {
		b, err := d.window.read(off, 1)
		if err != nil {
			return err
		}
		ends[i] = b[0]
	}
	if ends[0] != ends[1] || (ends[0] != '\'' && ends[0] != '"') {
		return op.bad("the text is not in quotes")
	}
	return nil
}

// global reads the two lines of GLOBAL and INST. C decodes the names of the
// first as UTF-8, of the second as ASCII, and takes an empty one for the end
// of the data.
func (d *Decoder) global(op *Op) error {
	start := op.End
	for _, to := range [2]*string{&op.Module, &op.Name} {
		e, err := d.line(op, d.maxLine)
		if err != nil {
			return err
		}
		b, err := d.window.read(e.Off, e.Len)
		if err != nil {
			return err
		}
		switch {
		case len(b) == 0:
			return op.bad("a name is empty")
		case op.Code == Inst && !ascii(b):
			return op.bad("a name is not ASCII")
		case !utf8.Valid(b):
			return op.bad("a name is not UTF-8")
		}
		*to = d.names.get(b)
	}
	op.Payload = Extent{Off: start, Len: op.End - 1 - start}
	return d.show(op)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// names holds one copy of each name: a protocol 0 file may repeat one a
// million times.
type names struct{ seen map[string]string }

// What names holds at most: 256 of 256 bytes. Others are copied each time.
const (
	maxNames = 256
	maxKept  = 256
)

func (n *names) get(b []byte) string {
	if s, ok := n.seen[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= maxKept && len(n.seen) < maxNames {
		if n.seen == nil {
			n.seen = map[string]string{}
		}
		n.seen[s] = s
	}
	return s
}
