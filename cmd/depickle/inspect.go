package main

import (
	"bufio"
	"fmt"
	"io"

	"depickle/convert"

	"github.com/spf13/cobra"
)

// inspectFlags are the flags of inspect.
type inspectFlags struct {
	json, stats, all bool
	limits           limitsFlag
}

func (a *app) inspectCommand() *cobra.Command {
	f := &inspectFlags{}
	c := &cobra.Command{
		Use:   "inspect [flags] FILE",
		Short: "Show what is inside of a file, without converting it",
		Long: `inspect lists what a checkpoint holds: its pickles and their protocols, its values with
their types, its tensors with dtype, shape, stride and storage, which of them share
one, and which part convert would take. It executes nothing, of a dangerous file either.
It reads SafeTensors and conversion records too.

On a terminal, names that differ in numbers alone are one line, and long lists are cut;
--all shows every tensor. Elsewhere each tensor has a line of its own.

--stats reads the elements: how many are NaN, infinite and zero; of the finite ones
least and largest, mean and standard deviation (of the population, as numpy.std gives
it). A complex element counts as two numbers.

Exit status: 0 shown, whatever the verdict; 2 the file could not be read, or not whole.`,
		Example: `  depickle inspect model.ckpt
  depickle inspect --stats model.safetensors
  depickle inspect --json pytorch_model.bin | jq '.tensors[].name'`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("name one FILE; %s --help says more", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.inspect(f, args[0]) },
	}
	c.Flags().BoolVar(&f.json, "json", false, "write the result as JSON")
	c.Flags().BoolVar(&f.stats, "stats", false, "read every tensor, and say what numbers it holds")
	c.Flags().BoolVar(&f.all, "all", false, "show every tensor and value on a terminal too")
	f.limits.register(c.Flags())
	return c
}

// inspectedJSON is the output of --json: schema depickle.inspect/1.
type inspectedJSON struct {
	Schema string `json:"schema"`
	Path   string `json:"path"`
	*convert.Inspection
	Error string `json:"error,omitempty"`
}

func (a *app) inspect(f *inspectFlags, path string) error {
	i, err := a.inspected(f, path)
	text := ""
	if err != nil {
		text = explain(err)
		a.worse(exitFailed)
	}
	if f.json {
		return a.json(inspectedJSON{Schema: convert.InspectSchema, Path: path, Inspection: i, Error: text})
	}
	if i != nil {
		a.showInspected(f, path, i)
	}
	if err != nil {
		a.complain("%s: %s", path, text)
	}
	return nil
}

// inspected is nil for a file that could not be opened.
func (a *app) inspected(f *inspectFlags, path string) (*convert.Inspection, error) {
	in, err := convert.OpenContext(a.ctx, path, f.limits.options())
	if err != nil {
		return nil, err
	}
	defer in.Close()
	o := convert.InspectOptions{Stats: f.stats}
	if f.stats {
		p := newProgress(a.err, path, in.Source.Size())
		defer p.done()
		o.Progress = p.file(in.Source.Size())
	}
	return convert.Inspect(a.ctx, in, o)
}

// showInspected writes for people where there is a terminal, and for programs
// that read lines elsewhere.
func (a *app) showInspected(f *inspectFlags, path string, i *convert.Inspection) {
	lines := inspectHead(path, i)
	screen, ok := a.terminal()
	if !ok {
		lines = append(lines, valueLines(i.Tree)...)
		lines = append(lines, tensorLines(i.Tensors)...)
		writeLines(a.out, lines)
		return
	}
	// What stands beside a name takes some 50 columns.
	fold := folding{column: max(screen.width-50, 30)}
	if !f.all {
		fold.values, fold.depth, fold.entries, fold.tensors = 40, 6, 12, 40
	}
	lines = append(lines, treeLines(i.Tree, fold)...)
	lines = append(lines, tensorTables(i, fold)...)
	screen.page(a.ctx, lines)
}

// writeLines writes lines, as many at once as fit a buffer.
func writeLines(w io.Writer, lines []string) {
	b := bufio.NewWriterSize(w, 64<<10)
	for _, l := range lines {
		b.WriteString(printable(l))
		b.WriteByte('\n')
	}
	b.Flush() // the writer remembers its error
}
