package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"depickle/convert"
	"depickle/scan/limit"
)

// folding is how much is shown on a terminal. Without bounds of values, depth,
// entries and tensors all of them are, and no tensors are joined.
type folding struct {
	values, depth, entries int // lines of the tree, its levels, entries of one container
	tensors                int // lines of a table
	column                 int // bounds how far one long name moves the columns of all others
}

// tensorTables shows what convert would take, then the rest.
func tensorTables(i *convert.Inspection, f folding) (lines []string) {
	var taken, left []*convert.TensorInfo
	for k := range i.Tensors {
		if t := &i.Tensors[k]; t.Selected {
			taken = append(taken, t)
		} else {
			left = append(left, t)
		}
	}
	lines = table("", taken, f)
	if len(left) > 0 {
		lines = append(lines, table("not taken", left, f)...)
	}
	return lines
}

// table aligns tensors, or groups of them, in columns.
func table(title string, tensors []*convert.TensorInfo, f folding) []string {
	if len(tensors) == 0 {
		return nil
	}
	groups := rows(tensors, f)
	hidden := 0
	if f.tensors > 0 && len(groups) > f.tensors {
		hidden = len(groups) - f.tensors
		groups = groups[:f.tensors]
	}
	head := []string{"name", "dtype", "shape", "", "size"}
	if title != "" {
		head[0] = title
	}
	stats := slices.ContainsFunc(tensors, func(t *convert.TensorInfo) bool { return t.Stats != nil })
	if stats {
		head = append(head, "nan", "inf", "zeros", "min", "max", "mean", "std")
	}
	cells := [][]string{append(head, "")}
	for _, g := range groups {
		cells = append(cells, g.cells(stats))
	}
	lines := append([]string{""}, aligned(cells, f.column)...)
	if hidden > 0 {
		lines = append(lines, fmt.Sprintf("  … %d more lines; --all shows every tensor", hidden))
	}
	return lines
}

func rows(tensors []*convert.TensorInfo, f folding) []*group {
	if f.tensors > 0 {
		return grouped(tensors)
	}
	out := make([]*group, len(tensors))
	for k, t := range tensors {
		out[k] = &group{}
		out[k].first = t
		out[k].add(t, nil)
	}
	return out
}

func (g *group) cells(stats bool) []string {
	t := g.first
	times := ""
	if g.count > 1 {
		times = fmt.Sprintf("× %d", g.count)
	}
	cells := []string{g.name(), t.DType, dims(t.Shape, ", "), times, limit.Size(g.bytes)}
	if stats {
		cells = append(cells, g.statCells()...)
	}
	return append(cells, g.remark())
}

func (g *group) statCells() []string {
	s := g.stats
	if g.first.Stats == nil {
		return make([]string, 7)
	}
	cells := []string{fmt.Sprint(s.NaN), fmt.Sprint(s.Inf), fmt.Sprint(s.Zeros), "-", "-", "-", "-"}
	if s.Finite() > 0 {
		cells[3], cells[4] = short(s.Min.Float()), short(s.Max.Float())
		if s.Min.Integer() {
			cells[3], cells[4] = s.Min.String(), s.Max.String()
		}
		cells[5], cells[6] = short(s.Mean), short(s.Std)
	}
	return cells
}

func short(x float64) string { return fmt.Sprintf("%.4g", x) }

// remark is the last column: what is unusual.
func (g *group) remark() string {
	t := g.first
	m := marks(t)
	if !t.Contiguous && len(t.Stride) > 0 {
		m = append(m, "stride "+dims(t.Stride, ", "))
	}
	switch {
	case t.SameAs != "" && g.count == 1:
		m = append(m, "same as "+t.SameAs)
	case t.SameAs != "":
		m = append(m, "same as others")
	case t.Sharing > 1:
		m = append(m, fmt.Sprintf("storage shared by %d", t.Sharing))
	}
	if t.NoStats != "" && t.NoStats != t.Reason {
		m = append(m, "no statistics: "+t.NoStats)
	}
	return strings.Join(m, ", ")
}

// aligned pads columns to their widest cell: numbers to the right, text to the
// left.
func aligned(cells [][]string, most int) []string {
	widths := make([]int, len(cells[0]))
	for _, row := range cells {
		for k := range row {
			row[k] = printable(row[k])
			widths[k] = max(widths[k], min(utf8.RuneCountInString(row[k]), most))
		}
	}
	lines := make([]string, len(cells))
	for n, row := range cells {
		var b strings.Builder
		for k, cell := range row {
			b.WriteString("  ")
			pad := strings.Repeat(" ", max(0, widths[k]-utf8.RuneCountInString(cell)))
			if k < 4 || k == len(row)-1 {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
		}
		lines[n] = strings.TrimRight(b.String(), " ")
	}
	return lines
}
