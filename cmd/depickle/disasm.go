package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/container"

	"github.com/spf13/cobra"
)

type disasmFlags struct {
	member string
	stream int
	limits limitsFlag
}

func (f *disasmFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.member, "member", "", "only this `MEMBER` of the archive")
	c.Flags().IntVar(&f.stream, "stream", -1, "only the pickle of this `NUMBER`, from 0")
	f.limits.register(c.Flags())
}

// wants reports whether a pickle was asked for.
func (f *disasmFlags) wants(p pickle) bool {
	return (f.member == "" || f.member == p.member) && (f.stream < 0 || f.stream == p.stream)
}

func (a *app) disasmCommand() *cobra.Command {
	f := &disasmFlags{}
	c := &cobra.Command{
		Use:   "disasm [flags] FILE",
		Short: "List the opcodes of a pickle, with what is on the stack and what scan finds",
		Long: `disasm runs the pickles of a file symbolically and shows each opcode: its offset, its
argument, the depth of the stack and the open marks, the memo slot, and the value that is
on top. What scan finds stands below the opcode that it is about. Nothing is executed.

Exit status: that of scan.`,
		Example: `  depickle disasm model.pt
  depickle disasm --member archive/data.pkl model.pt`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.disasm(f, args[0]) },
	}
	f.register(c)
	return c
}

func (a *app) traceCommand() *cobra.Command {
	f := &disasmFlags{}
	c := &cobra.Command{
		Use:   "trace [flags] FILE",
		Short: "List the calls that loading a pickle would make, as pseudo-code",
		Long: `trace shows what loading a file would do, in order, as Python would spell it. Nothing is
executed.

Exit status: that of scan.`,
		Example: `  depickle trace suspicious.pkl`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.trace(f, args[0]) },
	}
	f.register(c)
	return c
}

// pickle names one pickle of a file: its member, by colons where it lies in
// files inside of each other, and its number.
type pickle struct {
	member string
	stream int
}

// found are the findings of a file that were not shown yet, by the pickle that
// they are about, in the order of their offsets.
type found map[pickle][]scan.Finding

// examine scans a file, and has show list it with what was found. Its exit
// status is scan's.
func (a *app) examine(f *disasmFlags, path string, show func(src *container.Source, left found) error) error {
	in, err := convert.OpenContext(a.ctx, path, f.limits.options())
	if err != nil {
		return err
	}
	defer in.Close()
	r, _, err := scan.Scan(a.ctx, in.Source, scan.Options{})
	if err != nil {
		return err
	}
	slices.SortStableFunc(r.Findings, func(x, y scan.Finding) int { return cmp.Compare(x.Offset, y.Offset) })
	left := found{}
	for _, x := range r.Findings {
		p := pickle{x.Member, x.Stream}
		left[p] = append(left[p], x)
	}
	a.worse(scanExit(r, false))
	if err := show(in.Source, left); err != nil {
		return err
	}
	a.unplaced(left)
	return nil
}

// unplaced shows the findings that are about no opcode.
func (a *app) unplaced(left found) {
	var lines []string
	for _, list := range left {
		for i := range list {
			lines = append(lines, fmt.Sprintf("# %s: %s%s", list[i].Severity, message(&list[i]), where(&list[i])))
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		a.say("%s", line)
	}
}

// findings shows what was found up to an offset of a pickle.
func (a *app) findings(left found, p pickle, offset int64, indent string) {
	list := left[p]
	for len(list) > 0 && list[0].Offset <= offset {
		a.say("%s# %s: %s", indent, list[0].Severity, message(&list[0]))
		list = list[1:]
	}
	left[p] = list
}

// stopped is why nothing more is to be shown: an interrupt, or nobody reads it.
func (a *app) stopped() error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if w, ok := a.out.(*checkedWriter); ok {
		return w.err
	}
	return nil
}

func (a *app) disasm(f *disasmFlags, path string) error {
	return a.examine(f, path, func(src *container.Source, left found) error {
		last := pickle{stream: -1}
		return scan.Disassemble(a.ctx, src, func(s *scan.Step) error {
			line := strings.TrimRight(opcodeLine(s), " ")
			if s.Err != nil {
				line = fmt.Sprintf("%8d: %s", s.Offset, s.Err)
			}
			return a.listed(f, &last, pickle{s.Member, s.Stream}, s.Offset, line, strings.Repeat(" ", 10), left)
		})
	})
}

func (a *app) trace(f *disasmFlags, path string) error {
	return a.examine(f, path, func(src *container.Source, left found) error {
		last := pickle{stream: -1}
		return scan.Trace(a.ctx, src, func(s *scan.Act) error {
			line := s.Code
			if s.Err != nil {
				line = fmt.Sprintf("# ends at offset %#x: %s", s.Offset, s.Err)
			}
			return a.listed(f, &last, pickle{s.Member, s.Stream}, s.Offset, line, "    ", left)
		})
	})
}

// listed shows a line about a pickle, with its name where it is another one
// than last, and what was found up to there.
func (a *app) listed(f *disasmFlags, last *pickle, p pickle, offset int64, line, indent string, left found) error {
	if !f.wants(p) {
		delete(left, p)
		return a.stopped()
	}
	if *last != p {
		*last = p
		a.say("== %s, stream %d", cmp.Or(p.member, "pickle"), p.stream)
	}
	a.say("%s", line)
	a.findings(left, p, offset, indent)
	return a.stopped()
}

func opcodeLine(s *scan.Step) string {
	b := "."
	if s.Byte > ' ' && s.Byte < 0x7f {
		b = string(rune(s.Byte))
	}
	line := fmt.Sprintf("%8d: %s %-17s %-30s %d", s.Offset, b, s.Opcode, s.Arg, s.Depth)
	if s.Marks > 0 {
		line += "(" + fmt.Sprint(s.Marks)
	}
	if s.Slot >= 0 {
		line += fmt.Sprintf(" memo[%d]", s.Slot)
	}
	if s.Top != "" {
		line += "  " + s.Top
	}
	return line
}
