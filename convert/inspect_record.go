package convert

import (
	"errors"
	"io/fs"

	"depickle/convert/internal/fsx"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/convert/verify"
	"depickle/scan/container"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// RecordInfo is what a conversion record says, in brief.
type RecordInfo struct {
	Path string `json:"path,omitempty"` // where it was found beside the file
	// Error is why a record beside the file could not be read, or is not of
	// this file.
	Error         string            `json:"error,omitempty"`
	Version       string            `json:"version,omitempty"`
	Verdict       string            `json:"verdict,omitempty"`
	Source        string            `json:"source,omitempty"`
	SourceSize    int64             `json:"source_size,omitempty"`
	SourceFormat  string            `json:"source_format,omitempty"`
	SourceSHA256  string            `json:"source_sha256,omitempty"`
	Output        string            `json:"output,omitempty"`
	OutputSize    int64             `json:"output_size,omitempty"`
	OutputSHA256  string            `json:"output_sha256,omitempty"`
	ContentSHA256 string            `json:"content_sha256,omitempty"`
	Options       map[string]string `json:"options,omitempty"`
	Root          string            `json:"root"`
	Tensors       int               `json:"tensors"`
	Aliases       int               `json:"aliases"`
	NotSelected   int               `json:"not_selected"`
	Skipped       int               `json:"skipped"`
	Globals       int               `json:"globals"`
	Warnings      []string          `json:"warnings,omitempty"`
	SHA256        string            `json:"record_sha256,omitempty"`
}

func recordInfo(r *provenance.Record, n provenance.Counts, sum provenance.Digest) *RecordInfo {
	return &RecordInfo{
		Version: r.Version, Verdict: r.Verdict,
		Source: r.Source.Name, SourceSize: r.Source.Size, SourceFormat: r.Source.Format, SourceSHA256: r.Source.SHA256.String(),
		Output: r.Output.Name, OutputSize: r.Output.Size, OutputSHA256: r.Output.SHA256.String(), ContentSHA256: r.Output.ContentSHA256.String(),
		Options: r.Options, Root: r.Root, Tensors: n.Tensors, Aliases: n.Aliases, NotSelected: n.NotSelected, Skipped: n.Skipped,
		Globals: n.Globals, Warnings: r.Warnings, SHA256: sum.String(),
	}
}

// listedMost is how many items of a record's lists are shown, tensors and
// aliases aside.
const listedMost = 1000

// valuesMost is the largest record whose values are shown, in bytes.
const valuesMost = 64 << 20

// record lists what a conversion record says.
func (i *inspector) record(err error) error {
	if err != nil {
		return err
	}
	b := provenance.Bounds{Names: i.src.Limits().Tensors, Listed: listedMost, SkipValues: i.src.Size() > valuesMost}
	rec, n, sum, err := provenance.DecodeBounded(i.src.Section(i.src.File()), b)
	if err != nil {
		return err
	}
	i.Format, i.Note, i.Record, i.Root, i.Values = "record", "", recordInfo(rec, n, sum), rec.Root, []byte(rec.Values)
	for _, c := range rec.Candidates {
		i.Candidates = append(i.Candidates, CandidateInfo{Path: c.Path, Option: c.Option})
	}
	for _, t := range rec.Tensors {
		info := TensorInfo{Path: t.Path, Name: t.Name, Selected: true, DType: t.DType, Shape: list(t.Shape), Contiguous: true,
			Bytes: recordBytes(t.DType, t.Shape), SHA256: t.SHA256.String()}
		i.Bytes = saturated(limit.Add(i.Bytes, info.Bytes))
		i.Tensors = append(i.Tensors, info)
	}
	i.leftOut(rec)
	return nil
}

// leftOut lists what a conversion did not write.
func (i *inspector) leftOut(rec *provenance.Record) {
	for _, a := range rec.Dropped() {
		i.Tensors = append(i.Tensors, TensorInfo{Name: a.Name, Shape: []int64{}, SameAs: a.Of, Reason: "dropped"})
	}
	for _, l := range rec.NotSelected {
		i.Tensors = append(i.Tensors, TensorInfo{Path: l.Path, DType: l.DType, Shape: list(l.Shape), Reason: l.Reason})
	}
	for _, l := range rec.Skipped {
		i.Tensors = append(i.Tensors, TensorInfo{Path: l.Path, Shape: []int64{}, Reason: l.Reason})
	}
}

// recordBytes is the size of a tensor that a record lists: a claim, like all
// in it.
func recordBytes(dtype string, shape []int64) int64 {
	d, _ := safetensors.ParseDType(dtype)
	n, ok := limit.Mul(saturated(tensor.Numel(shape)), d.Bits())
	return saturated(n/8, ok)
}

// beside reads the record beside a SafeTensors file, if there is one. What is
// wrong with it is no error of the file.
func (i *inspector) beside() {
	path := i.in.Name + ".json"
	f, err := fsx.OpenSource(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		i.Record = &RecordInfo{Path: provenance.Text(path), Error: err.Error()}
		return
	}
	defer f.Close()
	names, err := verify.MostNames(i.src.Bulk(container.InFile), i.Size)
	if err == nil {
		var (
			rec *provenance.Record
			n   provenance.Counts
			sum provenance.Digest
		)
		rec, n, sum, err = provenance.DecodeBounded(f, provenance.Bounds{Names: names, Listed: listedMost, SkipValues: true})
		if err == nil {
			i.Record = recordInfo(rec, n, sum)
			if i.Metadata["depickle.content_sha256"] != i.Record.ContentSHA256 {
				i.Record.Error = "it is not of this file: they name different content_sha256"
			}
		}
	}
	if err != nil {
		i.Record = &RecordInfo{Error: err.Error()}
	}
	i.Record.Path = provenance.Text(path)
}
