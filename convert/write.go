package convert

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"

	"depickle/convert/internal/fsx"
	"depickle/convert/internal/transfer"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/convert/verify"
	"depickle/scan/container"
)

// write makes the output and its record, and publishes both.
func (j *job) write(ctx context.Context, res *Result) error {
	h := j.header
	out, err := fsx.Create(res.Output, j.o.Force)
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := out.Reserve(h.FileBytes()); err != nil {
		return err
	}
	// The source is hashed while its tensors are copied; the header takes
	// both results.
	err = together(ctx,
		func(ctx context.Context) error { return j.hashSource(ctx) },
		func(ctx context.Context) error { return j.copyTensors(ctx, out, h) })
	if err != nil {
		return err
	}
	if err := j.patch(out, h); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	rec := j.record()
	if err := j.check(ctx, out, h, rec); err != nil {
		return err
	}
	if j.o.Recheck != nil {
		if err := j.o.Recheck(); err != nil {
			return err
		}
	}
	res.Record = rec
	rec.Output.Name = provenance.BaseName(res.Output)
	if err := j.publishRecord(res, rec); err != nil {
		return err
	}
	return out.Publish()
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
	if err := readAll(ctx, io.MultiWriter(sum, witness, j.work), src.Bulk(container.InFile), src.Size()); err != nil {
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

// copyTensors writes every tensor to its place and takes its digest: on the
// way where the elements lie in order, from the output where they do not.
func (j *job) copyTensors(ctx context.Context, out *fsx.File, h *safetensors.Header) error {
	src := j.clearance.Source()
	var c transfer.Copier
	buf := make([]byte, copyBuffer)
	j.digests = make([]provenance.Digest, len(h.Tensors))
	for i, t := range h.Tensors {
		it := &j.plan.Items[i]
		from, layout := it.Source(src), it.Layout()
		at := h.DataStart() + t.Begin
		_, _, plain, err := layout.Plain(from)
		if err != nil {
			return err
		}
		if plain {
			sum := sha256.New()
			w := io.MultiWriter(io.NewOffsetWriter(out, at), sum, j.work)
			if err := c.Copy(ctx, w, from, layout); err != nil {
				return err
			}
			j.digests[i] = digest(sum)
			continue
		}
		if err := c.CopyAt(ctx, out, at, from, layout); err != nil {
			return err
		}
		j.work.add(it.Bytes())
		sum, err := transfer.Hash(ctx, out, at, it.Bytes(), buf)
		if err != nil {
			return err
		}
		j.digests[i] = provenance.Digest(sum)
	}
	return nil
}

// patch writes the header, now that the digests are known.
func (j *job) patch(out *fsx.File, h *safetensors.Header) error {
	var err error
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
func (j *job) check(ctx context.Context, out *fsx.File, h *safetensors.Header, rec *provenance.Record) error {
	r, err := out.Reopen()
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	err = together(ctx,
		func(ctx context.Context) error {
			return readAll(ctx, io.MultiWriter(sum, j.work), r, h.FileBytes())
		},
		func(ctx context.Context) error {
			return verify.Written(ctx, r, r.Size(), h, j.clearance.Source(), j.plan, j.work.add)
		})
	if err != nil {
		return err
	}
	rec.Output.Size, rec.Output.SHA256 = h.FileBytes(), digest(sum)
	rec.Output.HeaderSHA256, err = provenance.HeaderHash(r, h.DataStart())
	return err
}

// publishRecord writes the record under its name, before the output gets its
// own: an output never stands without the record that it was to have.
func (j *job) publishRecord(res *Result, rec *provenance.Record) error {
	if res.RecordPath == "" {
		return nil
	}
	f, err := fsx.Create(res.RecordPath, j.o.Force || (j.o.RecordPath == "" && orphaned(res.RecordPath)))
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := rec.Encode(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Publish()
}
