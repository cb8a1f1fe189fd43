package convert

import (
	"bytes"
	"fmt"

	"depickle/convert/plan"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// record says what the conversion did. Its digests are zeros until the output
// was written.
func (j *job) record() *provenance.Record {
	src, rep := j.clearance.Source(), j.clearance.Report()
	r := &provenance.Record{
		Version:  Version,
		Source:   provenance.Source{Name: provenance.BaseName(j.o.Name), Size: src.Size(), SHA256: j.source, Format: string(src.Format)},
		Options:  j.o.record(),
		Severity: rep.Severity.String(),
		Verdict:  rep.Verdict.String(),
		Complete: rep.Complete,
		Root:     provenance.Text(j.plan.Root),
		Warnings: append(j.warnings, j.hints()...),
	}
	r.PolicySHA256, _ = provenance.ParseDigest(j.clearance.Policy())
	for _, f := range rep.Findings {
		r.Findings = append(r.Findings, provenance.Finding{ID: f.ID, Severity: f.Severity.String(),
			Message: provenance.Text(f.Message), Member: provenance.Text(f.Member), Offset: f.Offset})
	}
	for _, g := range rep.Globals {
		r.Globals = append(r.Globals, provenance.Global{Module: provenance.Text(g.Module), Name: provenance.Text(g.Name), Tier: g.Tier, Count: g.Count})
	}
	for _, c := range j.plan.Candidates {
		r.Candidates = append(r.Candidates, provenance.Candidate{Path: provenance.Text(c.Pointer), Option: "--root " + provenance.Text(c.Pointer)})
	}
	j.recordTensors(r)
	r.Values = j.values
	return r
}

func (j *job) recordTensors(r *provenance.Record) {
	for i := range j.plan.Items {
		it := &j.plan.Items[i]
		t := provenance.Tensor{Name: it.Name, Path: provenance.Text(it.Path), DType: it.DType.String(), Shape: it.Shape}
		if j.digests != nil {
			t.SHA256 = j.digests[i]
		}
		r.Tensors = append(r.Tensors, t)
	}
	for _, a := range j.plan.Aliases {
		r.Aliases = append(r.Aliases, provenance.Alias{Name: a.Name, Of: a.Of})
	}
	for _, l := range j.plan.NotSelected {
		r.NotSelected = append(r.NotSelected, provenance.NotSelected{Path: provenance.Text(l.Path), DType: l.DType, Shape: l.Shape, Reason: l.Reason})
	}
	for _, l := range j.plan.Skipped {
		r.Skipped = append(r.Skipped, provenance.Skipped{Path: provenance.Text(l.Path), Kind: "tensor", Reason: l.Reason})
	}
	r.Output.ContentSHA256 = j.content
}

// hints are what a user should know beside success.
func (j *job) hints() []string {
	var out []string
	if n := j.header.HeaderBytes(); n > safetensors.HubHeaderLimit {
		out = append(out, fmt.Sprintf("the header has %s, more than the %s that the Hugging Face Hub reads; write shards",
			limit.Size(n), limit.Size(safetensors.HubHeaderLimit)))
	}
	if bytes.Contains(j.values, []byte(`{"$truncated":`)) {
		out = append(out, "the values that are no tensors were too large to keep whole")
	}
	for _, l := range j.plan.Skipped {
		out = append(out, "skipped "+fault.Quote(l.Path)+": "+l.Reason)
	}
	return out
}

// Dropped counts the aliases that were not written.
func Dropped(p *plan.Plan) (n int) {
	for _, a := range p.Aliases {
		if a.Dropped {
			n++
		}
	}
	return n
}
