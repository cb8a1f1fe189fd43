package main

import (
	"fmt"
	"os"

	"depickle/convert"
	"depickle/scan/container"
	"depickle/scan/fault"

	"github.com/spf13/cobra"
)

func (a *app) verifyCommand() *cobra.Command {
	var source, record string
	c := &cobra.Command{
		Use:   "verify [flags] OUTPUT",
		Short: "Check a converted file against its record and its source",
		Long: `verify reads a converted file back: its structure, the digests in its header, and the
record beside it. With --source it compares every element with the source. It says
CONSISTENT when the files agree with each other, which proves nothing of where they
came from, and MATCHES SOURCE when they were compared with the source itself.

Exit status: 0 what was asked for holds; 1 it does not; 2 there was nothing to check,
or a file could not be read.`,
		Example: `  depickle verify model.safetensors
  depickle verify model.safetensors --source pytorch_model.bin`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("name one OUTPUT; %s --help says more", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			switch record {
			case "":
				record = args[0] + ".json"
			case "none":
				record = ""
			default:
				// One that was asked for by name must be there.
				if _, err := os.Stat(record); err != nil {
					return err
				}
			}
			a.verify(args[0], source, record)
			return nil
		},
	}
	c.Flags().StringVar(&source, "source", "", "the file that the output was made of")
	c.Flags().StringVar(&record, "record", "", "where the record is, or none (default OUTPUT.json)")
	return c
}

func (a *app) verify(output, source, record string) {
	var in *convert.Input
	if source != "" {
		var err error
		if in, err = convert.Open(source, container.Options{}); err != nil {
			a.complain("%s: %s", source, explain(err))
			a.worse(exitFailed)
			return
		}
		defer in.Close()
	}
	v, err := convert.Verify(a.ctx, output, record, in)
	if err != nil {
		a.complain("%s: %s", output, explain(err))
		// What was read and does not hold is a refusal; what could not be
		// read is a failure.
		if fault.Is(err, fault.Changed) || fault.Is(err, fault.Malformed) {
			a.worse(exitRefused)
		} else {
			a.worse(exitFailed)
		}
		return
	}
	verdict := "CONSISTENT"
	if v.MatchesSource {
		verdict = "MATCHES SOURCE"
	}
	a.say("%s: %s (%s)", output, verdict, plural(v.Tensors, "tensor"))
	a.field("content", "sha256 %s", v.Content)
	a.field("source", "sha256 %s", v.Source)
	if v.Record != nil {
		a.showRecord(v)
	}
	for _, n := range v.NotChecked {
		a.field("open", "%s", n)
	}
}

// showRecord says what the record says was left out.
func (a *app) showRecord(v *convert.Verified) {
	r := v.Record
	a.field("record", "version %s, verdict %s", r.Version, r.Verdict)
	if n := len(r.Aliases); n > 0 {
		a.field("aliases", "%s", plural(n, "name"))
	}
	if n := len(r.NotSelected); n > 0 {
		a.field("left", "%s", plural(n, "tensor"))
	}
	for _, s := range r.Skipped {
		a.field("skipped", "%s: %s", s.Path, s.Reason)
	}
}
