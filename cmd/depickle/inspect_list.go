package main

import (
	"fmt"
	"strconv"
	"strings"

	"depickle/convert"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// valueLines lists the values of a tree, one a line with its whole path.
func valueLines(tree []*convert.Node) (lines []string) {
	var list func(n *convert.Node, path string)
	list = func(n *convert.Node, path string) {
		shown := path
		if shown == "" {
			shown = "/"
		}
		lines = append(lines, line("value", "%s %s", shown, nodeText(n)))
		for _, c := range n.Children {
			list(c, path+"/"+escapePointer(c.Key))
		}
	}
	for _, n := range tree {
		path := ""
		if n.Key != "" {
			path = "/" + n.Key
		}
		list(n, path)
	}
	return lines
}

func escapePointer(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~", "~0"), "/", "~1")
}

// nodeText is what a value is, without its key.
func nodeText(n *convert.Node) string {
	text := n.Type
	if n.Text != "" {
		text += " " + n.Text
	}
	switch {
	case n.Again:
		return text + " (as above)"
	case n.Len == 0:
		return text
	case n.Tensors > 0 && len(n.Children) == 0 && n.Tensors == n.Len:
		return text + " of " + plural(n.Tensors, "tensor")
	}
	text += fmt.Sprintf(" of %d", n.Len)
	if n.Tensors > 0 {
		text += ", " + plural(n.Tensors, "tensor") + " in it"
	}
	if n.More > 0 && len(n.Children) > 0 {
		text += fmt.Sprintf(", %d not shown", n.More)
	}
	return text
}

// tensorLines lists tensors, one a line, for programs that read lines: name,
// dtype, shape and size, then what else there is.
func tensorLines(tensors []convert.TensorInfo) []string {
	lines := make([]string, len(tensors))
	for i := range tensors {
		lines[i] = line("tensor", "%s", tensorLine(&tensors[i]))
	}
	return lines
}

func tensorLine(t *convert.TensorInfo) string {
	name := t.Name
	if !t.Selected && name == "" {
		name = "-"
	}
	parts := []string{name, t.DType, dims(t.Shape, ","), limit.Size(t.Bytes)}
	if t.Path != "" {
		parts = append(parts, "at", t.Path)
	}
	if s := t.Storage; s != nil && s.Key != "" {
		parts = append(parts, fmt.Sprintf("storage %s+%d of %s", plainKey(s.Key), s.Offset, limit.Size(s.Bytes)))
	}
	if !t.Contiguous && len(t.Stride) > 0 {
		parts = append(parts, "stride "+dims(t.Stride, ","))
	}
	parts = append(parts, marks(t)...)
	switch {
	case t.SameAs != "":
		parts = append(parts, "same as "+t.SameAs)
	case t.Sharing > 1:
		parts = append(parts, fmt.Sprintf("storage shared by %d", t.Sharing))
	}
	if t.SHA256 != "" {
		parts = append(parts, "sha256 "+t.SHA256)
	}
	if s := statsText(t); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

// marks are what is unusual about a tensor.
func marks(t *convert.TensorInfo) (m []string) {
	for _, x := range []struct {
		on   bool
		text string
	}{{t.Conj, "conjugated"}, {t.Neg, "negated"}, {t.Numpy, "numpy"}, {t.Reason != "", "(" + t.Reason + ")"}} {
		if x.on {
			m = append(m, x.text)
		}
	}
	return m
}

// plainKey is a storage's key, quoted where it is no number as torch writes
// them.
func plainKey(key string) string {
	if len(key) <= 20 && strings.Trim(key, "0123456789") == "" {
		return key
	}
	return fault.Quote(key)
}

func dims(n []int64, comma string) string {
	parts := make([]string, len(n))
	for i := range n {
		parts[i] = strconv.FormatInt(n[i], 10)
	}
	return "[" + strings.Join(parts, comma) + "]"
}

// statsText is all digits of the statistics.
func statsText(t *convert.TensorInfo) string {
	if t.NoStats != "" {
		return "no statistics: " + t.NoStats
	}
	s := t.Stats
	if s == nil {
		return ""
	}
	text := fmt.Sprintf("nan %d inf %d zeros %d", s.NaN, s.Inf, s.Zeros)
	if s.Finite() <= 0 {
		return text
	}
	return text + fmt.Sprintf(" min %s max %s mean %s std %s", s.Min, s.Max, digits(s.Mean), digits(s.Std))
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
