package opcode

import (
	"encoding/binary"
	"math/big"
	"strconv"
	"strings"

	"depickle/scan/fault"
)

const (
	// maxLong is the longest LONG1 or LONG4, in bytes, and maxDigits the
	// longest INT or LONG, in characters: converting is quadratic. Both are
	// beyond what checkpoints have; CPython itself refuses more than 4,300
	// digits by default since 3.11.
	maxLong   = 64 << 10
	maxDigits = 4300
)

// set stores an integer where it fits.
func (op *Op) set(n *big.Int) {
	if n.IsInt64() {
		op.Int = n.Int64()
		return
	}
	op.Big = n
}

// binaryLong reads LONG1 and LONG4: two's complement, little-endian; no bytes
// are 0.
func (d *Decoder) binaryLong(op *Op, arg argument) error {
	width := 1
	if arg == argLong4 {
		width = 4
	}
	b, err := d.peek(op.Offset+1, width)
	if err != nil {
		return err
	}
	n := int64(b[0])
	if width == 4 {
		n = int64(int32(binary.LittleEndian.Uint32(b)))
	}
	if n < 0 {
		return op.bad("negative length %d", n)
	}
	if n > maxLong {
		if start := op.Offset + 1 + int64(width); n > d.end-start {
			return op.bad("%d bytes should follow, %d are left", n, d.end-start)
		}
		return fault.At(fault.Limit, op.Offset, "%s: an integer of %d bytes, more than %d", op.Code, n, maxLong)
	}
	if err := d.payload(op, op.Offset+1+int64(width), uint64(n)); err != nil {
		return err
	}
	raw := op.Data
	op.Data, op.Payload = nil, Extent{}
	if n <= 8 {
		var v uint64
		for i, c := range raw {
			v |= uint64(c) << (8 * i)
		}
		if n > 0 && n < 8 && raw[n-1]&0x80 != 0 {
			v |= ^uint64(0) << (8 * n)
		}
		op.Int = int64(v)
		return nil
	}
	op.set(twosComplement(raw))
	return nil
}

func twosComplement(raw []byte) *big.Int {
	be := make([]byte, len(raw))
	for i, c := range raw {
		be[len(raw)-1-i] = c
	}
	n := new(big.Int).SetBytes(be)
	if be[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return n
}

// decimal reads INT as C's strtol in base 0, with PyLong_FromString behind it
// for what strtol does not take. Python 3.14 reads base 10 instead, and
// pickletools always did.
func (d *Decoder) decimal(op *Op, s string) error {
	// In C the line ends at a NUL.
	text, _, nul := strings.Cut(s, "\x00")
	n, ok := (*big.Int)(nil), false
	if !nul {
		n, ok = strtol(text)
	}
	if !ok {
		if n, ok = pyLong(text); !ok {
			return op.bad("%s is no integer", fault.Quote(s))
		}
	} else if len(s) == 2 && n.IsInt64() && (n.Int64() == 0 || n.Int64() == 1) {
		op.IsBool = true
	}
	op.set(n)
	if !plainDecimal(s) && s != "00" && s != "01" {
		op.Note = "the integer " + fault.Quote(s) + " reads differently in other versions of Python"
	}
	return nil
}

// decimalLong reads LONG: PyLong_FromString in base 0, after a trailing L is
// taken away.
func (d *Decoder) decimalLong(op *Op, s string) error {
	text := strings.TrimSuffix(s, "L")
	digits, _, _ := strings.Cut(text, "\x00")
	n, ok := pyLong(digits)
	if s == "" || !ok {
		return op.bad("%s is no integer", fault.Quote(s))
	}
	op.set(n)
	if !plainDecimal(text) {
		op.Note = "the integer " + fault.Quote(s) + " reads differently in other versions of Python"
	}
	return nil
}

// plainDecimal reports whether every reader takes s for the same integer.
func plainDecimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || (s[0] == '0' && len(s) > 1) {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

const spaces = " \t\n\v\f\r"

// strtol is C's strtol(s, 0) of a whole line: white space, a sign, then hex,
// octal or decimal, nothing behind it, and no overflow of 64 bits.
func strtol(s string) (*big.Int, bool) {
	t := strings.TrimLeft(s, spaces)
	neg := strings.HasPrefix(t, "-")
	if neg || strings.HasPrefix(t, "+") {
		t = t[1:]
	}
	base := 10
	switch {
	case len(t) > 2 && (t[:2] == "0x" || t[:2] == "0X"):
		t, base = t[2:], 16
	case len(t) > 1 && t[0] == '0':
		base = 8
	}
	if t == "" || t[0] == '+' || t[0] == '-' || strings.Contains(t, "_") || len(t) > 64 {
		return nil, false
	}
	n, ok := new(big.Int).SetString(t, base)
	if !ok {
		return nil, false
	}
	if neg {
		n.Neg(n)
	}
	return n, n.IsInt64()
}

// pyLong is PyLong_FromString(s, 0): white space around it, a sign, a prefix,
// underscores between digits; no leading zero in base 10 but in 0 itself.
func pyLong(s string) (*big.Int, bool) {
	t := strings.Trim(s, spaces)
	neg := strings.HasPrefix(t, "-")
	if neg || strings.HasPrefix(t, "+") {
		t = t[1:]
	}
	base := 10
	if len(t) > 1 && t[0] == '0' {
		switch t[1] | 0x20 {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
		if base != 10 {
			t = strings.TrimPrefix(t[2:], "_")
		} else if strings.Trim(t, "0_") != "" {
			return nil, false
		}
	}
	if t == "" || len(t) > maxDigits || t[0] == '_' || t[0] == '+' || t[0] == '-' || t[len(t)-1] == '_' || strings.Contains(t, "__") {
		return nil, false
	}
	n, ok := new(big.Int).SetString(strings.ReplaceAll(t, "_", ""), base)
	if ok && neg {
		n.Neg(n)
	}
	return n, ok
}

// index reads GET and PUT: PyLong_FromString in base 10, where underscores
// and white space pass.
func (d *Decoder) index(op *Op, s string) error {
	text, _, _ := strings.Cut(s, "\x00")
	t := strings.ReplaceAll(strings.Trim(text, spaces), "_", "")
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil {
		return op.bad("%s is no memo index", fault.Quote(s))
	}
	if n < 0 {
		return op.bad("negative memo index %d", n)
	}
	op.Int = n
	if !plainDecimal(s) && s != "0" {
		op.Note = "the memo index " + fault.Quote(s) + " is not a plain decimal"
	}
	return nil
}
