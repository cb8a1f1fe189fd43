package verify

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/transfer"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/scan/fault"
)

// The keys of a header's metadata that are ours.
const (
	ourPrefix  = "depickle."
	versionKey = "depickle.version"
	sourceKey  = "depickle.source_sha256"
	contentKey = "depickle.content_sha256"
)

// File is an output that was read back.
type File struct {
	R      io.ReaderAt
	Size   int64
	Header *safetensors.Header
	// What Digest found. SHA256 is zeros unless it was asked for.
	Tensors []provenance.Digest // in the header's order
	Content provenance.Digest   // with the aliases that the header names
	SHA256  provenance.Digest   // of the whole file

	names   map[string]int
	aliases map[string]string
}

// Open reads an output's header by the strict reader. A header that is longer
// than the format allows is an error of kind Malformed here: a changed length,
// and not a file too large to look at.
func Open(r io.ReaderAt, size int64) (*File, error) {
	h, err := safetensors.Read(r, size)
	var e *fault.Error
	if errors.As(err, &e) && e.Kind == fault.Limit && e.Offset == 0 {
		e.Kind = fault.Malformed
	}
	if err != nil {
		return nil, err
	}
	f := &File{R: r, Size: size, Header: h, names: make(map[string]int, len(h.Tensors))}
	for i := range h.Tensors {
		f.names[h.Tensors[i].Name] = i
	}
	f.aliases = f.findAliases()
	return f, nil
}

// MostNames is a bound of how many tensors and aliases an output can name, by
// the length that its header declares: each takes some bytes there.
func MostNames(r io.ReaderAt, size int64) (int, error) {
	var b [8]byte
	if n, err := r.ReadAt(b[:], 0); n < len(b) && err != io.EOF {
		return 0, err
	}
	n := min(binary.LittleEndian.Uint64(b[:]), safetensors.MaxHeader, uint64(size))
	return int(n/nameBytes) + 1, nil
}

// nameBytes is what the shortest alias takes in a header: "":"",
const nameBytes = 6

// findAliases are the pairs of metadata whose value is a tensor's name and
// whose key is none, and no key of ours.
func (f *File) findAliases() map[string]string {
	out := map[string]string{}
	for k, v := range f.Header.Metadata {
		_, value := f.names[v]
		_, key := f.names[k]
		if value && !key && k != "format" && !strings.HasPrefix(k, ourPrefix) {
			out[k] = v
		}
	}
	return out
}

// Aliases are the names that were not written, with those that stand for them.
func (f *File) Aliases() map[string]string { return f.aliases }

// Source is the SHA-256 of the source as the header names it.
func (f *File) Source() string { return f.Header.Metadata[sourceKey] }

// shareMost is how many bytes of small tensors are hashed as one share.
const shareMost = 512 << 10

// Digest hashes every tensor, and the file itself if that is asked for.
func (f *File) Digest(ctx context.Context, whole bool) error {
	t := f.Header.Tensors
	f.Tensors = make([]provenance.Digest, len(t))
	shares := &crew.Shares{N: len(t), Most: shareMost, Size: func(i int) int64 { return t[i].End - t[i].Begin }}
	hash := func(ctx context.Context) error { return f.hashShares(ctx, shares) }
	// The file's digest is one chain and the longest, so it begins first.
	err := crew.Spread(ctx, hash, func(ctx context.Context) (err error) {
		if whole {
			if f.SHA256, err = Hash(ctx, f.R, f.Size); err != nil {
				return err
			}
		}
		return hash(ctx)
	})
	if err != nil {
		return err
	}
	f.Content, err = f.content()
	return err
}

func (f *File) hashShares(ctx context.Context, shares *crew.Shares) error {
	var buf []byte
	for {
		lo, hi, ok := shares.Next()
		if !ok {
			return nil
		}
		for i := lo; i < hi; i++ {
			t := &f.Header.Tensors[i]
			buf = grow(buf, min(t.End-t.Begin, transfer.HashBuffer))
			sum, err := transfer.Hash(ctx, f.R, f.Header.DataStart()+t.Begin, t.End-t.Begin, buf)
			if err != nil {
				return err
			}
			f.Tensors[i] = sum
		}
	}
}

// content is content_sha256 of what was hashed.
func (f *File) content() (provenance.Digest, error) {
	logical := make([]provenance.Tensor, 0, len(f.Header.Tensors)+len(f.aliases))
	for i, t := range f.Header.Tensors {
		logical = append(logical, provenance.Tensor{Name: t.Name, DType: t.DType.String(), Shape: t.Shape, SHA256: f.Tensors[i]})
	}
	for name, of := range f.aliases {
		t := logical[f.names[of]]
		t.Name = name
		logical = append(logical, t)
	}
	return provenance.ContentHash(logical)
}

// Ours proves that depickle wrote the header, by what it writes into each. What
// stands there as version and source has the right form; no more than that can
// be said without record and source.
func (f *File) Ours() error {
	m := f.Header.Metadata
	ours := false
	for k := range m {
		ours = ours || strings.HasPrefix(k, ourPrefix)
	}
	if !ours {
		return fault.New(fault.Unsupported, "the file names no content_sha256, so depickle did not write it and there is nothing to check it by")
	}
	for _, k := range []string{versionKey, sourceKey, contentKey} {
		if m[k] == "" {
			return differs("the header does not name its %s", k)
		}
	}
	if m["format"] != "pt" {
		return differs("the header's format is %s and not pt", fault.Quote(m["format"]))
	}
	if _, err := provenance.ParseDigest(m[sourceKey]); err != nil {
		return differs("the header's source_sha256 %s is not a SHA-256 of 64 digits in lower case", fault.Quote(m[sourceKey]))
	}
	return nil
}

// ContentAgrees compares the content with the digest that the header names.
func (f *File) ContentAgrees() error {
	if f.Header.Metadata[contentKey] != f.Content.String() {
		return differs("the tensors do not have the content_sha256 that the header names")
	}
	return nil
}

func differs(format string, args ...any) error {
	return fault.New(fault.Changed, format, args...)
}

// Hash is the SHA-256 of n bytes of r.
func Hash(ctx context.Context, r io.ReaderAt, n int64) (provenance.Digest, error) {
	sum, err := transfer.Hash(ctx, r, 0, n, nil)
	return provenance.Digest(sum), err
}
