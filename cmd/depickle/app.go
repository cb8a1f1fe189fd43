package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"depickle/scan/fault"

	"github.com/spf13/cobra"
)

// app is what the subcommands share: where they write, and the exit code.
type app struct {
	ctx      context.Context
	out, err io.Writer
	exit     int
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "depickle",
		Short: "Turn pickle checkpoints into validated SafeTensors without executing them",
		Long: `depickle turns pickle checkpoints (PyTorch .pt .pth .bin .ckpt, numpy pickles)
into validated SafeTensors without executing any of it, and leaves hashes by which
anyone can check which bytes became which.

Exit status: 0 done; 1 refused, or the file is suspicious or dangerous; 2 it could
not be done or decided. Any other status means failure too.`,
		Example: `  depickle convert pytorch_model.bin        # writes model.safetensors beside it
  depickle scan *.pt
  depickle inspect model.ckpt
  depickle verify model.safetensors --source pytorch_model.bin`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddCommand(a.convertCommand(), a.scanCommand(), a.inspectCommand(), a.verifyCommand(), a.disasmCommand(), a.traceCommand(), a.policyCommand(), a.versionCommand(), limitsTopic())
	return root
}

// worse keeps the worst exit code: refused over failed over done.
func (a *app) worse(code int) {
	if a.exit == exitRefused || code == exitOK {
		return
	}
	if code == exitRefused || a.exit == exitOK {
		a.exit = code
	}
}

// complain writes one line on standard error.
func (a *app) complain(format string, args ...any) {
	fmt.Fprintf(a.err, "depickle: %s\n", printable(fmt.Sprintf(format, args...)))
}

// complainOfUsage writes an error of the command line itself, which may have
// several lines: cobra suggests what may have been meant.
func (a *app) complainOfUsage(err error) {
	for line := range strings.Lines(strings.TrimSpace(err.Error())) {
		if line = strings.TrimSpace(line); line != "" {
			a.complain("%s", line)
		}
	}
}

// someFiles is the Args of commands that take one FILE or more.
func someFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("name at least one FILE; %s --help says more", c.CommandPath())
	}
	return nil
}

// checkedWriter remembers that a write failed: a verdict that nobody could
// read must not exit 0.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

// say writes one line on standard output.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.out, printable(fmt.Sprintf(format, args...)))
}

// exitCode is what an error exits with.
func exitCode(err error) int {
	if fault.Is(err, fault.Refused) {
		return exitRefused
	}
	return exitFailed
}

// explain turns an error into what a person reads.
func explain(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted; nothing was left behind"
	}
	return err.Error()
}

// maxLine bounds a line, whatever a file calls its things.
const maxLine = 2000

// printable keeps a file's text from driving the terminal: control characters
// and what changes the direction of text are shown as escapes.
func printable(s string) string {
	if len(s) > maxLine {
		s = s[:maxLine] + "…"
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r != utf8.RuneError && (unicode.IsPrint(r) || r == '\t') {
			b.WriteRune(r)
		} else {
			q := strconv.QuoteToASCII(s[:n])
			b.WriteString(q[1 : len(q)-1])
		}
		s = s[n:]
	}
	return b.String()
}
