package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// line is one of a summary: a name and what is said of it.
func line(name, format string, args ...any) string {
	return fmt.Sprintf("  %-9s", name) + fmt.Sprintf(format, args...)
}

// inspectHead is the summary of a file.
func inspectHead(path string, i *convert.Inspection) []string {
	lines := []string{fmt.Sprintf("%s: %s, %s", path, formatName(i), limit.Size(i.Size))}
	switch {
	case i.Scan != nil:
		lines = append(lines, line("verdict", "%s", scanLine(i.Scan)))
	case i.Format == "safetensors":
		lines = append(lines, line("verdict", "there is no pickle in it"))
	}
	if i.Note != "" {
		lines = append(lines, line("note", "%s", i.Note))
	}
	lines = append(lines, streamLines(i)...)
	for _, k := range slices.Sorted(maps.Keys(i.Metadata)) {
		lines = append(lines, line("metadata", "%s: %s", fault.Quote(k), fault.Quote(i.Metadata[k])))
	}
	lines = append(lines, recordLines(i)...)
	if len(i.Tensors) > 0 {
		lines = append(lines, rootLines(i)...)
	}
	if i.Refusal != "" {
		lines = append(lines, line("convert", "would not: %s", i.Refusal))
	}
	if len(i.Tensors) > 0 || i.Refusal != "" || i.Format == "safetensors" {
		lines = append(lines, line("tensors", "%s", tensorsLine(i)))
	}
	return lines
}

func formatName(i *convert.Inspection) string {
	name := i.Format
	switch name {
	case "record":
		name = "conversion record"
	case "safetensors":
		name = "SafeTensors"
	}
	if i.Members > 0 {
		name += " of " + plural(i.Members, "member")
	}
	if i.BigEndian {
		name += ", big-endian"
	}
	return name
}

func scanLine(r *scan.Report) string {
	text := r.Verdict.String()
	worst := r.Worst()
	if worst == nil || worst.Severity <= scan.Note {
		return text
	}
	if r.Verdict == scan.Dangerous && !r.Complete {
		text += ", not read whole"
	}
	text += ": " + worst.Message
	if n := len(r.Findings); n > 1 {
		text += fmt.Sprintf(" (%d findings; depickle scan lists them)", n)
	}
	return text
}

// streamsMost is how many pickles of a file are listed.
const streamsMost = 20

func streamLines(i *convert.Inspection) (lines []string) {
	for k, s := range i.Streams {
		if k == streamsMost {
			return append(lines, line("pickle", "%d more", len(i.Streams)-k))
		}
		var parts []string
		if s.Member != "" {
			parts = append(parts, fault.Quote(s.Member))
		}
		if s.Role != "object" || len(i.Streams) > 1 {
			parts = append(parts, s.Role)
		}
		if s.Protocol >= 0 {
			parts = append(parts, fmt.Sprintf("protocol %d", s.Protocol))
		}
		parts = append(parts, limit.Size(s.Bytes))
		if s.Error != "" {
			parts = append(parts, s.Error)
		}
		lines = append(lines, line("pickle", "%s", strings.Join(parts, ", ")))
	}
	return lines
}

func rootLines(i *convert.Inspection) (lines []string) {
	if i.Format == "safetensors" {
		return nil
	}
	name, alone := "left", ""
	switch i.Root {
	case "":
		lines, name, alone = append(lines, line("root", "the whole file")), "part", " alone"
	default:
		lines = append(lines, line("root", "%s; --root none takes everything", i.Root))
	}
	for _, c := range i.Candidates {
		count := ""
		if c.Tensors > 0 {
			count = ", " + plural(c.Tensors, "tensor")
		}
		lines = append(lines, line(name, "%s%s; %s takes it%s", c.Path, count, c.Option, alone))
	}
	return lines
}

// tensorsLine counts, and says how much of it is there several times.
func tensorsLine(i *convert.Inspection) string {
	selected, shared, views := 0, 0, 0
	for k := range i.Tensors {
		t := &i.Tensors[k]
		if t.Selected {
			selected++
		}
		if t.Sharing > 1 {
			shared++
		}
		if t.SameAs != "" {
			views++
		}
	}
	if len(i.Tensors) == 0 {
		return "none"
	}
	text := fmt.Sprintf("%d, %s", len(i.Tensors), limit.Size(i.Bytes))
	if selected < len(i.Tensors) {
		text += fmt.Sprintf("; %d under the root", selected)
	}
	if n := len(i.Storages); n > 0 {
		text += "; " + plural(n, "storage")
	}
	if shared > 0 {
		text += fmt.Sprintf("; %d share theirs with others", shared)
	}
	if views > 0 {
		text += fmt.Sprintf(", %d the same as another", views)
	}
	return text
}

func recordLines(i *convert.Inspection) (lines []string) {
	r := i.Record
	if r == nil {
		return nil
	}
	if r.Path != "" {
		lines = append(lines, line("record", "%s, not compared; depickle verify does that", r.Path))
	}
	if r.Error != "" {
		lines = append(lines, line("record", "%s", r.Error))
	}
	if r.Version == "" {
		return lines
	}
	lines = append(lines, line("record", "of version %s, verdict %s", r.Version, r.Verdict))
	lines = append(lines,
		line("source", "%s, %s, %s, sha256 %s", fault.Quote(r.Source), r.SourceFormat, limit.Size(r.SourceSize), r.SourceSHA256),
		line("output", "%s, %s, sha256 %s", fault.Quote(r.Output), limit.Size(r.OutputSize), r.OutputSHA256),
		line("content", "sha256 %s", r.ContentSHA256))
	var options []string
	for _, k := range slices.Sorted(maps.Keys(r.Options)) {
		options = append(options, k+" "+r.Options[k])
	}
	lines = append(lines, line("options", "%s", strings.Join(options, ", ")))
	lines = append(lines, line("recorded", "%s, %s, %d not selected, %d skipped", plural(r.Tensors, "tensor"), aliases(r.Aliases), r.NotSelected, r.Skipped))
	for _, w := range r.Warnings {
		lines = append(lines, line("warning", "%s", w))
	}
	return lines
}

func aliases(n int) string {
	if n == 1 {
		return "1 alias"
	}
	return fmt.Sprintf("%d aliases", n)
}
