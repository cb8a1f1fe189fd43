package provenance_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"

	"depickle/convert/provenance"
)

// The identity of two tensors, one of which has no elements.
func ExampleContentHash() {
	sum, err := provenance.ContentHash([]provenance.Tensor{
		{Name: "w", DType: "U8", Shape: []int64{3}, SHA256: sha256.Sum256([]byte{1, 2, 3})},
		{Name: "none", DType: "F32", Shape: []int64{0, 8}, SHA256: sha256.Sum256(nil)},
	})
	fmt.Println(sum, err)
	// Output: 81cd3abde86df853c725caaff26ab7ec333e4785e193805f11b6375d9a937840 <nil>
}

// The identity of a source of two files.
func ExampleSourceSetHash() {
	sum, err := provenance.SourceSetHash([]provenance.SourceFile{
		{Name: "b.bin", SHA256: sha256.Sum256([]byte("abc"))},
		{Name: "a/c.bin", SHA256: sha256.Sum256(nil)},
	})
	fmt.Println(sum, err)
	// Output: 6b64fecf643c6e52a728238ce013c7ea093fb752b770ba58efbdb35d8ffd09d3 <nil>
}

// The digest of a header: of what stands in front of the tensors' bytes.
func ExampleHeaderHash() {
	header := `{"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}   `
	file := strings.NewReader("\x38\x00\x00\x00\x00\x00\x00\x00" + header + "\x01\x02\x03")
	sum, err := provenance.HeaderHash(file, 8+56)
	fmt.Println(sum, err)
	// Output: 304990886a452f7564aa42581866c5fa5543fdc6bbc79b5d169987dac7255eb9 <nil>
}

// A record is read back only as it was written.
func ExampleDecode() {
	record := provenance.Record{
		Source:   provenance.Source{Name: "model.pt"},
		Output:   provenance.Output{Name: "model.safetensors"},
		Severity: "clean", Verdict: "clean", Complete: true,
		Tensors: []provenance.Tensor{{Name: "emb_params", Path: "/string_to_param/*", DType: "F32", Shape: []int64{1, 768}}},
		Root:    "/string_to_param",
	}
	var b bytes.Buffer
	sum, err := record.Encode(&b)
	if err != nil {
		fmt.Println(err)
		return
	}
	back, claimed, err := provenance.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claimed == sum, back.Renamed()[0].Path)

	changed := bytes.Replace(b.Bytes(), []byte("768"), []byte("769"), 1)
	_, _, err = provenance.Decode(bytes.NewReader(changed))
	fmt.Println(err)
	// Output:
	// true /string_to_param/*
	// malformed: conversion record was changed: its digest does not match
}
