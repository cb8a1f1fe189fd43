package convert

import (
	"context"
	"errors"
	"io"
	"strconv"

	"depickle/convert/plan"
	"depickle/convert/provenance"
	"depickle/convert/verify"
	"depickle/sandboxload"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// matchSource compares the output with its source. Nothing is written, and what
// is loaded stays inert.
func (v *Verified) matchSource(ctx context.Context, f *verify.File, in *Input) error {
	var err error
	switch {
	case v.Record == nil:
		err = v.matchUnrecorded(ctx, f, in)
	case v.Record.Version != Version:
		err = v.matchForeign(ctx, f, in)
	default:
		err = v.matchRecorded(ctx, f, in)
	}
	if err != nil {
		return err
	}
	return in.Recheck()
}

// namesSource compares the source's digest with the one that the output names.
func namesSource(f *verify.File, sum provenance.Digest) error {
	if f.Source() != sum.String() {
		return fault.New(fault.Changed, "the output was made of a source with SHA-256 %s, and this one has %s", f.Source(), sum)
	}
	return nil
}

// matchRecorded carries the conversion out once more, but for the writing, and
// compares what it gives with output and record. The same source, options and
// version give the same record.
func (v *Verified) matchRecorded(ctx context.Context, f *verify.File, in *Input) error {
	j, err := derive(ctx, v.Record, in)
	if err != nil {
		// Why is of no interest if it is another file.
		sum, unread := verify.Hash(ctx, in.file, in.Source.Size())
		if unread != nil {
			return unread
		}
		if other := namesSource(f, sum); other != nil {
			return other
		}
		return underived(err)
	}
	if err := namesSource(f, j.source); err != nil {
		return err
	}
	v.Root = j.plan.Root
	if err := verify.Elements(ctx, f.R, f.Header, in.Source, j.plan, nil); err != nil {
		return err
	}
	j.digests, j.content = f.Tensors, f.Content
	want := j.record()
	want.Source.Name, want.Output = v.Record.Source.Name, v.Record.Output
	sum, err := want.Encode(io.Discard)
	if err != nil {
		return err
	}
	if sum != v.RecordSHA256 {
		return fault.New(fault.Changed, "the record says other things of the source than it gives: see its member %q",
			v.Record.Differs(v.Listed, want))
	}
	return nil
}

// derive does what Convert does up to the first byte that is written.
func derive(ctx context.Context, rec *provenance.Record, in *Input) (*job, error) {
	o, err := recordedOptions(rec.Options)
	if err != nil {
		return nil, err
	}
	o.Name = in.Name
	_, clearance, err := scan.Scan(ctx, in.Source, scan.Options{})
	if err != nil {
		return nil, err
	}
	j, err := prepare(ctx, clearance, o)
	if err != nil {
		return nil, err
	}
	j.hands = new(hands)
	return j, j.hashSource(ctx)
}

// underived is the error of a source that is the right one and would not be
// converted: then the record was not made by a conversion of it.
func underived(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind == fault.Limit || e.Kind == fault.Changed {
		return err
	}
	return fault.New(fault.Changed, "depickle %s does not convert the source by the options that the record names: %v", Version, err)
}

// matchForeign compares the tensors alone, where another version wrote the
// record: it may have judged otherwise.
func (v *Verified) matchForeign(ctx context.Context, f *verify.File, in *Input) error {
	cp, err := loadNamed(ctx, f, in)
	if err != nil {
		return err
	}
	if err := v.matchRoot(ctx, f, cp, v.Record.Options["root"]); err != nil {
		return err
	}
	v.NotChecked = append(v.NotChecked, "the record was written by depickle "+fault.Quote(v.Record.Version)+" and this is "+Version+
		", so what it says of the source beyond tensors was not compared")
	return nil
}

// mostRoots is how many roots are tried where no record names one.
const mostRoots = 32

// matchUnrecorded tries the roots that a conversion may have taken.
func (v *Verified) matchUnrecorded(ctx context.Context, f *verify.File, in *Input) error {
	cp, err := loadNamed(ctx, f, in)
	if err != nil {
		return err
	}
	roots := []string{"auto", "none"}
	if p, err := plan.New(ctx, cp, plan.Options{AllowEmpty: true}); err == nil {
		for _, c := range p.Candidates {
			roots = append(roots, c.Pointer)
		}
	}
	var first error
	for _, root := range roots[:min(len(roots), mostRoots)] {
		err := v.matchRoot(ctx, f, cp, root)
		if err == nil || !fault.Is(err, fault.Changed) && !fault.Is(err, fault.Unsupported) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return fault.New(fault.Changed, "no root of the source that was tried gives these tensors; there is no record that names it: %v", first)
}

// loadNamed loads a source if it is the one that the output names.
func loadNamed(ctx context.Context, f *verify.File, in *Input) (*sandboxload.Checkpoint, error) {
	sum, err := verify.Hash(ctx, in.Source.Bulk(container.InFile), in.Source.Size())
	if err != nil {
		return nil, err
	}
	if err := namesSource(f, sum); err != nil {
		return nil, err
	}
	return sandboxload.Load(ctx, in.Source, sandboxload.Options{Disarm: true})
}

// matchRoot compares the tensors under one root. No more is read than the
// output has.
func (v *Verified) matchRoot(ctx context.Context, f *verify.File, cp *sandboxload.Checkpoint, root string) error {
	p, err := plan.New(ctx, cp, plan.Options{Root: root, AllowEmpty: true, DropAliases: len(f.Aliases()) > 0})
	if err != nil {
		return err
	}
	v.Root = p.Root
	return verify.Elements(ctx, f.R, f.Header, cp.Source, p, nil)
}

// recordedOptions are the options that a record shows.
func recordedOptions(m map[string]string) (Options, error) {
	o := Options{Root: m["root"], DropAliases: m["aliases"] == "drop", Values: Values(m["values"])}
	for k, v := range m {
		var err error
		switch k {
		case "root", "aliases", "values":
		case "strict":
			o.Strict = v == "true"
		case "disarm":
			o.Disarm = v == "true"
		case "ignore_crc":
			o.IgnoreCRC = v == "true"
		case "allow_empty":
			o.AllowEmpty = v == "true"
		case "max_output":
			o.MaxOutput, err = strconv.ParseInt(v, 10, 64)
		default:
			err = errors.ErrUnsupported
		}
		if err != nil {
			return Options{}, fault.New(fault.Malformed, "the record's option %s is none of version %s", fault.Quote(k), Version)
		}
	}
	return o, nil
}
