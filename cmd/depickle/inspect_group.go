package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"depickle/convert"
)

// group is tensors whose names differ in numbers alone, and that are alike
// otherwise.
type group struct {
	first   *convert.TensorInfo
	count   int
	bytes   int64
	stats   convert.Statistics
	numbers [][]int // of each number in the name, its values
}

// grouped joins tensors, in the order of the first of each group.
func grouped(tensors []*convert.TensorInfo) []*group {
	type key struct{ template, kind string }
	index := map[key]*group{}
	var out []*group
	for _, t := range tensors {
		template, numbers := split(label(t))
		k := key{template, kindOf(t)}
		g := index[k]
		if g == nil || len(g.numbers) != len(numbers) {
			g = &group{first: t, numbers: make([][]int, len(numbers))}
			index[k] = g
			out = append(out, g)
		}
		g.add(t, numbers)
	}
	return out
}

func (g *group) add(t *convert.TensorInfo, numbers []int) {
	g.count++
	if g.bytes += t.Bytes; g.bytes < 0 {
		g.bytes = 1<<63 - 1
	}
	if t.Stats != nil {
		g.stats = g.stats.With(*t.Stats)
	}
	for i, n := range numbers {
		if v := g.numbers[i]; len(v) == 0 || v[len(v)-1] != n {
			g.numbers[i] = append(v, n)
		}
	}
}

// label is what a tensor is called on the screen.
func label(t *convert.TensorInfo) string {
	if t.Name != "" || t.Selected {
		return t.Name
	}
	return t.Path
}

// kindOf is what tensors of a group have in common.
func kindOf(t *convert.TensorInfo) string {
	return fmt.Sprint(t.DType, t.Shape, t.Contiguous || t.Stride == nil, marks(t), t.SameAs != "", t.NoStats)
}

// blank stands for a number in the template of a name.
const blank = "\x00"

// split takes the numbers out of a name: segments of digits alone.
func split(name string) (template string, numbers []int) {
	if strings.Contains(name, blank) {
		return name, nil
	}
	var b strings.Builder
	for len(name) > 0 {
		end := strings.IndexAny(name, "./")
		segment := name
		if end >= 0 {
			segment = name[:end]
		}
		n, err := strconv.Atoi(segment)
		if err == nil && strconv.Itoa(n) == segment && n >= 0 {
			numbers = append(numbers, n)
			segment = blank
		}
		b.WriteString(segment)
		if end < 0 {
			break
		}
		b.WriteByte(name[end])
		name = name[end+1:]
	}
	return b.String(), numbers
}

// name is the name of a group: "layers.{0..31}.weight".
func (g *group) name() string {
	if g.count == 1 {
		return label(g.first)
	}
	template, _ := split(label(g.first))
	for _, values := range g.numbers {
		template = strings.Replace(template, blank, span(values), 1)
	}
	return template
}

// span writes the values of a number as people do.
func span(values []int) string {
	values = slices.Clone(values)
	slices.Sort(values)
	values = slices.Compact(values)
	n := len(values)
	switch {
	case n == 1:
		return strconv.Itoa(values[0])
	case values[n-1]-values[0] == n-1:
		return fmt.Sprintf("{%d..%d}", values[0], values[n-1])
	case n <= 4:
		return "{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(values), " ", ","), "[]") + "}"
	}
	return fmt.Sprintf("{%d of %d..%d}", n, values[0], values[n-1])
}
