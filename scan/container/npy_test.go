package container

import (
	"strings"
	"testing"

	"depickle/scan/limit"
)

// npyFile is a .npy file of version 1 with that header.
func npyFile(header, data string) string {
	header += strings.Repeat(" ", 15-(len(header)+10)%16) + "\n"
	return "\x93NUMPY\x01\x00" + string(le.AppendUint16(nil, uint16(len(header)))) + header + data
}

// TestNpy: objects are one pickle, numbers are counted, and what numpy would
// take for objects in another spelling is refused.
func TestNpy(t *testing.T) {
	header := func(descr, shape string) string {
		return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }"
	}
	for _, c := range []struct {
		name, descr, shape, data, streams string
		loose                             int64
	}{
		{"numbers", "'<f4'", "(2,)", "12345678", "6", 0},
		{"none", "'<f4'", "(0, 3)", "", "6", 0},
		{"a scalar", "'<i8'", "()", "12345678", "6", 0},
		{"text", "'<U2'", "(1,)", "12345678", "6", 0},
		{"dates", "'<M8[ns]'", "(1,)", "12345678", "6", 0},
		{"bytes behind", "'<f4'", "(1,)", "12345678", "6", 4},
		{"too few", "'<f4'", "(3,)", "12345678", "0!malformed 6", 0},
		{"a shape without end", "'<f4'", "(4611686018427387904, 4611686018427387904)", "", "0!malformed 6", 0},
		{"objects", "'|O'", "(1,)", "N.", "0 6", 0},
		{"objects and bytes behind", "'|O'", "(1,)", "N.xx", "0 6", 2},
		{"a structure", "[('a', '<i4'), ('O', '<f8', (2,))]", "(1,)", "anything", "6", 0},
		{"a structure with objects", "[('a', '<i4'), ('b', '|O')]", "(1,)", "N.", "0 6", 0},
		{"deeper", "[('a', [(('title', 'b'), '|O', (2, 2))])]", "(1,)", "N.", "0 6", 0},
		{"two objects in one type", "[('a', '2O')]", "(1,)", "N.", "0!malformed 6", 0},
		{"a type by its name", "'object'", "(1,)", "N.", "0!malformed 6", 0},
		{"a dict", "{'names': ['a'], 'formats': ['O']}", "(1,)", "N.", "0!malformed 6", 0},
		{"a name that ends early", "[('a\\', '<i4'), ('", "(1,)", "N.", "0!malformed 6", 0},
	} {
		s := openString(t, npyFile(header(c.descr, c.shape), c.data), limit.Limits{})
		if s.Format != Npy || streams(s) != c.streams || unaccounted(s) != c.loose {
			t.Errorf("%s: %s, streams %q, %d bytes loose", c.name, s.Format, streams(s), unaccounted(s))
		}
	}
}

// TestTar: members are parts; what stands for something else is refused.
func TestTarEnds(t *testing.T) {
	if s := openString(t, strings.Repeat("\x00", 1024), limit.Limits{}); s.Format == Tar {
		t.Error("blank blocks are no archive")
	}
}
