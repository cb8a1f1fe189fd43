package container

import (
	"bytes"
	"errors"
	"math/big"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// maxStreams bounds the pickles of one file: each takes a byte or two.
const maxStreams = 100_000

// magicNumber opens a legacy torch file (torch/serialization.py MAGIC_NUMBER).
var magicNumber, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

// openPickles finds the pickles that stand one after the other from the start
// of the file: a plain pickle, several, or the five of a legacy torch file.
func (s *Source) openPickles() error {
	var off int64
	for off < s.base.Len && len(s.Streams) < maxStreams {
		st := Stream{Index: len(s.Streams), Extent: s.sub(off, s.base.Len-off)}
		found, err := s.findStop(st.Extent)
		if found.note(&st, err); err != nil {
			if unreadable(err) {
				return err
			}
			s.Streams = append(s.Streams, st)
			break
		}
		s.Streams = append(s.Streams, st)
		off = found.end - s.base.Off
		if found.joblib {
			off = s.base.Len // who knows where it ends
			break
		}
		if found.magic && st.Index == 0 {
			return s.openLegacy(off)
		}
	}
	s.Format = Pickle
	last := &s.Streams[len(s.Streams)-1]
	switch {
	case last.Err == nil && off < s.base.Len:
		s.Unaccounted = append(s.Unaccounted, s.sub(off, s.base.Len-off))
	case last.Err != nil && last.Index > 0:
		// Bytes after the last STOP: a loader that calls load again would
		// run them, so they are judged, but they are no pickle.
		last.Role = Extra
		blank, err := s.blank(last.Extent, " \t\r\n\x00")
		if err != nil {
			return err
		}
		if blank {
			s.Streams = s.Streams[:last.Index]
			break
		}
		s.Unaccounted = append(s.Unaccounted, last.Extent)
	case last.Err != nil:
		head := make([]byte, min(s.base.Len, 512))
		if err := s.at(head, 0); err != nil {
			return err
		}
		if !begunAsPickle(head, last.Err, s.base.Off) {
			s.Format, s.Note = sniffWeak(head)
			last.Role = Guess
		}
	}
	return nil
}

// blank reports whether nothing but padding stands there. None of the bytes
// that files are padded with is an opcode.
func (s *Source) blank(e Extent, padding string) (bool, error) {
	buf := make([]byte, min(e.Len, 32<<10))
	for off := int64(0); off < e.Len; off += int64(len(buf)) {
		b := buf[:min(int64(len(buf)), e.Len-off)]
		if err := s.at(b, e.Off-s.base.Off+off); err != nil {
			return false, err
		}
		if len(bytes.Trim(b, padding)) != 0 {
			return false, nil
		}
	}
	return true, nil
}

// begunAsPickle tells a broken pickle from what never was one: it opens with
// PROTO and a protocol, or decoded for a while.
func begunAsPickle(head []byte, err error, base int64) bool {
	if len(head) > 1 && head[0] == byte(opcode.Proto) && head[1] <= 5 {
		return true
	}
	var e *fault.Error
	return errors.As(err, &e) && e.Offset-base > 256
}

// firstTry is how far findStop looks at first, in bytes: a decoder reads a
// window at once, and a file may hold a pickle in every second byte.
const firstTry = 1024

// stopped is what one pass over a pickle tells.
type stopped struct {
	end     int64  // behind its STOP
	magic   bool   // it is nothing but torch's magic number
	fetched *Slots // the memo slots that it fetches, nil for none
	looked  int64  // bytes that were decoded
	joblib  bool   // it names joblib's module
}

// note tells a stream what the pass found, and why it ended before the end.
func (f *stopped) note(st *Stream, err error) {
	st.Fetched, st.Looked, st.Err, st.Joblib = f.fetched, f.looked, err, f.joblib
	if err == nil {
		n := f.end - st.Extent.Off
		st.Extent.Len, st.Room = n, st.Extent.Len-n
	}
}

// findStop decodes one pickle to its STOP. Of one that has none it tells what
// stands before the error.
func (s *Source) findStop(e Extent) (stopped, error) {
	if e.Len > firstTry {
		short := e
		short.Len = firstTry
		if st, err := s.stop(short); err == nil || unreadable(err) {
			return st, err
		}
	}
	return s.stop(e)
}

// joblibModule has the class that stands for an array whose elements follow it.
const joblibModule = "joblib.numpy_pickle"

// StreamAt finds the pickle at the beginning of an extent. The error is the
// reader's; what is wrong with the pickle is the stream's.
func (s *Source) StreamAt(e Extent) (Stream, error) {
	st := Stream{Role: Extra, Extent: e}
	found, err := s.findStop(e)
	if err != nil && unreadable(err) {
		return st, err
	}
	found.note(&st, err)
	return st, nil
}

// oddLiteral is how many more opcodes a literal counts for that no pickler
// writes: it is read in several ways, each slowly.
const oddLiteral = 15

func (s *Source) stop(e Extent) (st stopped, err error) {
	d := opcode.NewDecoder(s.Reader(e.Space), e.Off, e.Off+e.Len, s.limits)
	d.Ahead()
	defer func() {
		d.Close()
		st.looked = d.Offset() - e.Off
	}()
	var op opcode.Op
	st.magic = true
	seen := 0
	for {
		if *s.opcodes++; *s.opcodes > s.limits.Opcodes {
			return st, limit.Opcodes.Exceeded(s.limits.Opcodes, d.Offset())
		}
		if err := d.Next(&op); err != nil {
			return st, err
		}
		if op.Note != "" {
			*s.opcodes += oddLiteral
		}
		switch op.Code {
		case opcode.Proto, opcode.Frame, opcode.Put, opcode.BinPut, opcode.LongBinPut, opcode.Memoize:
		case opcode.Get, opcode.BinGet, opcode.LongBinGet:
			st.magic = false
			if st.fetched == nil {
				st.fetched = &Slots{}
			}
			if !st.fetched.Add(op.Int) || st.fetched.Len() > int64(s.limits.Memo) {
				return st, limit.Memo.Exceeded(int64(s.limits.Memo), op.Offset)
			}
		case opcode.Long, opcode.Long1, opcode.Long4, opcode.Int:
			st.magic = st.magic && seen == 0 && op.Big != nil && op.Big.Cmp(magicNumber) == 0
			seen++
		case opcode.Global, opcode.Inst:
			st.magic = false
			st.joblib = st.joblib || op.Module == joblibModule
		case opcode.ShortBinUnicode, opcode.BinUnicode, opcode.BinUnicode8:
			st.magic = false
			st.joblib = st.joblib || string(op.Data) == joblibModule
		case opcode.Stop:
			st.end, st.magic = op.End, st.magic && seen == 1
			return st, nil
		default:
			st.magic = false
		}
	}
}

// openLegacy finds the four pickles behind the magic number. torch reads them
// whatever they hold; so their content is judged, not only their places.
func (s *Source) openLegacy(off int64) error {
	s.Format = TorchLegacy
	s.Streams[0].Role = Magic
	for i, role := range []Role{Protocol, SysInfo, Object, Keys} {
		st := Stream{Index: i + 1, Role: role, Extent: s.sub(off, s.base.Len-off)}
		found, err := s.findStop(st.Extent)
		if found.note(&st, err); err != nil {
			if unreadable(err) {
				return err
			}
			s.Streams = append(s.Streams, st)
			return nil
		}
		off = found.end - s.base.Off
		s.Streams = append(s.Streams, st)
	}
	s.DataStart = s.base.Off + off
	return nil
}
