package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"depickle/convert"
)

// treeLines shows values as a tree, cut where it is long or deep.
func treeLines(tree []*convert.Node, f folding) []string {
	if len(tree) == 0 {
		return nil
	}
	t := &treePrinter{f: f, lines: []string{""}}
	for _, n := range tree {
		t.node(n, 0, utf8.RuneCountInString(n.Key))
	}
	if t.cut > 0 {
		t.lines = append(t.lines, fmt.Sprintf("  … %d more values; --all shows them", t.cut))
	}
	return t.lines
}

type treePrinter struct {
	f     folding
	lines []string
	cut   int // nodes that were left out
}

// node shows a value and what it holds. width is what the keys beside it take.
func (t *treePrinter) node(n *convert.Node, depth, width int) {
	if t.f.values > 0 && len(t.lines) > t.f.values {
		t.cut += 1 + size(n)
		return
	}
	key := printable(n.Key)
	if depth > 0 || n.Key != "" {
		key += strings.Repeat(" ", max(0, width-utf8.RuneCountInString(key))) + "  "
	}
	text := nodeText(n)
	if few := t.inline(n); few != "" {
		t.lines = append(t.lines, strings.Repeat("  ", depth+1)+key+few)
		return
	}
	t.lines = append(t.lines, strings.Repeat("  ", depth+1)+key+text)
	if t.f.depth > 0 && depth >= t.f.depth {
		t.cut += size(n)
		return
	}
	children := t.worth(n.Children)
	widest := 0
	for _, c := range children {
		widest = max(widest, min(utf8.RuneCountInString(printable(c.Key)), t.f.column))
	}
	shown := len(children)
	if t.f.entries > 0 && shown > t.f.entries+1 {
		shown = t.f.entries
	}
	for _, c := range children[:shown] {
		t.node(c, depth+1, widest)
	}
	if rest := len(n.Children) - shown; rest > 0 {
		t.lines = append(t.lines, strings.Repeat("  ", depth+2)+fmt.Sprintf("… %d more", rest))
	}
	for _, c := range children[shown:] {
		t.cut += 1 + size(c)
	}
}

// worth leaves out what holds nothing, where lists are cut: whole modules have
// a dozen empty dicts each.
func (t *treePrinter) worth(nodes []*convert.Node) []*convert.Node {
	if t.f.entries == 0 {
		return nodes
	}
	var out []*convert.Node
	for _, n := range nodes {
		if n.Len > 0 || n.Text != "" || n.Again {
			out = append(out, n)
		} else {
			t.cut++
		}
	}
	return out
}

// size is how many nodes are below one.
func size(n *convert.Node) (count int) {
	for _, c := range n.Children {
		count += 1 + size(c)
	}
	return count
}

// inlineMost is how many constants are shown on the line of their list.
const inlineMost = 6

// inline spells a list or tuple of constants, as Python would, cut where it is
// long; "" for anything else, and for a long one that is to be shown whole.
func (t *treePrinter) inline(n *convert.Node) string {
	long := n.Len > inlineMost
	if (n.Type != "list" && n.Type != "tuple") || len(n.Children) == 0 || long && t.f.entries == 0 {
		return ""
	}
	var parts []string
	for k, c := range n.Children {
		text := c.Text
		switch c.Type {
		case "int", "float", "bool", "str":
		case "None":
			text = "None"
		default:
			return ""
		}
		if k < inlineMost {
			parts = append(parts, text)
		}
	}
	if long {
		t.cut += n.Len - inlineMost
		parts = append(parts, fmt.Sprintf("… %d more", n.Len-inlineMost))
	}
	if n.Type == "list" {
		return "list [" + strings.Join(parts, ", ") + "]"
	}
	return "tuple (" + strings.Join(parts, ", ") + ")"
}
