package verify

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"depickle/convert/internal/transfer"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/scan/fault"
)

// File is an output that was read back, with the digests of what it holds.
type File struct {
	R       io.ReaderAt
	Size    int64
	Header  *safetensors.Header
	Tensors []provenance.Digest // in the header's order
	Content provenance.Digest   // with the aliases that the header names
	names   map[string]int
}

// Open reads an output by the strict reader and hashes every tensor.
func Open(ctx context.Context, r io.ReaderAt, size int64) (*File, error) {
	h, err := safetensors.Read(r, size)
	if err != nil {
		return nil, err
	}
	f := &File{R: r, Size: size, Header: h, names: map[string]int{}}
	buf := make([]byte, 1<<20)
	var logical []provenance.Tensor
	for i, t := range h.Tensors {
		sum, err := transfer.Hash(ctx, r, h.DataStart()+t.Begin, t.End-t.Begin, buf)
		if err != nil {
			return nil, err
		}
		f.names[t.Name] = i
		f.Tensors = append(f.Tensors, sum)
		logical = append(logical, provenance.Tensor{Name: t.Name, DType: t.DType.String(), Shape: t.Shape, SHA256: sum})
	}
	for name, of := range f.aliases() {
		t := logical[f.names[of]]
		t.Name = name
		logical = append(logical, t)
	}
	f.Content, err = provenance.ContentHash(logical)
	return f, err
}

// aliases are the pairs of metadata whose value is a tensor's name and whose
// key is none, and no key of ours.
func (f *File) aliases() map[string]string {
	out := map[string]string{}
	for k, v := range f.Header.Metadata {
		_, value := f.names[v]
		_, key := f.names[k]
		if value && !key && k != "format" && !strings.HasPrefix(k, "depickle.") {
			out[k] = v
		}
	}
	return out
}

// DropsAliases reports whether the header names a dropped tensor.
func (f *File) DropsAliases() bool { return len(f.aliases()) > 0 }

func differs(what string) error {
	return fault.New(fault.Changed, "%s", what)
}

// HeaderAgrees compares the content with the digest that the header names.
func (f *File) HeaderAgrees() error {
	want, ok := f.Header.Metadata["depickle.content_sha256"]
	if !ok {
		return fault.New(fault.Unsupported, "the file names no content_sha256, so depickle did not write it and there is nothing to check it by")
	}
	if want != f.Content.String() {
		return differs("the tensors do not have the content_sha256 that the header names")
	}
	return nil
}

// Agrees compares the output with its record, digest for digest.
func (f *File) Agrees(ctx context.Context, rec *provenance.Record) error {
	header, err := provenance.HeaderHash(f.R, f.Header.DataStart())
	if err != nil {
		return err
	}
	if header != rec.Output.HeaderSHA256 {
		return differs("the header does not have the header_sha256 that the record names")
	}
	if f.Content != rec.Output.ContentSHA256 {
		return differs("the tensors do not have the content_sha256 that the record names")
	}
	if f.Header.Metadata["depickle.source_sha256"] != rec.Source.SHA256.String() {
		return differs("header and record name different sources")
	}
	if f.Size != rec.Output.Size {
		return differs("the file does not have the size that the record names")
	}
	sum, err := Hash(ctx, f.R, f.Size)
	if err != nil {
		return err
	}
	if sum != rec.Output.SHA256 {
		return differs("the file does not have the SHA-256 that the record names")
	}
	return f.tensorsAgree(rec)
}

func (f *File) tensorsAgree(rec *provenance.Record) error {
	if len(rec.Tensors) != len(f.Header.Tensors) {
		return differs("the file does not have the number of tensors that the record names")
	}
	for _, t := range rec.Tensors {
		i, ok := f.names[t.Name]
		have := f.Header.Tensors[i]
		if !ok || t.SHA256 != f.Tensors[i] || t.DType != have.DType.String() || !slices.Equal(t.Shape, have.Shape) {
			return &fault.Error{Kind: fault.Changed, Offset: fault.NoOffset, Name: t.Name, Text: "the tensor is not what the record says"}
		}
	}
	dropped := map[string]string{}
	for _, a := range rec.Aliases {
		if _, written := f.names[a.Name]; !written {
			dropped[a.Name] = a.Of
		}
	}
	if !maps.Equal(dropped, f.aliases()) {
		return differs("header and record name different aliases")
	}
	return nil
}

// Hash is the SHA-256 of n bytes of r.
func Hash(ctx context.Context, r io.ReaderAt, n int64) (provenance.Digest, error) {
	sum, err := transfer.Hash(ctx, r, 0, n, make([]byte, 1<<20))
	return provenance.Digest(sum), err
}
