package main

import (
	"fmt"
	"strings"

	"depickle/scan/codec"
	"depickle/scan/container"
	"depickle/scan/limit"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// limitsFlag is --limit NAME=N, which may be given several times.
type limitsFlag struct {
	limits limit.Limits
	given  []string
}

var _ pflag.Value = (*limitsFlag)(nil)

// options are those of opening a file.
func (l *limitsFlag) options() container.Options {
	return container.Options{Limits: l.limits, Codecs: codec.All()}
}

func (l *limitsFlag) String() string { return strings.Join(l.given, ",") }
func (l *limitsFlag) Type() string   { return "NAME=N" }

// Set implements pflag.Value.
func (l *limitsFlag) Set(s string) error {
	name, number, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("must be NAME=N, such as tensors=1000000 or text=4MiB")
	}
	var n sizeFlag
	if err := n.Set(number); err != nil {
		return fmt.Errorf("%s is no positive number such as 1000000 or 4MiB", number)
	}
	if !l.limits.Set(limit.Name(name), int64(n)) {
		return fmt.Errorf("%s=%s is no limit; the names are %s", name, number, limitNames())
	}
	l.given = append(l.given, s)
	return nil
}

// register adds the flag to a command's.
func (l *limitsFlag) register(fl *pflag.FlagSet) {
	fl.Var(l, "limit", "allow more, or less, of one thing; \"depickle help limits\" lists them; repeatable")
}

// limitsTopic is what "depickle help limits" shows.
func limitsTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString(`A file's word is not taken for anything: what it can cost is bounded, and beyond a
bound it is refused, never half read. Most bounds grow with the bytes of the file as it
stands on disk. A refusal names the bound; scan, convert, inspect and verify take

  --limit NAME=N     such as --limit tensors=1000000 or --limit text=4MiB

which holds as it is, whatever the size of the file, and costs the memory that it takes.

`)
	for _, r := range limit.All() {
		fmt.Fprintf(&b, "  %-10s %s\n  %-10s by default %s\n", r.Name, r.What, "", r.Default)
	}
	return &cobra.Command{Use: "limits", Short: "The bounds of what a file may cost, and how to move them", Long: strings.TrimSpace(b.String())}
}

func limitNames() string {
	var names []string
	for _, r := range limit.All() {
		names = append(names, string(r.Name))
	}
	return strings.Join(names, ", ")
}
