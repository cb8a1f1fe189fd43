package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
)

// writeCheckpoint writes what torch.save({"w": tensor}) would for n float32
// zeros. With expanded, the tensor is one element that is seen n times.
func writeCheckpoint(path string, n int, expanded bool) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	stored, stride := n, 1
	if expanded {
		stored, stride = 1, 0
	}
	z := zip.NewWriter(f)
	if err := storedMember(z, "archive/data.pkl", bytes.NewReader(tensorPickle(n, stride, stored))); err != nil {
		return err
	}
	if err := storedMember(z, "archive/version", bytes.NewReader([]byte("3\n"))); err != nil {
		return err
	}
	if err := storedMember(z, "archive/data/0", io.LimitReader(zeros{}, int64(stored)*4)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

func storedMember(z *zip.Writer, name string, content io.Reader) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, content)
	return err
}

// tensorPickle is {"w": _rebuild_tensor_v2(storage, 0, (n,), (stride,), …)} in
// protocol 2.
func tensorPickle(n, stride, stored int) []byte {
	var b bytes.Buffer
	text := func(s string) {
		b.WriteByte('X')
		binary.Write(&b, binary.LittleEndian, uint32(len(s)))
		b.WriteString(s)
	}
	number := func(i int) {
		b.WriteByte('J')
		binary.Write(&b, binary.LittleEndian, int32(i))
	}
	b.WriteString("\x80\x02}")
	text("w")
	b.WriteString("ctorch._utils\n_rebuild_tensor_v2\n((")
	text("storage")
	b.WriteString("ctorch\nFloatStorage\n")
	text("0")
	text("cpu")
	number(stored)
	b.WriteString("tQ")
	number(0)
	number(n)
	b.WriteByte('\x85')
	number(stride)
	b.WriteString("\x85\x89ccollections\nOrderedDict\n)RtRs.")
	return b.Bytes()
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
