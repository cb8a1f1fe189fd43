package opcode

import (
	"bytes"

	"depickle/scan/fault"
)

// number reads the lines of INT, LONG, FLOAT, GET and PUT.
func (d *Decoder) number(op *Op, f form) error {
	e, err := d.line(op, d.maxLine)
	if err != nil {
		return err
	}
	op.Payload = e
	if err := d.show(op); err != nil {
		return err
	}
	if e.Len == 0 {
		return op.bad("its line is empty")
	}
	switch f {
	case floatLine:
		return float(op, op.Data)
	case indexLine:
		return index(op, op.Data)
	case longLine:
		return literal(op, bytes.TrimSuffix(op.Data, []byte("L")), longIn)
	}
	return literal(op, op.Data, intIn)
}

// plain reads what every reader takes for the same number: decimal digits
// without leading zeros, few enough for 64 bits, and a minus sign.
func plain(b []byte) (n int64, ok bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || (digits[0] == '0' && len(b) > 1) {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// plainDigits reports whether b is what plain takes, of any length.
func plainDigits(b []byte) bool {
	digits := bytes.TrimPrefix(b, []byte("-"))
	return len(digits) > 0 && digits[0] != '0' && len(bytes.Trim(digits, "0123456789")) == 0
}

// literal reads the number of INT and LONG. in reads it in a base: 0, as
// CPython did up to 3.13, or 10, as it does since and as pickletools always
// did (cpython#126992). What the first refuses the second may accept, and the
// other way round; the line is the argument in either case, so reading never
// stops at a literal that some Python goes on from.
func literal(op *Op, b []byte, in func(line string, base int) reading) error {
	if n, ok := plain(b); ok {
		op.Int = n
		return nil
	}
	if op.Code == Int && (string(b) == "00" || string(b) == "01") {
		op.Int, op.IsBool = int64(b[1]-'0'), true
		return nil
	}
	line, digits := string(b), plainDigits(b)
	before := in(line, 0)
	since := before
	if !digits {
		since = in(line, 10)
	}
	r := before
	if !r.ok {
		r = since
	}
	switch {
	case r.ok:
		r.set(op)
		if !digits {
			op.note(func() string { return differs(op.Code, line, before, since) })
		}
		return nil
	case before.long || since.long:
		return op.tooLong("an integer of more than %d digits, which CPython refuses by default since 3.11 (and 3.10.7, 3.9.14, 3.8.14, 3.7.14)", maxDigits)
	}
	return op.bad("%s is no integer", fault.Quote(line))
}

// index reads the memo index of GET and PUT, always in base 10; white space,
// a plus sign, leading zeros and underscores pass.
func index(op *Op, b []byte) error {
	n, ok := plain(b)
	if !ok {
		line := string(b)
		text, nul := cString(line)
		r := pyLong(text, 10)
		if !r.ok || !r.n.IsInt64() {
			return op.bad("%s is no memo index", fault.Quote(line))
		}
		n = r.n.Int64()
		op.note(func() string {
			if nul {
				return "the memo index " + fault.Quote(line) + " ends at a NUL for the C unpickler; others refuse it"
			}
			return "the memo index " + fault.Quote(line) + " is not spelled as picklers do, so that readers may take it for another"
		})
	}
	if n < 0 {
		return op.bad("negative memo index %d", n)
	}
	op.Int = n
	return nil
}
