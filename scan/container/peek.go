package container

import (
	"bytes"
	"io"
	"strings"

	"depickle/scan/fault"
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
// anything; or whether it is part, a file that may have pickles inside. An
// archive may have a hundred thousand members, so what is looked at counts as
// opcodes do.
func (s *Source) looksLikePickle(m *Member) (is, part bool, err error) {
	r, err := s.open1(m)
	if err != nil {
		return false, false, nil // its oddity says why
	}
	var head []byte
	for _, n := range [2]int64{sniffedFirst, sniffed} {
		more, err := io.ReadAll(io.LimitReader(r, n-int64(len(head))))
		if err != nil && !corrupt(err) {
			return false, false, err
		}
		head = append(head, more...)
		if *s.opcodes += int64(len(more)); *s.opcodes > s.limits.Opcodes {
			return false, false, limit.Opcodes.Exceeded(s.limits.Opcodes, m.Header)
		}
		switch {
		case s.holds(head):
			return false, true, nil
		case named(m), len(head) > 1 && head[0] == byte(opcode.Proto) && head[1] <= 5:
			return true, false, nil
		}
		is, at := s.decodes(bytes.NewReader(head), 0, int64(len(head)))
		last := n == sniffed || int64(len(head)) < n
		switch {
		case is && (last || at < n): // no STOP that more may follow
			return true, false, nil
		case int64(len(head)) == sniffed && (at == sniffed || opcode.Code(head[at]).Known()):
			// It goes on as opcodes, or with a payload that reaches further.
			is, err := s.memberDecodes(m)
			return is, false, err
		case last, at < n && !opcode.Code(head[at]).Known():
			return false, false, nil
		}
	}
	return false, false, nil
}

// memberDecodes is decodes for a whole member.
func (s *Source) memberDecodes(m *Member) (bool, error) {
	e, err := s.Payload(m)
	if err != nil {
		if unreadable(err) || fault.Is(err, fault.Limit) {
			return false, err
		}
		return true, nil // whoever opens it says what is wrong
	}
	is, _ := s.decodes(s.Reader(e.Space), e.Off, e.Off+e.Len)
	if *s.opcodes > s.limits.Opcodes {
		return false, limit.Opcodes.Exceeded(s.limits.Opcodes, m.Header)
	}
	return is, nil
}

// holds reports whether a file that begins so may have pickles inside.
func (s *Source) holds(head []byte) bool {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte(npyMagic)) || isTar(head) || isSevenZip(head) || s.codec(head) != nil {
		return true
	}
	f, _ := sniffStrong(head, int64(len(head)))
	return f == Compressed // which nobody here unpacks
}

// decodesMost is how much of an extent Decodes looks at, in bytes.
const decodesMost = 1 << 20

// asFile is how many opcodes it counts for to open a few bytes as a file.
const asFile = 100

// Decodes reports whether an extent holds a pickle: bytes that reach a global
// and call it, or that end at a STOP, the last of them. The error is a limit:
// a file may hold a pickle in every dozen bytes.
func (s *Source) Decodes(e Extent) (bool, error) {
	// Elements of an array may be opcodes that do nothing, by the gigabyte.
	e.Len = min(e.Len, decodesMost)
	is, _ := s.decodes(s.Reader(e.Space), e.Off, e.Off+e.Len)
	if is {
		*s.opcodes += asFile
	}
	if *s.opcodes > s.limits.Opcodes {
		return false, limit.Opcodes.Exceeded(s.limits.Opcodes, e.Off)
	}
	return is, nil
}

// decodes reports whether bytes that claim to be something else are a pickle
// all the same: they reach a global and call it, or end at a STOP. at is behind
// the opcode that told so, or where the one stands that does not decode.
func (s *Source) decodes(r io.ReaderAt, off, end int64) (is bool, at int64) {
	d := opcode.NewDecoder(r, off, end, s.limits)
	var op opcode.Op
	global := false
	for *s.opcodes <= s.limits.Opcodes && d.Next(&op) == nil {
		*s.opcodes++
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
			if op.End == end {
				return op.Offset > off, op.End
			}
			// Another pickle may follow, for a loader that calls again.
			d, global = opcode.NewDecoder(r, op.End, end, s.limits), false
		}
	}
	return false, d.Offset()
}
