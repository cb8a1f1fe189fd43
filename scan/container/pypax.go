package container

import (
	"bytes"
	"strconv"
	"strings"

	"depickle/scan/fault"
)

// paxInfo is what extended headers say of a member, as far as it matters here.
type paxInfo struct {
	path       string
	size, real int64 // real is that of a sparse member without its holes left out
	hasSize    bool
	hasReal    bool
	sparse     bool
}

func (i paxInfo) apply(m *pyMember) {
	if i.hasSize {
		m.size = i.size
	}
	if i.hasReal {
		m.size = i.real
	}
	if i.path != "" {
		m.name = i.path
	}
}

// records reads "length keyword=value" as tarfile's regular expression does:
// the length says where the next record begins, and nothing else.
func (i paxInfo) records(text []byte) (paxInfo, error) {
	for len(text) > 0 {
		digits := len(text) - len(bytes.TrimLeft(text, "0123456789"))
		key, rest, ok := bytes.Cut(text[digits:], []byte("="))
		if digits == 0 || !ok || len(key) < 2 || key[0] != ' ' {
			break
		}
		n, err := strconv.ParseInt(string(text[:digits]), 10, 64)
		if n = min(n, int64(len(text))); err == nil && n == 0 {
			return i, fault.New(fault.Malformed, "a record of no bytes")
		}
		value := rest[:max(0, min(int64(len(rest)), n-1-int64(digits+len(key)+1)))]
		if err := i.record(string(key[1:]), string(value)); err != nil {
			return i, err
		}
		text = text[n:]
	}
	return i, nil
}

func (i *paxInfo) record(key, value string) (err error) {
	switch {
	case key == "path":
		i.path = value
	case key == "size":
		i.hasSize = true
		i.size, err = decimal(value)
	case key == "GNU.sparse.size", key == "GNU.sparse.realsize":
		i.sparse, i.hasReal = true, true
		i.real, err = decimal(value)
	case key == "GNU.sparse.map", key == "GNU.sparse.major":
		i.sparse = true
	}
	return err
}

// decimal is a number as int() reads it, and 0 for none, as tarfile has it.
// Digits of other scripts are refused.
func decimal(text string) (int64, error) {
	for _, c := range text {
		if c >= 0x80 {
			return 0, fault.New(fault.Unsupported, "a size in a tar's extended header that is not ASCII")
		}
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(text), "_", ""), 10, 64)
	if err != nil && n == 0 {
		return 0, nil
	}
	return n, nil // or the largest, of one that is larger
}
