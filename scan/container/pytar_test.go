package container

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// tarHeader is a header of an old archive: without a magic, which tarfile does
// not ask for.
func tarHeader(name, size string, kind byte) string {
	return tarFields(map[int]string{0: name, 100: "644", 124: size, 156: string(kind)})
}

// tarFields has text at some offsets of a header, and the checksum over it.
func tarFields(fields map[int]string) string {
	b := make([]byte, tarBlock)
	for at, text := range fields {
		copy(b[at:], text)
	}
	if b[148] == 0 {
		copy(b[148:156], "        ")
		sum := 0
		for _, c := range b {
			sum += int(c)
		}
		copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
	}
	return string(b)
}

func block(text string) string {
	return text + strings.Repeat("\x00", int(blocks(int64(len(text))))-len(text))
}

// TestPythonTar: the files that tarfile finds, each by name, place and size.
// testdata/tools/readers.py compares with tarfile itself.
func TestPythonTar(t *testing.T) {
	end := strings.Repeat("\x00", 2*tarBlock)
	one := tarHeader("a", "4", '0') + block("abcd")
	pax := func(kind byte, records string) string {
		return tarHeader("pax", fmt.Sprintf("%o", len(records)), kind) + block(records)
	}
	for _, c := range []struct {
		name, data string
		want       string
		err        fault.Kind
	}{
		{"one", one + end, "a 512+4", 0},
		{"no end", one, "a 512+4", 0},
		{"what one empty block ends", one + end[:tarBlock] + one, "a 512+4", 0},
		{"junk behind", one + block("junk") + one, "a 512+4", 0},
		{"a type that nobody knows", tarHeader("a", "4", 'V') + block("abcd") + one, "a 512+4, a 1536+4", 0},
		{"a link has no bytes", tarHeader("a", "4", '1') + one, "a 1024+4", 0},
		{"a folder by its name", tarHeader("a/", "4", 0) + one, "a 1024+4", 0},
		{"a file by its type", tarHeader("a/", "4", '7') + block("abcd"), "a/ 512+4", 0},
		{"a size by int()", tarHeader("a", " +0_4 ", '0') + block("abcd"), "a 512+4", 0},
		{"a size with a prefix", tarHeader("a", "0o4", '0') + block("abcd"), "a 512+4", 0},
		{"a size in bytes", tarHeader("a", "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04", '0') + block("abcd") + one, "a 512+4, a 1536+4", 0},
		{"a size that is huge", tarHeader("a", "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x04", '0') + block("abcd") + one, "a 512+1536", 0},
		{"a negative size", tarHeader("a", "-4000", '0') + block("abcd") + one, "", 0},
		{"a size that is none", one + tarHeader("a", "9", '0') + one, "a 512+4", 0},
		{"a time that is none", one + tarFields(map[int]string{0: "a", 124: "4", 136: "x", 156: "0"}) + one, "a 512+4", 0},
		{"a time that is negative", tarFields(map[int]string{0: "a", 124: "4", 136: "\xff\xff", 156: "0"}) + block("abcd"), "a 512+4", 0},
		{"a checksum that is wrong", one + tarFields(map[int]string{0: "a", 148: "1"}) + one, "a 512+4", 0},
		{"a prefix", tarFields(map[int]string{0: "a", 124: "4", 156: "0", 345: "b"}) + block("abcd"), "b/a 512+4", 0},
		{"a long name", tarHeader("x", "2", 'L') + block("b\x00") + one, "b 1536+4", 0},
		{"a long link", tarHeader("x", "2", 'K') + block("b\x00") + one, "a 1536+4", 0},
		{"a long name in front of the end", one + tarHeader("x", "2", 'L') + block("b\x00") + end, "a 512+4", 0},
		{"another size", pax('x', "9 size=6\n") + tarHeader("a", "2000", '0') + block("abcdef") + one, "a 1536+6, a 2560+4", 0},
		{"another size, by Solaris", pax('X', "9 size=6\n") + one, "a 1536+6", 0},
		{"another size of a link", pax('x', "9 size=6\n") + tarHeader("a", "4", '2') + one, "a 2048+4", 0},
		{"a size for all, which moves nothing", pax('g', "9 size=6\n") + tarHeader("a", "2000", '0') + strings.Repeat("\x00", 1024) + one, "a 1536+6, a 3072+6", 0},
		{"a size that is no number", pax('x', "9 size=x\n") + tarHeader("a", "2000", '0') + one, "a 2048+4", 0},
		{"a size in other digits", pax('x', "10 size=\u0663\n") + one, "", fault.Unsupported},
		{"a record of no bytes", one + pax('x', "0 size=6\n") + one, "a 512+4", 0},
		{"a record in front of another one", pax('x', "9 path=b\n9 size=6\n") + one, "b 1536+6", 0},
		{"a record that reaches past its end", pax('x', "99 path=b\n") + one, "b\n" + strings.Repeat("\x00", 88) + " 1536+4", 0},
		{"a sparse member", pax('x', "19 GNU.sparse.map=0\n22 GNU.sparse.size=6\n") + one, "a 1536+4", fault.Unsupported},
		{"a sparse member's own size", pax('x', "21 GNU.sparse.size=6\n") + one, "a 1536+6", fault.Unsupported},
		{"an old sparse member", tarHeader("a", "4", 'S') + block("abcd") + one, "a 512+4, a 1536+4", fault.Unsupported},
		{"more of an old sparse member", tarFields(map[int]string{0: "a", 124: "4", 156: "S", 482: "\x01"}) + block("") + end[:tarBlock] + block("abcd"), "a 1024+4", fault.Unsupported},
		{"an extended header that is too long", tarHeader("x", "7777777", 'x') + strings.Repeat("\x00", 1<<21), "", fault.Limit},
		{"too many extended headers", strings.Repeat(pax('x', "9 path=b\n"), 200) + one, "", fault.Limit},
		{"a member that is cut off", tarHeader("a", "2000", '0') + "abcd", "a 512+4", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openString(t, c.data, limit.Limits{})
			found, err := s.pythonTar()
			var got []string
			for _, m := range found {
				got = append(got, fmt.Sprintf("%s %d+%d", m.name, m.at, m.size))
			}
			if g := strings.Join(got, ", "); g != c.want || (c.err == 0) != (err == nil) || err != nil && !fault.Is(err, c.err) {
				t.Errorf("%q, %v; want %q", g, err, c.want)
			}
		})
	}
}

// TestTarReading: what only Python finds is a part, and odd.
func TestTarReading(t *testing.T) {
	inner := tarHeader("inner", "4", '0') + block("abcd")
	end := strings.Repeat("\x00", 2*tarBlock)
	// A size that applies to all is that of none to other readers.
	data := tarHeader("pax", "14", 'g') + block("12 size=512\n") + tarHeader("a", "0", '0') + inner + end
	s := openString(t, data, limit.Limits{})
	var names []string
	for _, p := range s.Parts {
		names = append(names, p.Name)
	}
	if !slices.Contains(names, "a") || odds(s) != "tar-reading" {
		t.Errorf("%v, %q", names, odds(s))
	}
}
