package verify

import (
	"maps"
	"slices"

	"depickle/convert/provenance"
)

// SizeAgrees compares the size of an output with the one that its record
// names: before anything of it is read, so that a file that was cut is called
// that.
func SizeAgrees(size int64, rec *provenance.Record) error {
	if size != rec.Output.Size {
		return differs("the file has %d bytes and the record names %d", size, rec.Output.Size)
	}
	return nil
}

// HeaderAgrees compares the header with the digest that the record names.
func (f *File) HeaderAgrees(rec *provenance.Record) error {
	header, err := provenance.HeaderHash(f.R, f.Header.DataStart())
	if err != nil {
		return err
	}
	if header != rec.Output.HeaderSHA256 {
		return differs("the header does not have the header_sha256 that the record names")
	}
	return nil
}

// Agrees compares the output with its record, digest for digest. Digest was
// called for the whole file.
func (f *File) Agrees(rec *provenance.Record) error {
	if err := f.tensorsAgree(rec); err != nil {
		return err
	}
	if f.Content != rec.Output.ContentSHA256 {
		return differs("the tensors do not have the content_sha256 that the record names")
	}
	if f.SHA256 != rec.Output.SHA256 {
		return differs("the file does not have the SHA-256 that the record names")
	}
	if f.Source() != rec.Source.SHA256.String() {
		return differs("header and record name different sources")
	}
	if f.Header.Metadata[versionKey] != rec.Version {
		return differs("header and record name different versions of depickle")
	}
	return f.aliasesAgree(rec)
}

func (f *File) tensorsAgree(rec *provenance.Record) error {
	if len(rec.Tensors) != len(f.Header.Tensors) {
		return differs("the file has %d tensors and the record names %d", len(f.Header.Tensors), len(rec.Tensors))
	}
	for i := range rec.Tensors {
		want, have := &rec.Tensors[i], &f.Header.Tensors[i]
		if want.Name != have.Name || want.DType != have.DType.String() || !slices.Equal(want.Shape, have.Shape) {
			return differ(have.Name, "the tensor is not the one that the record names in its place")
		}
		if want.SHA256 != f.Tensors[i] {
			return differ(have.Name, "the tensor does not have the SHA-256 that the record names")
		}
	}
	return nil
}

// aliasesAgree proves of aliases that were dropped that the header names the
// same ones, and of those that were written that they are equal.
func (f *File) aliasesAgree(rec *provenance.Record) error {
	dropped := map[string]string{}
	for _, a := range rec.Dropped() {
		dropped[a.Name] = a.Of
	}
	if !maps.Equal(dropped, f.aliases) {
		return differs("header and record name different aliases")
	}
	content, err := rec.ContentHash()
	if err != nil {
		return differs("the record contradicts itself: %v", err)
	}
	if content != rec.Output.ContentSHA256 {
		return differs("the record's tensors and aliases do not have its content_sha256")
	}
	return nil
}
