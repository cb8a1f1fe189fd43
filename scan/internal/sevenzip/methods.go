package sevenzip

import (
	"fmt"
	"strings"
)

// encrypts reports whether a coder is one of the ciphers: 06, and more behind
// it. 06 alone is a filter.
func encrypts(id uint64) bool {
	if id <= 0xff {
		return false
	}
	for id > 0xff {
		id >>= 8
	}
	return id == 0x06
}

// Method is what people call a coder.
func Method(id uint64) string {
	switch id {
	case 0x00:
		return "Copy"
	case 0x03:
		return "Delta"
	case 0x04, 0x03030103:
		return "BCJ"
	case 0x05, 0x03030205:
		return "the filter for PowerPC"
	case 0x06, 0x03030401:
		return "the filter for IA-64"
	case 0x07, 0x08, 0x0a, 0x03030501, 0x03030701:
		return "the filter for ARM"
	case 0x09, 0x03030805:
		return "the filter for SPARC"
	case 0x0b:
		return "the filter for RISC-V"
	case 0x21:
		return "LZMA2"
	case 0x030101:
		return "LZMA"
	case 0x0303011b:
		return "BCJ2"
	case 0x030401:
		return "PPMd"
	case 0x040108:
		return "Deflate"
	case 0x040109:
		return "Deflate64"
	case 0x040202:
		return "BZip2"
	case 0x04f71101:
		return "zstd"
	case 0x04f71102:
		return "Brotli"
	case 0x04f71104:
		return "LZ4"
	case 0x04f71105:
		return "LZ5"
	case 0x04f71106:
		return "Lizard"
	}
	return fmt.Sprintf("method %x", id)
}

// branches names the coders that are no chain.
func branches(coders []Coder) string {
	var names []string
	for _, c := range coders {
		if name := Method(c.ID); len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if len(names) > maxChain {
		names = append(names[:maxChain], "more")
	}
	return strings.Join(names, ", ")
}
