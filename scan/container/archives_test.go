package container

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"depickle/scan/limit"
)

// shifted is an archive of which Python reads another entry than torch: its
// directory, shifted by what the end record says too little, begins in the
// first entry's comment.
func shifted() string {
	hidden := entry{name: "b", data: "cos\nsystem\n."}
	inside := archive{entries: []entry{hidden}}.bytes()
	local := localSize + len(hidden.name) + len(hidden.data)
	other := inside[local : local+centralSize+1]
	pad := strings.Repeat("\x00", 64)
	at := localSize + 1 + len(pad)
	gap := centralSize + 1
	changed := []byte(other)
	le.PutUint16(changed[32:], uint16(gap))
	le.PutUint32(changed[42:], uint32(at-gap))
	return archive{entries: []entry{{name: "a", data: pad + inside[:local], comment: string(changed)}}, gap: strings.Repeat("\x00", gap)}.bytes()
}

func parts(s *Source) string {
	var out []string
	for i := range s.Parts {
		in, err := s.Open(&s.Parts[i])
		if err != nil {
			return err.Error()
		}
		out = append(out, fmt.Sprintf("%s %s %d", s.Parts[i].Name, in.Format, len(in.Members)))
	}
	return strings.Join(out, ", ")
}

// TestArchives: archives one behind the other, and behind something else.
func TestArchives(t *testing.T) {
	one := checkpoint().bytes()
	wide := archive{entries: checkpoint().entries, zip64: true}.bytes()
	small := archive{entries: []entry{{name: "x", data: "N."}}}.bytes()
	empty := archive{}.bytes()
	n, w := len(one), len(wide)
	npy := fmt.Sprintf("\x93NUMPY\x01\x00\x46\x00%-69s\n", fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }", n))
	for _, c := range []struct {
		name, data string
		format     Format
		parts      string
		odds       string
		loose      int64
	}{
		{"one", one, TorchZip, "", "", 0},
		{"two that are the same", one + one, Zip, fmt.Sprintf("@0 torch-zip 3, @%d torch-zip 3", n), "", 0},
		{"two that are the same, zip64", wide + wide, Zip, fmt.Sprintf("@0 torch-zip 3, @%d torch-zip 3", w), "", 0},
		{"three", wide + small + one, Zip, fmt.Sprintf("@0 torch-zip 3, @%d zip 1, @%d torch-zip 3", w, w+len(small)), "", 0},
		{"two and junk", one + small + "junk", Zip, fmt.Sprintf("@0 torch-zip 3, @%d zip 1", n), "", 4},
		{"junk between two", one + "junk" + small, Zip, fmt.Sprintf("@0 torch-zip 3, @%d zip 1", n+4), "", 0},
		{"junk with the magic in front", "PK\x03\x04" + one, Zip, "@0 zip 0, @4 torch-zip 3", "", 0},
		{"behind an empty one", empty + one, Zip, fmt.Sprintf("@%d torch-zip 3", len(empty)), "", 0},
		{"in front of an empty one", one + empty, Zip, "@0 torch-zip 3", "", 0},
		{"an empty one", empty, Zip, "", "", 0},
		{"behind GGUF", "GGUF\x03\x00\x00\x00" + one, GGUF, "@8 torch-zip 3", "zip-inside", 0},
		{"behind GGUF, in front of junk", "GGUF\x03\x00\x00\x00" + one + "junk", GGUF, "@8 torch-zip 3", "zip-inside", 0},
		{"behind GGUF, by offsets that count it", archive{lead: "GGUF\x03\x00\x00\x00", entries: checkpoint().entries}.bytes(), GGUF, "@0 torch-zip 3", "zip-inside", 0},
		{"in an array", npy + one, Npy, "@80 torch-zip 3", "zip-inside", 0},
		{"in the bytes of a pickle", "\x8e" + string(put64bytes(n)) + one + "0N.", Pickle, "@9 torch-zip 3", "", 0},
		{"in the bytes of a pickle, to its end", "N." + one, Pickle, "@2 torch-zip 3", "zip-inside", int64(n)},
		{"an end without a directory", "GGUF\x03\x00\x00\x00" + one[n-endSize:], GGUF, "", "zip-inside", 0},
		{"Python reads another member", shifted(), Zip, "@47 zip 1", "zip-shifted", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openString(t, c.data, limit.Limits{})
			if got := parts(s); s.Format != c.format || got != c.parts || odds(s) != c.odds || unaccounted(s) != c.loose {
				t.Errorf("%s, parts %q, oddities %q, %d bytes loose: %s", s.Format, got, odds(s), unaccounted(s), s.Note)
			}
		})
	}
}

func put64bytes(n int) []byte { return le.AppendUint64(nil, uint64(n)) }

// TestArchivesMany: a chain is bounded as members are.
func TestArchivesMany(t *testing.T) {
	small := archive{entries: []entry{{name: "x", data: "N."}}}.bytes()
	s := openString(t, strings.Repeat(small, 100), limit.Limits{Members: 100})
	if len(s.Parts) != 100 || len(unique(s.Parts)) != 100 {
		t.Errorf("%d parts: %s", len(s.Parts), s.Note)
	}
	s = openString(t, strings.Repeat(small, 101), limit.Limits{Members: 100})
	if len(s.Parts) != 0 || !strings.Contains(s.Note, "--limit members") {
		t.Errorf("%d parts: %s", len(s.Parts), s.Note)
	}
}

func unique(list []Part) []string {
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
