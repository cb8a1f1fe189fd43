package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sync"

	"depickle/convert/safetensors"
)

// file is a small SafeTensors file.
func file() []byte {
	header := `{"__metadata__":{"format":"pt"},"bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},` +
		`"steps":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}`
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	b, _ = binary.Append(b, binary.LittleEndian, []float32{0.5, -2})
	b, _ = binary.Append(b, binary.LittleEndian, int64(1000))
	return b
}

// A file's tensors, in the order of their data, and the elements of one.
func ExampleNewReader() {
	b := file() // anything that is an io.ReaderAt: an *os.File too
	r, err := safetensors.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range r.Header().Tensors {
		fmt.Println(t.Name, t.DType, t.Shape, t.End-t.Begin, "bytes")
	}
	fmt.Println("format:", r.Header().Metadata["format"])

	section, ok := r.Section("bias")
	if !ok {
		log.Fatal("no such tensor")
	}
	bias := make([]float32, section.Size()/4)
	if err := binary.Read(section, binary.LittleEndian, bias); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bias)
	// Output:
	// bias F32 [2] 8 bytes
	// steps I64 [] 8 bytes
	// format: pt
	// [0.5 -2]
}

// What is wrong with a file is said with its place.
func ExampleNewReader_refused() {
	b := append(file(), "hidden"...)
	_, err := safetensors.NewReader(bytes.NewReader(b), int64(len(b)))
	fmt.Println(err)
	// Output: malformed: data ends at 169 and the file of 175 bytes goes on
}

// A file is written tensor by tensor, here by two goroutines. It is valid from
// Close on and not before.
func ExampleNewWriter() {
	h, err := safetensors.NewHeader([]safetensors.Tensor{
		{Name: "bias", DType: safetensors.F32, Shape: []int64{2}},
		{Name: "steps", DType: safetensors.I64},
	}, map[string]string{"format": "pt", "digest": "????"})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	f, err := os.Create(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()

	w, err := safetensors.NewWriter(f, h)
	if err != nil {
		log.Fatal(err)
	}
	var wg sync.WaitGroup
	for name, data := range map[string]any{"bias": []float32{0.5, -2}, "steps": int64(1000)} {
		wg.Go(func() {
			t, err := w.Create(name)
			if err == nil {
				err = binary.Write(t, binary.LittleEndian, data)
			}
			if err != nil {
				log.Print(err) // Close will refuse as well
			}
		})
	}
	wg.Wait()
	w.Header().Metadata["digest"] = "1f3a" // of the same length
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	b := make([]byte, h.FileBytes())
	if _, err := f.ReadAt(b, 0); err != nil && err != io.EOF {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", bytes.TrimRight(b[8:h.DataStart()], " "))
	fmt.Printf("% x\n", b[h.DataStart():])
	// Output:
	// {"__metadata__":{"digest":"1f3a","format":"pt"},"steps":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"bias":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}
	// e8 03 00 00 00 00 00 00 00 00 00 3f 00 00 00 c0
}
