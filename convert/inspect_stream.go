package convert

import (
	"errors"

	"depickle/convert/provenance"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/opcode"
)

func (i *inspector) stream(st container.Stream) (StreamInfo, error) {
	info := StreamInfo{Index: st.Index, Member: provenance.Text(st.Member), Role: role(st.Role), Protocol: -1, Offset: st.Extent.Off, Bytes: st.Extent.Len}
	if st.Extent.Space != container.InFile {
		info.Offset = -1
	}
	if st.Err != nil {
		info.Error = st.Err.Error()
	}
	if st.Extent.Len == 0 || st.Index >= mostProtocols {
		return info, nil
	}
	var err error
	info.Protocol, err = protocol(i.src, st.Extent)
	return info, err
}

// mostProtocols is how many pickles of a file have their protocols looked up.
// Real files have five; a hostile one may have a million.
const mostProtocols = 10_000

func role(r container.Role) string {
	switch r {
	case container.Object:
		return "object"
	case container.Magic:
		return "magic number"
	case container.Protocol:
		return "protocol version"
	case container.SysInfo:
		return "system info"
	case container.Keys:
		return "storage keys"
	}
	return "extra"
}

// fewOpcodes is how many opcodes of a pickle without PROTO are looked at: a
// program that writes binary opcodes does so from the beginning.
const fewOpcodes = 100_000

// protocol is what PROTO says, or else the lowest one that has the opcodes at
// the pickle's beginning; -1 where these cannot be read. The error is the
// reader's.
func protocol(src *container.Source, e container.Extent) (int, error) {
	d := opcode.NewDecoder(src.Reader(e.Space), e.Off, e.Off+e.Len, src.Limits())
	var op opcode.Op
	needs := 0
	for n := range fewOpcodes {
		if err := d.Next(&op); err != nil {
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind == fault.Changed {
				return -1, err
			}
			return -1, nil
		}
		if n == 0 && op.Code == opcode.Proto {
			return int(op.Int), nil
		}
		needs = max(needs, since(op.Code))
		if op.Code == opcode.Stop {
			break
		}
	}
	return needs, nil
}

// since is the protocol that brought an opcode. Source: pickletools.py of
// CPython.
func since(c opcode.Code) int {
	switch c {
	case opcode.Mark, opcode.Stop, opcode.Pop, opcode.Dup, opcode.Float, opcode.Int, opcode.Long, opcode.None, opcode.PersID,
		opcode.Reduce, opcode.String, opcode.Unicode, opcode.Append, opcode.Build, opcode.Global, opcode.Dict, opcode.Get,
		opcode.Inst, opcode.List, opcode.Put, opcode.SetItem, opcode.Tuple:
		return 0
	case opcode.Proto, opcode.NewObj, opcode.Ext1, opcode.Ext2, opcode.Ext4, opcode.Tuple1, opcode.Tuple2, opcode.Tuple3,
		opcode.NewTrue, opcode.NewFalse, opcode.Long1, opcode.Long4:
		return 2
	case opcode.BinBytes, opcode.ShortBinBytes:
		return 3
	case opcode.ShortBinUnicode, opcode.BinUnicode8, opcode.BinBytes8, opcode.EmptySet, opcode.AddItems, opcode.FrozenSet,
		opcode.NewObjEx, opcode.StackGlobal, opcode.Memoize, opcode.Frame:
		return 4
	case opcode.ByteArray8, opcode.NextBuffer, opcode.ReadonlyBuffer:
		return 5
	}
	return 1
}
