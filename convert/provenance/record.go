package provenance

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Schema names the form of the record that this package writes and reads.
const Schema = "depickle.record/1"

// Record says what became of a source. Its JSON form is in the package
// documentation. All text is UTF-8; what comes from a file and may not be
// goes through [Text].
type Record struct {
	Version      string // of depickle
	Source       Source
	Output       Output
	Options      map[string]string
	PolicySHA256 Digest
	Severity     string // clean, suspicious or dangerous
	Verdict      string // one of these, or inconclusive
	Complete     bool
	Findings     []Finding
	Globals      []Global
	Root         string
	Candidates   []Candidate
	Tensors      []Tensor
	Aliases      []Alias
	NotSelected  []NotSelected
	Skipped      []Skipped
	Values       jsontext.Value // JSON as the caller encoded it; nil is null
	Warnings     []string
}

// Source is the file that was converted.
type Source struct {
	Name   string // without directories, see [BaseName]
	Size   int64  // in bytes
	SHA256 Digest
	Format string
}

// Output is the SafeTensors file.
type Output struct {
	Name          string // without directories, see [BaseName]
	Size          int64  // in bytes
	SHA256        Digest
	HeaderSHA256  Digest
	ContentSHA256 Digest
}

// Finding is something that the scan found.
type Finding struct {
	ID       string
	Severity string
	Message  string
	Member   string // "" when the source is no archive
	Offset   int64  // in bytes from the start of the member; -1 for none
}

// Global is a class or function that the source names.
type Global struct {
	Module string
	Name   string
	Tier   string
	Count  int64 // how many times it is named
}

// Candidate is another root that could have been taken.
type Candidate struct {
	Path   string
	Option string // the option that takes it
}

// Tensor is a tensor of the output.
type Tensor struct {
	Name   string
	Path   string // where it stood in the source
	DType  string // as SafeTensors names it
	Shape  []int64
	SHA256 Digest // of its bytes in the output
}

// Alias is a name that stands for the same elements as the tensor Of. It may
// stand among the tensors itself, when it was written twice.
type Alias struct {
	Name string
	Of   string
}

// NotSelected is a tensor that lies outside of the root.
type NotSelected struct {
	Path   string
	DType  string
	Shape  []int64
	Reason string
}

// Skipped is anything else that was left out.
type Skipped struct {
	Path   string
	Kind   string
	Reason string
}

// ContentHash is content_sha256 of what the record lists: its tensors, and
// its aliases as far as they do not stand among the tensors. An alias that
// does, but differs from its tensor, and one of no tensor are errors of kind
// Malformed.
func (r *Record) ContentHash() (Digest, error) {
	if len(r.Aliases) == 0 {
		return ContentHash(r.Tensors)
	}
	index := make(map[string]int, len(r.Tensors))
	for i := range r.Tensors {
		index[r.Tensors[i].Name] = i
	}
	all := r.Tensors[:len(r.Tensors):len(r.Tensors)]
	for _, a := range r.Aliases {
		of, ok := index[a.Of]
		if !ok {
			return Digest{}, named(a.Name, "alias of no tensor")
		}
		t := r.Tensors[of]
		t.Name = a.Name
		own, written := index[a.Name]
		if !written {
			all = append(all, t)
		} else if !sameContent(&r.Tensors[own], &t) {
			return Digest{}, named(a.Name, "differs from the tensor that it is an alias of")
		}
	}
	return ContentHash(all)
}

func sameContent(a, b *Tensor) bool {
	return a.DType == b.DType && a.SHA256 == b.SHA256 && slices.Equal(a.Shape, b.Shape)
}

// BaseName is what a record calls a file: what follows the last slash or
// backslash, the same on every machine, and through [Text]. It keeps
// directories, which name people and projects, out of what is published.
func BaseName(path string) string {
	return Text(path[strings.LastIndexAny(path, `/\`)+1:])
}

// Text returns s where it is UTF-8, else s with each byte that is not as \xNN.
// File names and names in pickles need not be text, JSON must be.
func Text(s string) string {
	const hexDigits = "0123456789abcdef"
	if strings.ToValidUTF8(s, "") == s {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		// A real U+FFFD is three bytes long and stays.
		if r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD") {
			b.WriteString(`\x`)
			b.WriteByte(hexDigits[s[i]>>4])
			b.WriteByte(hexDigits[s[i]&15])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
