package provenance

import (
	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/limit"
)

// The most options that a record has, and dimensions that a tensor has.
const (
	maxOptions = 64
	maxRank    = 64
)

// record reads the whole record, in the order that encoder.record writes it,
// and the digest at its end.
func (d *decoder) record() (*Record, Digest) {
	r := new(Record)
	d.delim('{')
	d.schema()
	r.Version = d.member("version").text()
	d.member("source").delim('{')
	r.Source.Name = d.member("name").text()
	r.Source.Size = d.member("size").num(0)
	r.Source.SHA256 = d.member("sha256").digest()
	r.Source.Format = d.member("format").text()
	d.delim('}')
	d.member("output").delim('{')
	r.Output.Name = d.member("name").text()
	r.Output.Size = d.member("size").num(0)
	r.Output.SHA256 = d.member("sha256").digest()
	r.Output.HeaderSHA256 = d.member("header_sha256").digest()
	r.Output.ContentSHA256 = d.member("content_sha256").digest()
	d.delim('}')
	r.Options = d.options()
	r.PolicySHA256 = d.member("policy_sha256").digest()
	r.Severity = d.member("severity").text()
	r.Verdict = d.member("verdict").text()
	r.Complete = d.member("complete").bool()
	d.scanned(r)
	r.Root = d.member("root").text()
	d.converted(r)
	r.Values = d.values()
	r.Warnings = decodeList(d, "warnings", &d.counts.Warnings, 0, d.bounds.Listed, nil, func(s *string) { *s = d.text() })
	claimed := d.member("record_sha256").digest()
	d.delim('}')
	return r, claimed
}

func (d *decoder) scanned(r *Record) {
	r.Findings = decodeObjects(d, "findings", &d.counts.Findings, func(f *Finding) {
		f.ID = d.member("id").text()
		f.Severity = d.member("severity").text()
		f.Message = d.member("message").text()
		f.Member = d.member("member").text()
		f.Offset = d.member("offset").num(-1)
	})
	r.Globals = decodeObjects(d, "globals", &d.counts.Globals, func(g *Global) {
		g.Module = d.member("module").text()
		g.Name = d.member("name").text()
		g.Tier = d.member("tier").text()
		g.Count = d.member("count").num(0)
	})
}

func (d *decoder) converted(r *Record) {
	r.Candidates = decodeObjects(d, "candidates", &d.counts.Candidates, func(c *Candidate) {
		c.Path = d.member("path").text()
		c.Option = d.member("option").text()
	})
	r.Tensors = decodeNamed(d, "tensors", &d.counts.Tensors, func(t *Tensor) {
		t.Name = d.member("name").text()
		t.Path = d.member("path").text()
		t.DType = d.member("dtype").text()
		t.Shape = d.shape()
		t.SHA256 = d.member("sha256").digest()
	})
	r.Aliases = decodeNamed(d, "aliases", &d.counts.Aliases, func(a *Alias) {
		a.Name = d.member("name").text()
		a.Of = d.member("of").text()
	})
	r.NotSelected = decodeObjects(d, "not_selected", &d.counts.NotSelected, func(n *NotSelected) {
		n.Path = d.member("path").text()
		n.DType = d.member("dtype").text()
		n.Shape = d.shape()
		n.Reason = d.member("reason").text()
	})
	r.Skipped = decodeObjects(d, "skipped", &d.counts.Skipped, func(s *Skipped) {
		s.Path = d.member("path").text()
		s.Kind = d.member("kind").text()
		s.Reason = d.member("reason").text()
	})
}

// schema comes first, so that a later form is told apart from a broken one.
func (d *decoder) schema() {
	s := d.member("schema").text()
	if d.err == nil && s != Schema {
		d.err = unknownSchema(s)
	}
}

func (d *decoder) shape() []int64 {
	var rank int
	full := func(most int) error {
		return limit.Exceeded("dimensions in the conversion record", int64(most), d.dec.InputOffset())
	}
	return decodeList(d, "shape", &rank, maxRank, 0, full, func(n *int64) { *n = d.num(0) })
}

// options reads the map of them. There are few, and a decoder remembers every
// name of an object.
func (d *decoder) options() map[string]string {
	d.member("options").delim('{')
	var options map[string]string
	for n := 0; d.more('}'); n++ {
		if n == maxOptions {
			d.err = limit.Exceeded("options in the conversion record", maxOptions, d.dec.InputOffset())
			break
		}
		k, v := d.text(), d.text()
		if options == nil {
			options = make(map[string]string)
		}
		options[k] = v
	}
	d.delim('}')
	return options
}

// values keeps the JSON as it stands; its meaning is another package's.
func (d *decoder) values() jsontext.Value {
	d.member("values")
	if d.err != nil {
		return nil
	}
	d.in.allow(d.dec.InputOffset(), MaxValues+window)
	if d.bounds.SkipValues {
		if err := d.dec.SkipValue(); err != nil {
			d.readFailed(err)
		}
		return nil
	}
	v, err := d.dec.ReadValue()
	if err != nil {
		d.readFailed(err)
		return nil
	}
	if string(v) == "null" {
		return nil
	}
	return v.Clone()
}
