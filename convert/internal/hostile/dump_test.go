package hostile

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var dump = flag.String("dump", "", "write every vector and index.json into this directory, for testdata/tools/hostile.py")

// indexed is a vector as index.json has it.
type indexed struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Output  bool   `json:"output"`
	Why     string `json:"why"`
	Scan    int    `json:"scan"`
	Convert int    `json:"convert"`
	Verify  int    `json:"verify"`
	Says    string `json:"says"`
	Holds   string `json:"holds"`
	Size    int64  `json:"size"`
}

// TestDump writes the vectors out where the flag asks for it.
func TestDump(t *testing.T) {
	if *dump == "" {
		t.Skip("no -dump")
	}
	var index []indexed
	for _, v := range All() {
		size := writeVector(t, &v, *dump)
		index = append(index, indexed{v.Name, fileName(&v), v.Output, v.Why, v.Scan, v.Convert, v.Verify, v.Says, v.Holds, size})
	}
	b, err := json.MarshalIndent(index, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*dump, "index.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func fileName(v *Vector) string {
	if v.Output {
		return v.Name + ".safetensors"
	}
	return v.Name + ".pt"
}

// writeVector writes a vector, with its record, and returns its size.
func writeVector(t *testing.T, v *Vector, dir string) int64 {
	t.Helper()
	path := filepath.Join(dir, fileName(v))
	if v.Record != nil {
		writeData(t, path+".json", v.Record())
	}
	return writeData(t, path, v.Make())
}

func writeData(t *testing.T, path string, d Data) int64 {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	n, err := d.WriteTo(w)
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		t.Fatal(err)
	}
	if n != d.Len() {
		t.Fatalf("%s: %d bytes were written of %d", path, n, d.Len())
	}
	return n
}
