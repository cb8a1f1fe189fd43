package container

import (
	"bytes"
	"io"
	"strings"

	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// named reports whether a member has a pickle's name.
func named(m *Member) bool {
	low := lower(m.Name)
	return strings.HasSuffix(low, ".pkl") || strings.HasSuffix(low, ".pickle")
}

// sniffed is how much of a member is looked at, in bytes, and sniffedFirst how
// much of one that is soon seen to be no pickle.
const (
	sniffed      = 64 << 10
	sniffedFirst = 512
)

// looksLikePickle reports whether a member has a pickle's name, begins as one
// of protocol 2 or later, or is one of an older protocol, which begins with
// anything. An archive may have a hundred thousand members, so what is looked
// at counts as opcodes do.
func (s *Source) looksLikePickle(m *Member) (bool, error) {
	if named(m) {
		return true, nil
	}
	r, err := s.open1(m)
	if err != nil {
		return false, nil // its oddity says why
	}
	var head []byte
	for _, n := range [2]int64{sniffedFirst, sniffed} {
		more, err := io.ReadAll(io.LimitReader(r, n-int64(len(head))))
		if err != nil && !corrupt(err) {
			return false, err
		}
		head = append(head, more...)
		if *s.opcodes += int64(len(more)); *s.opcodes > s.limits.Opcodes {
			return false, limit.Opcodes.Exceeded(s.limits.Opcodes, m.Header)
		}
		if len(head) > 1 && head[0] == byte(opcode.Proto) && head[1] <= 5 {
			return true, nil
		}
		is, at := s.decodes(bytes.NewReader(head), 0, int64(len(head)))
		last := n == sniffed || int64(len(head)) < n
		switch {
		case is && (last || at < n): // no STOP that more may follow
			return true, nil
		case last, at < n && !opcode.Code(head[at]).Known():
			return false, nil
		}
	}
	return false, nil
}

// decodes reports whether bytes that claim to be something else are a pickle
// all the same: they reach a global and call it, or end at a STOP. at is behind
// the opcode that told so, or where the one stands that does not decode.
func (s *Source) decodes(r io.ReaderAt, off, end int64) (is bool, at int64) {
	d := opcode.NewDecoder(r, off, end, s.limits)
	var op opcode.Op
	global := false
	for d.Next(&op) == nil {
		switch op.Code {
		case opcode.Inst:
			return true, op.End
		case opcode.Global, opcode.StackGlobal, opcode.Ext1, opcode.Ext2, opcode.Ext4:
			global = true
		case opcode.Reduce, opcode.Obj, opcode.NewObj, opcode.NewObjEx, opcode.Build:
			if global {
				return true, op.End
			}
		case opcode.Stop:
			return op.Offset > off && op.End == end, op.End
		}
	}
	return false, d.Offset()
}
