package provenance

import "strconv"

// record writes everything but the digest. The order of members here is the
// order that decoder.record asks for.
func (e *encoder) record(r *Record) {
	e.raw("{\n")
	e.topText("schema", Schema)
	e.topText("version", r.Version)
	e.topObject("source", func() {
		e.str("name", r.Source.Name)
		e.num("size", r.Source.Size)
		e.digest("sha256", r.Source.SHA256)
		e.str("format", r.Source.Format)
	})
	e.topObject("output", func() {
		e.str("name", r.Output.Name)
		e.num("size", r.Output.Size)
		e.digest("sha256", r.Output.SHA256)
		e.digest("header_sha256", r.Output.HeaderSHA256)
		e.digest("content_sha256", r.Output.ContentSHA256)
	})
	e.options(r.Options)
	e.topText("policy_sha256", r.PolicySHA256.String())
	e.topText("severity", r.Severity)
	e.topText("verdict", r.Verdict)
	e.top("complete")
	e.raw(strconv.FormatBool(r.Complete) + ",\n")
	e.scanned(r)
	e.topText("root", r.Root)
	e.converted(r)
	e.values(r.Values)
	encodeList(e, "warnings", r.Warnings, func(s *string) { e.text(*s) })
}

// scanned writes what the scan saw.
func (e *encoder) scanned(r *Record) {
	encodeObjects(e, "findings", r.Findings, func(f *Finding) {
		e.str("id", f.ID)
		e.str("severity", f.Severity)
		e.str("message", f.Message)
		e.str("member", f.Member)
		e.num("offset", f.Offset)
	})
	encodeObjects(e, "globals", r.Globals, func(g *Global) {
		e.str("module", g.Module)
		e.str("name", g.Name)
		e.str("tier", g.Tier)
		e.num("count", g.Count)
	})
}

// converted writes what became of the tensors.
func (e *encoder) converted(r *Record) {
	encodeObjects(e, "candidates", r.Candidates, func(c *Candidate) {
		e.str("path", c.Path)
		e.str("option", c.Option)
	})
	encodeObjects(e, "tensors", r.Tensors, func(t *Tensor) {
		e.str("name", t.Name)
		e.str("path", t.Path)
		e.str("dtype", t.DType)
		e.shape(t.Shape)
		e.digest("sha256", t.SHA256)
	})
	encodeObjects(e, "aliases", r.Aliases, func(a *Alias) {
		e.str("name", a.Name)
		e.str("of", a.Of)
	})
	encodeObjects(e, "not_selected", r.NotSelected, func(n *NotSelected) {
		e.str("path", n.Path)
		e.str("dtype", n.DType)
		e.shape(n.Shape)
		e.str("reason", n.Reason)
	})
	encodeObjects(e, "skipped", r.Skipped, func(s *Skipped) {
		e.str("path", s.Path)
		e.str("kind", s.Kind)
		e.str("reason", s.Reason)
	})
}
