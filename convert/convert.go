package convert

import (
	"context"
	"strings"

	"depickle/convert/internal/fsx"
	"depickle/convert/plan"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/sandboxload"
	"depickle/scan"
	"depickle/scan/fault"
)

// Result is a conversion that was carried out, or planned.
type Result struct {
	Plan   *plan.Plan
	Record *provenance.Record
	// Output and RecordPath are where the files stand, "" for a dry run.
	Output     string
	RecordPath string

	files []*fsx.File // that have no names yet, in their order
}

// Convert carries out the conversion of a source that was cleared.
func Convert(ctx context.Context, c *scan.Clearance, to Sink, o Options) (*Result, error) {
	g := NewGroup(SyncEach)
	defer g.Close()
	res, err := g.Convert(ctx, c, to, o)
	if err != nil {
		return nil, err
	}
	if err := g.Publish([]*Result{res})[0]; err != nil {
		return nil, err
	}
	return res, nil
}

// OutputName is the name of the output for a source of that name, as Hugging
// Face names them: pytorch_model.bin becomes model.safetensors, any other
// file keeps its stem.
func OutputName(source string) string {
	name := provenance.BaseName(source)
	stem := name
	for _, ext := range []string{".gz", ".tar"} {
		if s, ok := strings.CutSuffix(stem, ext); ok && strings.Contains(s, ".") {
			stem = s // model.pth.tar is a usual name of a checkpoint
		}
	}
	if i := strings.LastIndexByte(stem, '.'); i > 0 {
		stem = stem[:i]
	}
	if rest, ok := strings.CutPrefix(stem, "pytorch_model"); ok {
		stem = "model" + rest
	}
	return stem + ".safetensors"
}

// job is one conversion on its way.
type job struct {
	clearance  *scan.Clearance
	checkpoint *sandboxload.Checkpoint
	plan       *plan.Plan
	o          Options
	work       *work
	hands      *hands
	header     *safetensors.Header // of the output
	digests    []provenance.Digest // of the plan's items
	source     provenance.Digest
	content    provenance.Digest
	values     []byte // tagged JSON
	warnings   []string
}

// prepare does everything that reads the pickles and writes nothing.
func prepare(ctx context.Context, c *scan.Clearance, o Options) (*job, error) {
	if !c.Valid() {
		return nil, fault.New(fault.Refused, "the file was not cleared by a complete scan")
	}
	if err := allowed(c.Report(), &o); err != nil {
		return nil, err
	}
	src := c.Source()
	cp, err := sandboxload.Load(ctx, src, sandboxload.Options{Disarm: o.Disarm})
	if err != nil {
		return nil, err
	}
	j := &job{clearance: c, checkpoint: cp, o: o}
	for _, odd := range src.Oddities {
		if odd.ID == "zip-crc" {
			if err := j.wrongCRC(odd.Member); err != nil {
				return nil, err
			}
		}
	}
	j.plan, err = plan.New(ctx, cp, plan.Options{Root: o.Root, DropAliases: o.DropAliases, AllowEmpty: o.AllowEmpty})
	if err != nil {
		return nil, err
	}
	if err := checkSize(j.plan.Bytes, src.Decompressed(), &o, src.Limits()); err != nil {
		return nil, err
	}
	if j.header, err = j.layOut(); err != nil {
		return nil, err
	}
	if j.values, err = j.encodeValues(); err != nil {
		return nil, err
	}
	j.work = newWork(src.Size()+3*j.plan.Bytes, o.Progress)
	return j, nil
}

// allowed applies --strict and --disarm to a report.
func allowed(r *scan.Report, o *Options) error {
	worst := r.Worst()
	switch {
	case r.Severity == scan.Dangerous && !o.Disarm:
		return refused(worst, "; its tensors can be extracted inertly with --disarm")
	case r.Severity == scan.Suspicious && o.Strict:
		return refused(worst, " (--strict)")
	}
	return nil
}

func refused(f *scan.Finding, hint string) error {
	return &fault.Error{Kind: fault.Refused, Member: f.Member, Offset: f.Offset, Text: f.Severity.String() + ": " + f.Message + hint}
}

// wrongCRC refuses a damaged member, unless the caller takes it.
func (j *job) wrongCRC(member string) error {
	if !j.o.IgnoreCRC {
		return &fault.Error{Kind: fault.Malformed, Member: member, Offset: fault.NoOffset,
			Text: "its CRC is wrong, so its bytes are not those that were written; fetch the file again, or take it with --ignore-crc"}
	}
	j.warnings = append(j.warnings, "wrong CRC ignored: "+provenance.Text(member))
	return nil
}

// orphaned reports whether a record may be replaced although --force is not
// given: it is one of ours beside an output that is not there, which a crash
// between the two leaves.
func orphaned(recordPath string) bool {
	f, err := fsx.OpenSource(recordPath)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, min(f.Size(), 64))
	if _, err := f.ReadAt(head, 0); err != nil {
		return false
	}
	return strings.Contains(string(head), `"schema": "`+provenance.Schema+`"`)
}
