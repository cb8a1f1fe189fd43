package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// sees is run by a Python that has the safetensors package: of each line, a
// file in hex, it prints what the reference library sees, as a line of JSON.
const sees = `
import json, sys, safetensors
for line in sys.stdin:
    try:
        got = safetensors.deserialize(bytes.fromhex(line))
        print(json.dumps({n: t["dtype"] + str(list(t["shape"])) + bytes(t["data"]).hex() for n, t in got}))
    except Exception as e:
        print(json.dumps({"error": str(e)}))
`

// TestAcceptedIsReferenceValid holds the strict reader against the reference
// library over changed headers: what the strict reader takes, the reference
// takes, and sees the same tensors in it.
func TestAcceptedIsReferenceValid(t *testing.T) {
	python := os.Getenv("DEPICKLE_PYTHON")
	if python == "" {
		t.Skip("DEPICKLE_PYTHON names no Python")
	}
	if err := exec.Command(python, "-c", "import safetensors").Run(); err != nil {
		t.Skipf("%s has no safetensors", python)
	}
	var files [][]byte
	var in strings.Builder
	rng := rand.New(rand.NewPCG(1, 2))
	const tries = 60_000
	for range tries {
		b := mutant(rng)
		if _, err := Read(bytes.NewReader(b), int64(len(b))); err == nil {
			files = append(files, b)
			in.WriteString(hex.EncodeToString(b) + "\n")
		}
	}
	t.Logf("the strict reader takes %d of %d", len(files), tries)
	if len(files) < tries/50 || len(files) > tries/2 {
		t.Errorf("the strict reader takes %d of %d: the changes prove little", len(files), tries)
	}
	cmd := exec.Command(python, "-c", sees)
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for _, b := range files {
		var got map[string]string
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		h, _ := Read(bytes.NewReader(b), int64(len(b)))
		for _, x := range h.Tensors {
			shape, _ := json.Marshal(append([]int64{}, x.Shape...))
			data := b[h.DataStart()+x.Begin : h.DataStart()+x.End]
			want[x.Name] = x.DType.String() + strings.ReplaceAll(string(shape), ",", ", ") + hex.EncodeToString(data)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("the strict reader takes %q and sees %v, the reference sees %v", b, want, got)
		}
	}
}

// headers are what is changed; the data has twelve bytes.
var headers = []string{
	`{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[2,2],"data_offsets":[8,12]}}`,
	`{"b":{"dtype":"I16","shape":[2,1],"data_offsets":[8,12]},"a":{"dtype":"C64","shape":[],"data_offsets":[0,8]},"c":{"shape":[0,9],"data_offsets":[12,12],"dtype":"F64"}}`,
	`{"\u00e9\"":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"__metadata__":{}}`,
	`{"x":{"dtype":"F4","shape":[4,2],"data_offsets":[0,4]},"y":{"dtype":"BOOL","shape":[8],"data_offsets":[4,12]},"z":{"dtype":"F8_E8M0","shape":[0],"data_offsets":[0,0]}}  `,
}

// mutant is a file with a changed header, or of another length.
func mutant(rng *rand.Rand) []byte {
	h := []byte(headers[rng.IntN(len(headers))])
	for range 1 + rng.IntN(2) {
		i := rng.IntN(len(h))
		switch rng.IntN(8) {
		case 0:
			h[i] ^= 1 << rng.IntN(8)
		case 1:
			h = append(h[:i], h[i+1:]...)
		case 2:
			pieces := []string{" ", "\n", "\t", "0", "1", "-", ",", `"`, "{}", "[]", "null", "1e0", ".0", `\n`, `\u0061`, `\ud800`, "\xff", "\x00", `,"a":1`}
			h = append(append(append([]byte(nil), h[:i]...), pieces[rng.IntN(len(pieces))]...), h[i:]...)
		case 3, 4:
			h = replaced(rng, h, []string{"0", "1", "2", "3", "4", "8", "9", "12"}, []string{"0", "1", "2", "3", "4", "6", "8", "12", "00", "1.0", "18446744073709551616"})
		case 5:
			types := []string{"F32", "U8", "I16", "C64", "F64", "BF16", "F4", "BOOL", "F8_E8M0"}
			h = replaced(rng, h, types, append(types, "F16", "U64", "f32", "F6_E2M3", "C32"))
		case 6:
			names := []string{`"a"`, `"b"`, `"c"`, `"x"`, `"dtype"`, `"shape"`, `"__metadata__"`}
			h = replaced(rng, h, names, append(names, `"\u0061"`, `"Dtype"`, `"data_offsets"`))
		case 7:
			h = replaced(rng, h, []string{",", ":", "{", "}", "["}, []string{" ,", ", ", ": ", "{ ", " }", "[ ", "\r\n,"})
		}
	}
	length := uint64(len(h))
	if rng.IntN(20) == 0 {
		length += uint64(rng.IntN(3)) - 1
	}
	data := "0123456789ab"[:12-rng.IntN(50)/49]
	return append(append(binary.LittleEndian.AppendUint64(nil, length), h...), data...)
}

// replaced changes one occurrence of one of the old strings.
func replaced(rng *rand.Rand, h []byte, old, to []string) []byte {
	s, o := string(h), old[rng.IntN(len(old))]
	k := strings.Count(s, o)
	if k == 0 {
		return h
	}
	at := 0
	for range rng.IntN(k) {
		at += strings.Index(s[at:], o) + len(o)
	}
	at += strings.Index(s[at:], o)
	return []byte(s[:at] + to[rng.IntN(len(to))] + s[at+len(o):])
}
