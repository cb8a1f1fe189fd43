package provenance

import (
	"crypto/sha256"
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"depickle/scan/fault"
)

// The prefixes keep the digests of one kind apart from any other, and from
// those of later versions.
const (
	contentPrefix = "depickle.content.v1\x00"
	sourcePrefix  = "depickle.source.v1\x00"
)

// ContentHash is content_sha256, the identity of weights whatever file holds
// them: see the package documentation. Tensors are the logical ones, an alias
// under its own name; they may come in any order and are not changed. Paths do
// not count.
//
// A name that stands twice or is not UTF-8 and a negative dimension are errors
// of kind Malformed.
func ContentHash(tensors []Tensor) (Digest, error) {
	order := sorted(len(tensors), func(i int) string { return tensors[i].Name })
	h := sha256.New()
	b := append([]byte(nil), contentPrefix...)
	b = appendU64(b, int64(len(tensors)))
	for n, i := range order {
		t := &tensors[i]
		if n > 0 && t.Name == tensors[order[n-1]].Name {
			return Digest{}, named(t.Name, "name stands twice")
		}
		if !utf8.ValidString(t.Name) {
			return Digest{}, named(t.Name, "name is not valid UTF-8")
		}
		b = appendText(b, t.Name)
		b = appendText(b, t.DType)
		b = appendU64(b, int64(len(t.Shape)))
		for _, d := range t.Shape {
			if d < 0 {
				return Digest{}, named(t.Name, "shape has a negative dimension")
			}
			b = appendU64(b, d)
		}
		b = append(b, t.SHA256[:]...)
		h.Write(b)
		b = b[:0]
	}
	h.Write(b)
	return sum(h), nil
}

// SourceFile is one file of a set of sources.
type SourceFile struct {
	Name   string // relative to the set's root, with slashes
	SHA256 Digest
}

// SourceSetHash is source_sha256 of a set of files, such as shards: see the
// package documentation. They may come in any order and are not changed.
//
// No file at all, a name that stands twice, and one that is not a relative
// path as io/fs has it, are errors of kind Malformed.
func SourceSetHash(files []SourceFile) (Digest, error) {
	if len(files) == 0 {
		return Digest{}, fault.New(fault.Malformed, "a set of sources has no file")
	}
	order := sorted(len(files), func(i int) string { return files[i].Name })
	h := sha256.New()
	b := append([]byte(nil), sourcePrefix...)
	for n, i := range order {
		f := &files[i]
		if n > 0 && f.Name == files[order[n-1]].Name {
			return Digest{}, named(f.Name, "name stands twice")
		}
		// Absolute paths and dots would make the digest depend on a machine.
		if !fs.ValidPath(f.Name) || f.Name == "." {
			return Digest{}, named(f.Name, "name is not a relative path")
		}
		b = appendText(b, f.Name)
		b = append(b, f.SHA256[:]...)
		h.Write(b)
		b = b[:0]
	}
	return sum(h), nil
}

// sorted returns the indexes of n names in the order of the names' bytes.
func sorted(n int, name func(int) string) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(name(a), name(b)) })
	return order
}

func appendU64(b []byte, n int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(n)) }

func appendText(b []byte, s string) []byte { return append(appendU64(b, int64(len(s))), s...) }

// named makes the error of something with a name.
func named(name, text string) error {
	e := fault.New(fault.Malformed, "%s", text)
	e.Name = name
	return e
}
