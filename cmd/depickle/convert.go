package main

import (
	"depickle/convert"
	"depickle/scan"
	"depickle/scan/fault"

	"github.com/spf13/cobra"
)

// convertFlags are the flags of convert.
type convertFlags struct {
	output    string
	root      rootFlag
	aliases   choice
	values    choice
	strict    bool
	disarm    bool
	record    string
	ignoreCRC bool
	empty     bool
	maxOutput sizeFlag
	limits    limitsFlag
	dryRun    bool
	json      bool
	force     bool
	noSync    bool
}

func (a *app) convertCommand() *cobra.Command {
	f := &convertFlags{
		root:    "auto",
		aliases: choice{"copy", []string{"copy", "drop"}},
		values:  choice{"plain", []string{"none", "plain", "all"}},
	}
	c := &cobra.Command{
		Use:   "convert [flags] FILE…",
		Short: "Convert checkpoints to SafeTensors",
		Long: `convert scans each file, takes its tensors out without executing it, writes
SafeTensors and a record of which bytes became which, reopens the output and compares
every element with the source. The output appears only after that.

Exit status: 0 converted; 1 refused (dangerous, or suspicious under --strict);
2 it could not be converted. Of several files the worst counts, 1 before 2.`,
		Example: `  depickle convert pytorch_model.bin               # model.safetensors beside it
  depickle convert -o out/ *.ckpt                  # several, into a directory
  depickle convert --root /ema model.pt            # another part of the file
  depickle convert --aliases drop t5.bin           # write tied tensors once`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, args []string) error { return a.convert(f, args) },
	}
	fl := c.Flags()
	fl.StringVarP(&f.output, "output", "o", "", "output file, or directory if it is one, ends in / or there are several FILEs")
	fl.Var(&f.root, "root", "which part of the file holds the weights")
	fl.Var(&f.aliases, "aliases", "names of one and the same tensor: copy each, or drop all but one")
	fl.Var(&f.values, "values", "what the record keeps of values that are no tensors")
	fl.BoolVar(&f.strict, "strict", false, "refuse suspicious files too")
	fl.BoolVar(&f.disarm, "disarm", false, "take the tensors out of a dangerous file; the rest stays inert")
	fl.StringVar(&f.record, "record", "", "where the record goes, or none (default OUTPUT.json)")
	fl.BoolVar(&f.ignoreCRC, "ignore-crc", false, "convert members whose CRC is wrong; the record says so")
	fl.BoolVar(&f.empty, "allow-empty", false, "write an output for a file without tensors")
	fl.Var(&f.maxOutput, "max-output", "allow an output of this size, such as 20GiB")
	f.limits.register(fl)
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what would be written, and write nothing")
	fl.BoolVar(&f.json, "json", false, "write the result as JSON")
	fl.BoolVar(&f.force, "force", false, "replace outputs that exist")
	fl.BoolVar(&f.noSync, "no-sync", false, "do not wait for the disk: a crash of the machine may lose outputs or leave them broken")
	return c
}

func (a *app) convert(f *convertFlags, files []string) error {
	if len(files) > 1 && f.record != "" && f.record != "none" {
		return fault.New(fault.Unsupported, "--record takes a path for one FILE only")
	}
	done := a.convertAll(f, files)
	if f.json {
		return a.json(convertJSON{Schema: "depickle.convert/1", Files: done})
	}
	return nil
}

// converted is the result of one file.
type converted struct {
	Path   string `json:"path"`
	Status string `json:"status"` // converted, planned, refused or failed
	Exit   int    `json:"exit"`
	Output string `json:"output"`
	Record string `json:"record"`
	Error  string `json:"error,omitempty"`

	report  *scan.Report
	result  *convert.Result
	summary string // what is shown of one that was converted or planned
}

type convertJSON struct {
	Schema string      `json:"schema"`
	Files  []converted `json:"files"`
}

// convertFile converts a file, but for the name of its output, which its group
// gives it.
func (a *app) convertFile(f *convertFlags, g *convert.Group, to *claim, told func(done, total int64), c *converted) error {
	in, err := convert.OpenContext(a.ctx, c.Path, f.limits.options())
	if err != nil {
		return err
	}
	defer in.Close()
	report, clearance, err := scan.Scan(a.ctx, in.Source, scan.Options{})
	if err != nil {
		return err
	}
	c.report = report
	if clearance == nil {
		return uncleared(report)
	}
	if to.err != nil {
		return to.err
	}
	o := convert.Options{
		Name: in.Name, Root: string(f.root), DropAliases: f.aliases.value == "drop",
		Strict: f.strict, Disarm: f.disarm, IgnoreCRC: f.ignoreCRC, AllowEmpty: f.empty,
		MaxOutput: int64(f.maxOutput), Values: convert.Values(f.values.value),
		Force: f.force, NoRecord: f.record == "none", DryRun: f.dryRun, Recheck: in.Recheck,
		Progress: told,
	}
	if f.record != "none" {
		o.RecordPath = f.record
	}
	c.result, err = g.Convert(a.ctx, clearance, to.sink, o)
	if err != nil {
		return err
	}
	c.Output, c.Record = c.result.Output, c.result.RecordPath
	return nil
}

// uncleared is the error of a file that was not read whole.
func uncleared(r *scan.Report) error {
	if r.Severity == scan.Dangerous {
		f := r.Worst()
		return &fault.Error{Kind: fault.Refused, Member: f.Member, Offset: f.Offset,
			Text: "dangerous: " + f.Message + "; and the file could not be read whole, so not even --disarm converts it"}
	}
	if r.Note != "" {
		return fault.New(fault.Unsupported, "%s", r.Note)
	}
	if f := unreadBy(r); f != nil {
		kind := fault.Malformed
		switch f.ID {
		case fault.Limit.String():
			kind = fault.Limit
		case fault.Unsupported.String(), "zip-encrypted", "zip-method":
			kind = fault.Unsupported
		}
		return &fault.Error{Kind: kind, Member: f.Member, Offset: f.Offset, Text: f.Message}
	}
	return fault.New(fault.Malformed, "the file could not be read whole")
}

// unreadBy is the finding that says best why a file was not read whole: bytes
// that nothing explains are, as a rule, those of what another one is about.
func unreadBy(r *scan.Report) (best *scan.Finding) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity != scan.Inconclusive {
			continue
		}
		if f.ID != "bytes-unaccounted" {
			return f
		}
		if best == nil {
			best = f
		}
	}
	return best
}
