package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// json writes v on standard output, indented.
func (a *app) json(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// showConverted writes the summary of one file.
func (a *app) showConverted(c *converted) {
	p, rec := c.result.Plan, c.result.Record
	if c.Status == "planned" {
		a.say("%s: would write %s of %s, nothing was written", c.Path, plural(len(p.Items), "tensor"), limit.Size(p.Bytes))
	} else {
		a.say("%s → %s", c.Path, c.Output)
		a.say("  %s, %s", plural(len(p.Items), "tensor"), limit.Size(p.Bytes))
	}
	a.field("verdict", "%s", verdictLine(c))
	root := p.Root
	if root == "" {
		root = "the whole file"
	}
	a.field("root", "%s", root)
	a.showLeft(c)
	a.showAliases(c)
	for _, w := range rec.Warnings {
		a.field("warning", "%s", w)
	}
	if c.Status == "planned" {
		return
	}
	a.field("source", "sha256 %s", rec.Source.SHA256)
	a.field("content", "sha256 %s", rec.Output.ContentSHA256)
	a.field("output", "sha256 %s", rec.Output.SHA256)
	if c.Record != "" {
		a.field("record", "%s", c.Record)
	}
}

func (a *app) field(name, format string, args ...any) {
	a.say("  %-9s%s", name, fmt.Sprintf(format, args...))
}

func verdictLine(c *converted) string {
	r := c.report
	var names []string
	for _, f := range r.Findings {
		if f.Severity == scan.Note {
			continue
		}
		if f.Global != "" {
			names = append(names, f.Global)
		} else {
			names = append(names, f.ID)
		}
	}
	if len(names) == 0 {
		return r.Verdict.String()
	}
	more := ""
	if n := len(names); n > 3 {
		names, more = names[:3], fmt.Sprintf(" and %d more", n-3)
	}
	return r.Verdict.String() + ", kept inert: " + strings.Join(names, ", ") + more
}

func (a *app) showLeft(c *converted) {
	p := c.result.Plan
	name, alone := "left", ""
	if p.Root == "" {
		name, alone = "part", " alone"
	}
	for i, k := range p.Candidates {
		if i == 5 {
			a.field(name, "%d more with tensors; the record lists them", len(p.Candidates)-i)
			return
		}
		a.field(name, "%s, %s; --root %s takes it%s", k.Pointer, plural(k.Tensors, "tensor"), k.Pointer, alone)
	}
	if n := len(p.NotSelected); n > 0 && len(p.Candidates) == 0 {
		a.field("left", "%s outside of the root, such as %s (%s)", plural(n, "tensor"), fault.Quote(p.NotSelected[0].Path), p.NotSelected[0].Reason)
	}
}

func (a *app) showAliases(c *converted) {
	p := c.result.Plan
	n, dropped := len(p.Aliases), convert.Dropped(p)
	switch {
	case n == 0:
	case dropped > 0:
		a.field("aliases", "%s dropped, %s saved; the header names them", plural(dropped, "name"), limit.Size(p.AliasBytes))
	default:
		a.field("aliases", "%s written again for tensors that have another; --aliases drop would save %s", plural(n, "name"), limit.Size(p.AliasBytes))
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
