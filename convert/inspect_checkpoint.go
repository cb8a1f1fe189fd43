package convert

import (
	"io"
	"math"
	"slices"
	"strconv"

	"depickle/convert/internal/tagged"
	"depickle/convert/plan"
	"depickle/convert/provenance"
	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// checkpoint lists what the pickles of a file hold. Dangerous ones are loaded
// too: nothing in them is called.
func (i *inspector) checkpoint() error {
	for _, st := range i.src.Streams {
		if st.Member == "" && !i.src.Format.Converted() && i.Scan.Severity != scan.Dangerous {
			continue // a guess, which the judge made sure of
		}
		info, err := i.stream(st)
		if err != nil {
			return err
		}
		i.Streams = append(i.Streams, info)
	}
	if overLimit(i.Scan) {
		// What was too much to judge is too much to load.
		return unread(i.Scan)
	}
	cp, err := sandboxload.Load(i.ctx, i.src, sandboxload.Options{Disarm: true})
	if err != nil {
		return err
	}
	if i.plan, err = plan.NewSurvey(i.ctx, cp, plan.Options{}); err != nil {
		return err
	}
	i.roots()
	i.tensors()
	i.sharing()
	if err := i.trees(cp); err != nil {
		return err
	}
	if err := i.values(cp); err != nil {
		return err
	}
	if err := i.statistics(); err != nil {
		return err
	}
	return unread(i.Scan)
}

func overLimit(r *scan.Report) bool {
	return r != nil && slices.ContainsFunc(r.Findings, func(f scan.Finding) bool { return f.ID == fault.Limit.String() })
}

// unread is the error of a file whose pickles could not be judged whole: there
// may be more in it than was listed.
func unread(r *scan.Report) error {
	if r == nil || r.Complete {
		return nil
	}
	for _, f := range r.Findings {
		if f.Severity == scan.Inconclusive {
			return &fault.Error{Kind: fault.Malformed, Member: f.Member, Offset: f.Offset, Text: "the file was not read whole: " + f.Message}
		}
	}
	return fault.New(fault.Malformed, "the file was not read whole")
}

// roots says what --root can take, and what convert would say.
func (i *inspector) roots() {
	i.Root = provenance.Text(i.plan.Root)
	for _, c := range i.plan.Candidates {
		path := provenance.Text(c.Pointer)
		i.Candidates = append(i.Candidates, CandidateInfo{Path: path, Tensors: c.Tensors, Option: "--root " + path})
	}
	if err := i.refusal(); err != nil {
		i.Refusal = err.Error()
	}
}

func (i *inspector) refusal() error {
	if !i.Scan.Complete {
		return fault.New(fault.Refused, "the file was not read whole")
	}
	if err := allowed(i.Scan, &Options{}); err != nil {
		return err
	}
	if i.plan.Refusal != nil {
		return i.plan.Refusal
	}
	for _, odd := range i.src.Oddities {
		if odd.ID == "zip-crc" {
			return new(job).wrongCRC(odd.Member)
		}
	}
	return checkSize(i.plan.Plan.Bytes, i.src.Decompressed(), &Options{}, i.src.Limits())
}

// shapeMost is the most dimensions that are shown; a tensor has no more.
const shapeMost = 64

func (i *inspector) tensors() {
	for _, f := range i.plan.Found {
		t := f.Tensor
		info := TensorInfo{
			Path: provenance.Text(f.Path), Name: provenance.Text(f.Name), Selected: f.Selected, DType: t.DType.String(),
			Shape: list(t.Geometry.Shape), Conj: t.Conj, Neg: t.Neg, Numpy: t.Numpy, Reason: t.Reason,
		}
		if !hasElements(t) {
			// Nobody has checked its shape.
			info.Shape = info.Shape[:min(len(info.Shape), shapeMost)]
		} else {
			info.Stride, info.Contiguous, info.Bytes = t.Geometry.Stride, t.Geometry.Contiguous(), sizeOf(t)
		}
		if t.DType == tensor.Invalid {
			info.DType = "unknown"
		}
		if t.Class != (value.Global{}) {
			info.Class = provenance.Text(t.Class.String())
		}
		i.Bytes = saturated(limit.Add(i.Bytes, info.Bytes))
		i.Tensors = append(i.Tensors, info)
	}
}

// list is a list in JSON, though empty.
func list(n []int64) []int64 {
	if n == nil {
		return []int64{}
	}
	return n
}

// hasElements reports whether a tensor's elements are in the file and can be
// read. Its geometry was checked then.
func hasElements(t *value.Tensor) bool { return t.Reason == "" && t.Storage != nil }

func elements(t *value.Tensor) int64 {
	return saturated(tensor.Numel(t.Geometry.Shape))
}

func sizeOf(t *value.Tensor) int64 {
	return saturated(limit.Mul(elements(t), t.DType.Size()))
}

func saturated(n int64, ok bool) int64 {
	if !ok {
		return math.MaxInt64
	}
	return n
}

// values encodes all that is no tensor, as the record of a conversion would
// with --values all.
func (i *inspector) values(cp *sandboxload.Checkpoint) (err error) {
	paths := make(map[*value.Tensor]string, len(i.plan.Found))
	for k, f := range i.plan.Found {
		if _, ok := paths[f.Tensor]; !ok {
			paths[f.Tensor] = i.Tensors[k].Path
		}
	}
	roots := make([]value.Value, len(cp.Roots))
	for k, r := range cp.Roots {
		roots[k] = r.Value
	}
	i.Values, err = tagged.Encode(roots, tagged.Options{
		Mode:   tagged.All,
		Open:   func(e container.Extent) io.Reader { return i.src.Section(e) },
		Path:   func(t *value.Tensor) string { return paths[t] },
		Limits: i.src.Limits(),
	})
	return err
}

// trees makes the tree of each pickle.
func (i *inspector) trees(cp *sandboxload.Checkpoint) error {
	b := newTreeBuilder(i.ctx, i.src.Limits())
	for _, r := range cp.Roots {
		key := ""
		if len(cp.Roots) > 1 {
			key = strconv.Itoa(r.Stream)
		}
		n, err := b.tree(key, r.Value)
		if err != nil {
			return err
		}
		i.Tree = append(i.Tree, n)
	}
	return nil
}
