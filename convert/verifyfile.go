package convert

import (
	"context"
	"errors"
	"io/fs"

	"depickle/convert/internal/fsx"
	"depickle/convert/plan"
	"depickle/convert/provenance"
	"depickle/convert/verify"
	"depickle/sandboxload"
	"depickle/scan/fault"
)

// Verified is what Verify found to hold. What it does not claim was not
// checked.
type Verified struct {
	// Consistent: output, header digests and record agree with each other.
	// That says nothing of where they came from.
	Consistent bool
	// MatchesSource: every tensor was compared with the source, whose digest
	// is the one that the output names.
	MatchesSource bool
	// Record is the record beside the output, nil when there is none: then
	// nothing protects the metadata.
	Record  *provenance.Record
	Tensors int
	Content provenance.Digest
	Source  string // the digest that the header names, as text
	// NotChecked says what was left open.
	NotChecked []string
}

// Verify reads an output back: its structure, the digests in its header, and
// the record at recordPath, unless that is "" or does not exist. With a source,
// every element is compared with it. An error of kind fault.Changed says what
// does not hold.
func Verify(ctx context.Context, path, recordPath string, in *Input) (*Verified, error) {
	out, err := fsx.OpenSource(path)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	rec, err := readRecord(recordPath)
	if err != nil {
		return nil, err
	}
	v := &Verified{Record: rec}
	f, err := verify.Open(ctx, out, out.Size())
	if err != nil {
		return nil, err
	}
	v.Tensors, v.Content, v.Source = len(f.Header.Tensors), f.Content, f.Header.Metadata["depickle.source_sha256"]
	if err := f.HeaderAgrees(); err != nil {
		return nil, err
	}
	if rec == nil {
		v.NotChecked = append(v.NotChecked, "there is no record, so nothing protects the metadata and the names of dropped tensors")
	} else if err := f.Agrees(ctx, rec); err != nil {
		return nil, err
	}
	v.Consistent = true
	if in == nil {
		v.NotChecked = append(v.NotChecked, "the source was not given, so where the tensors came from is not proven")
		return v, nil
	}
	if err := matchSource(ctx, f, rec, in); err != nil {
		return nil, err
	}
	v.MatchesSource = true
	return v, nil
}

// readRecord reads the record, nil where none exists.
func readRecord(path string) (*provenance.Record, error) {
	if path == "" {
		return nil, nil
	}
	f, err := fsx.OpenSource(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, _, err := provenance.Decode(f)
	return rec, err
}

// matchSource loads the source once more, by the options of the record, and
// compares it with the output. Verification needs no clearance: it writes
// nothing, and what it loads stays inert.
func matchSource(ctx context.Context, f *verify.File, rec *provenance.Record, in *Input) error {
	sum, err := verify.Hash(ctx, in.file, in.Source.Size())
	if err != nil {
		return err
	}
	if want := f.Header.Metadata["depickle.source_sha256"]; want != sum.String() {
		return fault.New(fault.Changed, "the output was made of a source with SHA-256 %s, and this one has %s", fault.Quote(want), sum)
	}
	o := plan.Options{AllowEmpty: true, DropAliases: f.DropsAliases()}
	if rec != nil {
		o.Root = rec.Options["root"]
	}
	cp, err := sandboxload.Load(ctx, in.Source, sandboxload.Options{Disarm: true})
	if err != nil {
		return err
	}
	p, err := plan.New(cp, o)
	if err != nil {
		return err
	}
	return verify.Elements(ctx, f.R, f.Header, in.Source, p, nil)
}
