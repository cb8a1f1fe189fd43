package convert

import (
	"bytes"
	"context"
	"strings"

	"depickle/convert/plan"
	"depickle/scan"
	"depickle/scan/container"
)

// InspectSchema names the JSON form of an Inspection.
const InspectSchema = "depickle.inspect/1"

// InspectOptions for Inspect.
type InspectOptions struct {
	// Stats reads every tensor and computes its statistics. What would cost
	// more than a conversion may (limit.Limits.MaxOutput), for one tensor or
	// for all together, has none, and says so.
	Stats bool
	// Progress, if set, is told how many bytes of how many were read for
	// statistics. It may be called from several goroutines.
	Progress func(done, total int64)
}

// Inspect says what a file holds, without converting it. Nothing in the file
// is executed: of a dangerous one the tensors and values are listed like those
// of any other. The Inspection is never nil: beside an error it has what was
// read until then.
//
// Time is linear in what the pickles hold and, with Stats, in the bytes of the
// tensors; memory is that of a conversion, with some hundred bytes for each
// tensor and what its name takes. Errors are fault.Error, those of the file
// system, or the context's.
func Inspect(ctx context.Context, in *Input, o InspectOptions) (*Inspection, error) {
	src := in.Source
	i := &inspector{ctx: ctx, in: in, src: src, o: o, Inspection: &Inspection{
		Size: src.Size(), Format: string(src.Format), Note: src.Note, Members: len(src.Members), BigEndian: src.BigEndian,
		Streams: []StreamInfo{}, Candidates: []CandidateInfo{}, Tensors: []TensorInfo{}, Storages: []StorageInfo{},
	}}
	defer src.Watch(ctx)()
	err := i.file()
	if err == nil {
		err = in.Recheck()
	}
	return i.Inspection, err
}

// inspector fills an Inspection.
type inspector struct {
	*Inspection
	ctx  context.Context
	in   *Input
	src  *container.Source
	o    InspectOptions
	plan *plan.Survey
	jobs []statsJob
}

func (i *inspector) file() error {
	if i.src.Format == container.SafeTensors && len(i.src.Streams) == 0 {
		return i.safeTensors()
	}
	if !i.src.Format.Converted() {
		if isRecord, err := i.isRecord(); isRecord || err != nil {
			return i.record(err)
		}
	}
	if err := i.judge(); err != nil {
		return err
	}
	switch {
	case i.src.Format == container.SafeTensors:
		return i.safeTensors()
	case i.src.Format == container.Unknown && strings.HasSuffix(strings.ToLower(i.in.Name), ".safetensors"):
		// It was meant to be one: that reader says best what is wrong.
		return i.safeTensors()
	}
	return i.checkpoint()
}

// judge scans the pickles.
func (i *inspector) judge() (err error) {
	i.Scan, _, err = scan.Scan(i.ctx, i.src, scan.Options{})
	if err == nil && i.Scan.Findings == nil {
		i.Scan.Findings = []scan.Finding{} // a list in JSON, though empty
	}
	return err
}

// isRecord reports whether the file begins as a conversion record does.
func (i *inspector) isRecord() (bool, error) {
	head := make([]byte, min(i.src.Size(), 64))
	if n, err := i.src.Bulk(container.InFile).ReadAt(head, 0); n < len(head) {
		return false, err
	}
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"depickle.record/`)), nil
}
