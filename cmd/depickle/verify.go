package main

import (
	"fmt"
	"os"

	"depickle/convert"
	"depickle/convert/provenance"
	"depickle/scan/fault"

	"github.com/spf13/cobra"
)

type verifyFlags struct {
	source, record string
	json           bool
	limits         limitsFlag
}

func (a *app) verifyCommand() *cobra.Command {
	f := &verifyFlags{}
	c := &cobra.Command{
		Use:   "verify [flags] OUTPUT",
		Short: "Check a converted file against its record and its source",
		Long: `verify reads a converted file back: its structure, the digests in its header, and the
record beside it. With --source it converts the source once more, without writing, and
compares every element and all that the record says. It says

  CONSISTENT      the files agree with each other, which proves nothing of where they
                  came from: whoever can replace the output can replace its record
  MATCHES SOURCE  the output is what the source gives

and, as open, what was not checked.

Exit status: 0 what was asked for holds; 1 it does not; 2 there was nothing to check,
or a file could not be read.`,
		Example: `  depickle verify model.safetensors
  depickle verify model.safetensors --source pytorch_model.bin
  depickle verify --json model.safetensors`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("name one OUTPUT; %s --help says more", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.verify(f, args[0]) },
	}
	c.Flags().StringVar(&f.source, "source", "", "the file that the output was made of")
	c.Flags().StringVar(&f.record, "record", "", "where the record is, or none (default OUTPUT.json)")
	c.Flags().BoolVar(&f.json, "json", false, "write the result as JSON")
	f.limits.register(c.Flags())
	return c
}

func (a *app) verify(f *verifyFlags, output string) error {
	record := f.record
	switch record {
	case "":
		record = output + ".json"
	case "none":
		record = ""
	}
	v, err := a.verified(f, output, record)
	code := verifyExit(err)
	a.worse(code)
	if f.json {
		return a.json(verifyReport(output, record, v, err, code))
	}
	if err != nil {
		a.complain("%s: %s", output, explain(err))
		return nil
	}
	a.showVerified(output, v)
	return nil
}

func (a *app) verified(f *verifyFlags, output, record string) (*convert.Verified, error) {
	if f.record != "" && record != "" {
		// One that was asked for by name must be there.
		if _, err := os.Stat(record); err != nil {
			return nil, err
		}
	}
	if f.source == "" {
		return convert.Verify(a.ctx, output, record, nil)
	}
	in, err := convert.OpenContext(a.ctx, f.source, f.limits.options())
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return convert.Verify(a.ctx, output, record, in)
}

// verifyExit is the exit code of a verification. What was read and does not
// hold is a refusal; what could not be read is a failure.
func verifyExit(err error) int {
	switch {
	case err == nil:
		return exitOK
	case fault.Is(err, fault.Changed), fault.Is(err, fault.Malformed):
		return exitRefused
	}
	return exitFailed
}

func (a *app) showVerified(output string, v *convert.Verified) {
	verdict := "CONSISTENT"
	if v.MatchesSource {
		verdict = "MATCHES SOURCE"
	}
	a.say("%s: %s (%s)", output, verdict, plural(v.Tensors, "tensor"))
	a.field("content", "sha256 %s", v.Content)
	a.field("source", "sha256 %s", v.Source)
	if v.MatchesSource {
		root := v.Root
		if root == "" {
			root = "the whole file"
		}
		a.field("root", "%s", root)
	}
	if v.Record != nil {
		a.field("record", "version %s, verdict %s", v.Record.Version, v.Record.Verdict)
	}
	a.showOutside(v)
	for _, n := range v.NotChecked {
		a.field("open", "%s", n)
	}
}

// showOutside says what the output does not hold, or not under the name that it
// has in the source: by its header, and by its record.
func (a *app) showOutside(v *convert.Verified) {
	few(a, "dropped", v.Dropped, len(v.Dropped), func(x provenance.Alias) string {
		return fault.Quote(x.Name) + ", which is " + fault.Quote(x.Of)
	})
	r := v.Record
	if r == nil {
		return
	}
	few(a, "left", r.NotSelected, v.Listed.NotSelected, func(x provenance.NotSelected) string {
		return fmt.Sprintf("%s (%s)", fault.Quote(x.Path), x.Reason)
	})
	few(a, "skipped", r.Skipped, v.Listed.Skipped, func(x provenance.Skipped) string {
		return fmt.Sprintf("%s (%s)", fault.Quote(x.Path), x.Reason)
	})
	renamed := r.Renamed()
	few(a, "renamed", renamed, len(renamed), func(x provenance.Tensor) string {
		return fault.Quote(x.Path) + " is " + fault.Quote(x.Name)
	})
}

// shown is how many items of a list a person is shown.
const shown = 3

// few writes the first items of a list, and how many more there are.
func few[T any](a *app, name string, items []T, n int, line func(T) string) {
	for i, x := range items {
		if i == shown {
			break
		}
		a.field(name, "%s", line(x))
	}
	if n > shown {
		a.field(name, "and %d more", n-shown)
	}
}
