package container_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"

	"depickle/scan/container"
)

// What a file is, and where its pickles and members lie.
func ExampleOpen() {
	b, err := os.ReadFile("../../testdata/checkpoints/tiny.pt")
	if err != nil {
		log.Fatal(err)
	}
	src, err := container.Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	fmt.Println(src.Format)
	for _, st := range src.Streams {
		fmt.Println("pickle", st.Member, st.Extent.Len, "bytes")
	}
	for _, m := range src.Members {
		fmt.Println("member", m.Name, m.Size, "bytes")
	}
	// The bytes of an extent, here the protocol of the first pickle.
	var head [2]byte
	if _, err := io.ReadFull(src.Section(src.Streams[0].Extent), head[:]); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("% x\n", head)
	// Output:
	// torch-zip
	// pickle archive/data.pkl 473 bytes
	// member archive/data.pkl 473 bytes
	// member archive/.format_version 1 bytes
	// member archive/.storage_alignment 2 bytes
	// member archive/byteorder 6 bytes
	// member archive/data/0 24 bytes
	// member archive/data/1 12 bytes
	// member archive/data/2 12 bytes
	// member archive/data/3 4 bytes
	// member archive/version 2 bytes
	// member archive/.data/serialization_id 40 bytes
	// 80 02
}

// What is no checkpoint is said so, by what it holds and not by its name.
func ExampleOpen_other() {
	page := []byte("<!DOCTYPE html><title>Sign in</title>")
	src, err := container.Open(bytes.NewReader(page), int64(len(page)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	fmt.Println(src.Format, src.Format.Converted())
	fmt.Println(src.Note)
	// Output:
	// html false
	// an HTML page, not a checkpoint; the download got a login or error page
}
