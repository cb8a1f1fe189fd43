package container

import (
	"slices"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// isTorchTar tells a file of torch 0.1 by its members (torch/serialization.py,
// legacy_load).
func (s *Source) isTorchTar() bool {
	return s.part("storages") >= 0 && s.part("pickle") >= 0
}

// openTorchTar finds the pickles, between which sizes and elements stand raw.
// What torch does not read stays a part.
func (s *Source) openTorchTar() error {
	take := func(name string) (e Extent) {
		i := s.part(name)
		if i < 0 {
			return e // older files have no tensors of their own
		}
		e = s.Parts[i].extent
		s.Parts = slices.Delete(s.Parts, i, i+1)
		return e
	}
	storages, tensors, object := take("storages"), take("tensors"), take("pickle")
	if err := s.openStream(Object, "pickle", object); err != nil {
		return err
	}
	if err := s.tarPickles("storages", storages, s.skipStorage); err != nil {
		return fault.In("storages", err)
	}
	return fault.In("tensors", s.tarPickles("tensors", tensors, s.skipTensor))
}

// tarPickles reads a member that has a number, pickled, and so many records:
// a pickle, and what skip says stands behind it. storages ends with one pickle
// more.
func (s *Source) tarPickles(name string, e Extent, skip func(record, at Extent) (int64, error)) error {
	first := true
	for e.Len > 0 {
		st := Stream{Index: len(s.Streams), Member: name, Role: Extra, Extent: e}
		found, err := s.findStop(e)
		if found.note(&st, err); err != nil {
			if unreadable(err) {
				return err
			}
			s.Streams = append(s.Streams, st)
			return nil
		}
		if len(s.Streams) >= maxStreams {
			return limit.Exceeded("pickles in one file", maxStreams, e.Off)
		}
		s.Streams = append(s.Streams, st)
		e.Off, e.Len = found.end, e.Off+e.Len-found.end
		if first {
			first = false
			continue
		}
		n, err := skip(st.Extent, e)
		if err != nil {
			return err
		}
		if n > e.Len {
			return fault.At(fault.Malformed, e.Off, "%d bytes behind a pickle reach past the end of the member", n)
		}
		e.Off, e.Len = e.Off+n, e.Len-n
	}
	return nil
}

// skipStorage: eight bytes with the number of elements, and the elements, of
// the type that the record names. The last record names none: views.
func (s *Source) skipStorage(record, at Extent) (int64, error) {
	size, err := s.storageType(record)
	if err != nil || size == 0 {
		return 0, err
	}
	var b [8]byte
	if err := s.read(b[:], at); err != nil {
		return 0, err
	}
	n, ok := limit.Mul(int64(le.Uint64(b[:])), size)
	if n, fits := limit.Add(n, 8); ok && fits {
		return n, nil
	}
	return 0, fault.At(fault.Malformed, at.Off, "a storage of that many elements is impossible")
}

// skipTensor: the number of dimensions in eight bytes, of which four count,
// sizes, strides and offset.
func (s *Source) skipTensor(_, at Extent) (int64, error) {
	var b [4]byte
	if err := s.read(b[:], at); err != nil {
		return 0, err
	}
	return 8 + 16*int64(le.Uint32(b[:])) + 8, nil
}

// read reads the first bytes of an extent.
func (s *Source) read(p []byte, e Extent) error {
	if e.Len < int64(len(p)) {
		return fault.At(fault.Malformed, e.Off, "the member ends early")
	}
	return s.at(p, e.Off-s.base.Off)
}

// storageBytes are the bytes of an element by the type's name without
// "Storage".
var storageBytes = map[string]int64{"Double": 8, "Float": 4, "Half": 2, "Long": 8, "Int": 4, "Short": 2, "Char": 1, "Byte": 1}

// storageType is the element's bytes of the storage type that a record names,
// 0 for none. A record that names two things is refused: what torch takes may
// be either. Whether the name is harmless is the judge's.
func (s *Source) storageType(record Extent) (int64, error) {
	d := opcode.NewDecoder(s.Reader(record.Space), record.Off, record.Off+record.Len, s.limits)
	var op opcode.Op
	size, named := int64(0), 0
	for d.Next(&op) == nil && op.Code != opcode.Stop {
		switch op.Code {
		case opcode.StackGlobal, opcode.Inst, opcode.Ext1, opcode.Ext2, opcode.Ext4:
			named = 2
		case opcode.Global:
			named++
			if name, ok := strings.CutSuffix(op.Name, "Storage"); ok {
				size = storageBytes[name]
			}
		}
	}
	if named > 1 || named == 1 && size == 0 {
		return 0, fault.At(fault.Malformed, record.Off, "a storage's record names more than one type, or an unknown one")
	}
	return size, nil
}
