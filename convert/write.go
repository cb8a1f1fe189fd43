package convert

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/fsx"
	"depickle/convert/internal/transfer"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/convert/verify"
)

// write makes the output and its record, and compares the output with the
// source. The files it returns are settled, the record first, and have no
// names yet.
func (j *job) write(ctx context.Context, g *fsx.Group, res *Result) (files []*fsx.File, err error) {
	out, err := g.Create(res.Output, j.o.Force)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			discard([]*fsx.File{out})
		}
	}()
	if err := j.fill(ctx, out); err != nil {
		return nil, err
	}
	rec := j.record()
	if err := j.check(ctx, out, rec); err != nil {
		return nil, err
	}
	if err := out.Settle(); err != nil {
		return nil, err
	}
	if j.o.Recheck != nil {
		if err := j.o.Recheck(); err != nil {
			return nil, err
		}
	}
	res.Record = rec
	rec.Output.Name = provenance.BaseName(res.Output)
	if res.RecordPath == "" {
		return []*fsx.File{out}, nil
	}
	// The record gets its name first: an output never stands without the
	// record that it was to have.
	f, err := j.writeRecord(g, res)
	if err != nil {
		return nil, err
	}
	return []*fsx.File{f, out}, nil
}

func discard(files []*fsx.File) {
	for _, f := range files {
		// Whatever went wrong is known already.
		_ = f.Discard()
	}
}

// fill writes the output. The source is hashed while its tensors are copied;
// the header takes both results.
func (j *job) fill(ctx context.Context, out *fsx.File) error {
	if err := out.Reserve(j.header.FileBytes()); err != nil {
		return err
	}
	k := j.newCopying(out)
	// The source's digest is one chain, and the longest: it starts at once
	// and has a core of its own, which helps with the tensors later.
	err := crew.Spread(ctx, k.run, func(ctx context.Context) error {
		if err := j.hashSource(ctx); err != nil {
			return err
		}
		return k.run(ctx)
	})
	if err != nil {
		return err
	}
	return j.patch(out)
}

// layOut lays the output out, with zeros where digests will stand.
func (j *job) layOut() (*safetensors.Header, error) {
	tensors := make([]safetensors.Tensor, len(j.plan.Items))
	for i := range j.plan.Items {
		it := &j.plan.Items[i]
		tensors[i] = safetensors.Tensor{Name: it.Name, DType: it.DType, Shape: it.Shape}
	}
	meta := map[string]string{
		"format":                  "pt",
		"depickle.version":        Version,
		"depickle.source_sha256":  provenance.Digest{}.String(),
		"depickle.content_sha256": provenance.Digest{}.String(),
	}
	for _, a := range j.plan.Aliases {
		if a.Dropped {
			meta[a.Name] = a.Of
		}
	}
	return safetensors.NewHeader(tensors, meta)
}

// hashSource reads the whole source once, from its first byte to its last.
// What was judged must show again, and members must have their CRCs.
func (j *job) hashSource(ctx context.Context) error {
	src := j.clearance.Source()
	sum, witness := sha256.New(), src.Witness()
	hd := j.hands.take()
	defer j.hands.put(hd)
	w, buf := io.MultiWriter(sum, witness, j.work), hd.buffer(min(src.Size(), transfer.HashBuffer))
	if err := transfer.Feed(ctx, w, witness, 0, src.Size(), buf); err != nil {
		return err
	}
	wrong, err := witness.Close()
	if err != nil {
		return err
	}
	for _, m := range wrong {
		if err := j.wrongCRC(m.Name); err != nil {
			return err
		}
	}
	j.source = digest(sum)
	return nil
}

func digest(h hash.Hash) (d provenance.Digest) {
	copy(d[:], h.Sum(nil))
	return d
}

// patch writes the header, now that the digests are known.
func (j *job) patch(out *fsx.File) (err error) {
	h := j.header
	if j.content, err = provenance.ContentHash(j.logical()); err != nil {
		return err
	}
	h.Metadata["depickle.source_sha256"] = j.source.String()
	h.Metadata["depickle.content_sha256"] = j.content.String()
	b, err := h.Encode()
	if err != nil {
		return err
	}
	_, err = out.WriteAt(b, 0)
	return err
}

// logical are the tensors of the state_dict: every name, aliases included.
func (j *job) logical() []provenance.Tensor {
	byName := map[string]int{}
	var all []provenance.Tensor
	for i := range j.plan.Items {
		it := &j.plan.Items[i]
		byName[it.Name] = i
		all = append(all, provenance.Tensor{Name: it.Name, Path: provenance.Text(it.Path), DType: it.DType.String(), Shape: it.Shape, SHA256: j.digests[i]})
	}
	for _, a := range j.plan.Aliases {
		if !a.Dropped {
			continue
		}
		t := all[byName[a.Of]]
		t.Name, t.Path = a.Name, provenance.Text(a.Path)
		all = append(all, t)
	}
	return all
}

// check reopens the output and compares it: its structure by the strict
// reader, its tensors with the source by a second copier. Its digests go into
// the record.
func (j *job) check(ctx context.Context, out *fsx.File, rec *provenance.Record) error {
	r, err := out.Reopen()
	if err != nil {
		return err
	}
	defer r.Close()
	h := j.header
	c, err := verify.Written(r, r.Size(), h, j.clearance.Source(), j.plan, &j.hands.comparers, j.work.add)
	if err != nil {
		return err
	}
	// The output's digest is one chain again, with a core of its own. It reads
	// the output for itself: bytes that another core has read reach it more
	// slowly than the system's copy.
	sum := sha256.New()
	err = crew.Spread(ctx, c.Run, c.All, func(ctx context.Context) error {
		hd := j.hands.take()
		defer j.hands.put(hd)
		w, buf := io.MultiWriter(sum, j.work), hd.buffer(min(h.FileBytes(), transfer.HashBuffer))
		if err := transfer.Feed(ctx, w, r, 0, h.FileBytes(), buf); err != nil {
			return err
		}
		return c.Run(ctx)
	})
	if err != nil {
		return err
	}
	rec.Output.Size, rec.Output.SHA256 = h.FileBytes(), digest(sum)
	rec.Output.HeaderSHA256, err = provenance.HeaderHash(r, h.DataStart())
	return err
}

// writeRecord writes the record.
func (j *job) writeRecord(g *fsx.Group, res *Result) (*fsx.File, error) {
	f, err := g.Create(res.RecordPath, j.o.Force || (j.o.RecordPath == "" && orphaned(res.RecordPath)))
	if err != nil {
		return nil, err
	}
	if _, err = res.Record.Encode(f); err == nil {
		err = f.Settle()
	}
	if err != nil {
		discard([]*fsx.File{f})
		return nil, err
	}
	return f, nil
}
