package sevenzip

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"unicode/utf16"

	"depickle/scan/fault"
)

// file7z is an archive of some packed bytes and a header, with CRCs that are
// right.
func file7z(packed, header string) string {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(packed)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(header)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(header)))
	return Magic + "\x00\x04" + string(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))) + string(b) + packed + header
}

// num is a number of eight bytes, which any may be written as.
func num(n uint64) string { return "\xff" + string(binary.LittleEndian.AppendUint64(nil, n)) }

// name is a name as the header has it.
func name(s string) string {
	var b []byte
	for _, unit := range append(utf16.Encode([]rune(s)), 0) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// property is a list of something of the members.
func property(id byte, data string) string { return string(id) + num(uint64(len(data))) + data }

// Parts of a header of one folder of five bytes, copied, that is one member.
const (
	pack   = "\x06\x00\x01\x09\x05\x00"     // at 0, one stream of 5 bytes
	one    = "\x07\x0b\x01\x00\x01\x01\x00" // one folder of one coder, whose id is 00
	sized  = "\x0c\x05\x00"
	main   = "\x01\x04" + pack + one + sized + "\x00"
	digest = "\x08\x0a\x01\x86\xa6\x10\x36\x00" // of hello
)

// header has that folder, and what is said of its members.
func header(files string) string { return main + "\x05" + files + "\x00\x00" }

// opened opens an archive whose headers are packed by Copy, with bounds that
// are small.
func opened(data string) (*Archive, error) {
	r := io.NewSectionReader(strings.NewReader(data), 0, int64(len(data)))
	return Open(r, Options{Members: 100, Names: 1000, Header: 10_000, Unpack: func(f *Folder) (*io.SectionReader, error) {
		if len(f.Coders) != 1 || f.Coders[0].ID != 0 {
			return nil, fault.At(fault.Unsupported, f.Packed.Off, "packed")
		}
		return io.NewSectionReader(r, f.Packed.Off, min(f.Packed.Len, f.Size)), nil
	}})
}
