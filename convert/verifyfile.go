package convert

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"depickle/convert/internal/fsx"
	"depickle/convert/provenance"
	"depickle/convert/verify"
)

// Verified is what Verify found to hold. What it does not claim was not
// checked.
type Verified struct {
	// Consistent: output, header digests and record agree with each other.
	// That says nothing of where they came from.
	Consistent bool
	// MatchesSource: the source has the digest that the output names, and
	// every tensor is, element for element, what the source holds under Root.
	// If this version wrote the record, what it says is what the source gives.
	MatchesSource bool
	// Root is the part of the source that was compared, as a JSON Pointer; ""
	// for all of it.
	Root string
	// Record is the record beside the output, nil when there is none: then
	// nothing protects the metadata. Its values are left out, and of lists
	// other than tensors and aliases all but the first thousand items; Listed
	// counts all.
	Record       *provenance.Record
	RecordSHA256 provenance.Digest
	Listed       provenance.Counts
	// Dropped are the names that stand in no data, but for another tensor.
	Dropped []provenance.Alias
	Tensors int
	Content provenance.Digest
	Source  string // the digest that the header names, as text
	// NotChecked says what was left open.
	NotChecked []string
}

// Verify reads an output back: its structure, the digests in its header, and
// the record at recordPath, unless that is "" or does not exist. With a source,
// every element is compared with it.
//
// An error of kind Changed says what does not hold, one of kind Malformed what
// is damaged. Unsupported is a file that there is nothing to check of, Limit
// one that was not read. Time is linear in the sizes of output, record and
// source, whatever they declare: no more is compared than the output has.
// Memory is that of a conversion, and does not follow the record's size.
func Verify(ctx context.Context, path, recordPath string, in *Input) (*Verified, error) {
	out, err := fsx.OpenSource(path)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	v := &Verified{}
	if err := v.readRecord(recordPath, out); err != nil {
		return nil, err
	}
	f, err := v.open(out)
	if err != nil {
		return nil, err
	}
	if err := v.agrees(ctx, f); err != nil {
		return nil, err
	}
	v.consistent(f)
	if in == nil {
		v.NotChecked = append(v.NotChecked, "the source was not given, so where the tensors came from is not proven")
		return v, nil
	}
	if err := v.matchSource(ctx, f, in); err != nil {
		return nil, err
	}
	v.MatchesSource = true
	return v, nil
}

// listed is how many items of a record's lists are kept.
const listed = 1000

// readRecord reads the record, where one exists. It may list no more names than
// the output's header has room for.
func (v *Verified) readRecord(path string, out *fsx.Source) error {
	if path == "" {
		return nil
	}
	f, err := fsx.OpenSource(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	names, err := verify.MostNames(out, out.Size())
	if err != nil {
		return err
	}
	bounds := provenance.Bounds{Names: names, Listed: listed, SkipValues: true}
	v.Record, v.Listed, v.RecordSHA256, err = provenance.DecodeBounded(f, bounds)
	return err
}

// open reads the output's header. Without a record an output may be no output
// at all.
func (v *Verified) open(out *fsx.Source) (*verify.File, error) {
	if v.Record != nil {
		if err := verify.SizeAgrees(out.Size(), v.Record); err != nil {
			return nil, err
		}
	}
	f, err := verify.Open(out, out.Size())
	if err != nil && v.Record == nil {
		err = verify.Foreign(out, out.Size(), err)
	}
	return f, err
}

// agrees compares the output with its record and with its own header. What
// needs no reading of tensors comes first.
func (v *Verified) agrees(ctx context.Context, f *verify.File) error {
	if v.Record != nil {
		if err := f.HeaderAgrees(v.Record); err != nil {
			return err
		}
	}
	if err := f.Ours(); err != nil {
		return err
	}
	if err := f.Digest(ctx, v.Record != nil); err != nil {
		return err
	}
	if v.Record != nil {
		if err := f.Agrees(v.Record); err != nil {
			return err
		}
	}
	return f.ContentAgrees()
}

// consistent notes what holds without a source.
func (v *Verified) consistent(f *verify.File) {
	v.Consistent, v.Tensors, v.Content, v.Source = true, len(f.Header.Tensors), f.Content, f.Source()
	for name, of := range f.Aliases() {
		v.Dropped = append(v.Dropped, provenance.Alias{Name: name, Of: of})
	}
	slices.SortFunc(v.Dropped, func(a, b provenance.Alias) int { return strings.Compare(a.Name, b.Name) })
	if v.Record == nil {
		v.NotChecked = append(v.NotChecked, "there is no record, so nothing protects the header's metadata but content_sha256, and what was left out is not known")
	}
}
