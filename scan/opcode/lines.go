package opcode

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"depickle/scan/fault"
)

// line reads the opcodes whose argument is a line of text.
func (d *Decoder) line(op *Op, arg argument) error {
	start := op.Offset + 1
	most := int64(maxName)
	if arg == argLine {
		most = math.MaxInt64
	}
	nl, err := d.newline(op, start, most)
	if err != nil {
		return err
	}
	if err := d.payload(op, start, uint64(nl-start)); err != nil {
		return err
	}
	op.End = nl + 1
	if arg == argLine {
		return d.textRules(op)
	}
	s := string(op.Data)
	op.Data, op.Payload = nil, Extent{}
	switch arg {
	case argDecimal:
		return d.decimal(op, s)
	case argDecimalL:
		return d.decimalLong(op, s)
	case argIndexLine:
		return d.index(op, s)
	}
	return d.float(op, s)
}

func (op *Op) bad(format string, args ...any) error {
	return fault.At(fault.Malformed, op.Offset, op.Code.String()+": "+format, args...)
}

// textRules checks what can be checked without decoding.
func (d *Decoder) textRules(op *Op) error {
	switch op.Code {
	case PersID:
		if op.Data == nil && op.Payload.Len > 0 {
			return fault.At(fault.Limit, op.Offset, "%s: its line is longer than %d bytes", op.Code, inline)
		}
		for _, c := range op.Data {
			if c >= 0x80 {
				return op.bad("a persistent id is not ASCII")
			}
		}
	case String:
		n := op.Payload.Len
		if n < 2 {
			return op.bad("the string is not quoted")
		}
		var q [2]byte
		for i, off := range []int64{op.Payload.Off, op.Payload.Off + n - 1} {
			if _, err := d.ReadAt(q[i:i+1], off); err != nil {
				return err
			}
		}
		if q[0] != q[1] || (q[0] != '\'' && q[0] != '"') {
			return op.bad("the string is not quoted")
		}
	}
	return nil
}

// pair reads the two lines of GLOBAL and INST.
func (d *Decoder) pair(op *Op) error {
	start := op.Offset + 1
	first, err := d.newline(op, start, maxName)
	if err != nil {
		return err
	}
	second, err := d.newline(op, first+1, maxName)
	if err != nil {
		return err
	}
	op.End = second + 1
	b, err := d.peek(start, int(second-start))
	if err != nil {
		return err
	}
	module, name := b[:first-start], b[first+1-start:]
	for _, part := range [][]byte{module, name} {
		if op.Code == Inst && !ascii(part) {
			return op.bad("a name is not ASCII")
		}
		if !utf8.Valid(part) {
			return op.bad("a name is not UTF-8")
		}
	}
	if string(module) != d.module || string(name) != d.name {
		d.module, d.name = string(module), string(name)
	}
	op.Module, op.Name = d.module, d.name
	return nil
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// float reads FLOAT as PyOS_string_to_double does: decimal, or inf and nan,
// without the hexadecimal and underscores that Go would take.
func (d *Decoder) float(op *Op, s string) error {
	t := strings.ToLower(strings.TrimLeft(s, "+-"))
	if len(s)-len(t) > 1 {
		return op.bad("%s is no float", fault.Quote(s))
	}
	for _, c := range t {
		if !strings.ContainsRune("0123456789.e+-", c) && t != "inf" && t != "infinity" && t != "nan" {
			return op.bad("%s is no float", fault.Quote(s))
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		if t != "nan" { // Go does not take a sign before nan
			return op.bad("%s is no float, or too large", fault.Quote(s))
		}
		f = math.NaN()
	}
	op.Float = f
	return nil
}
