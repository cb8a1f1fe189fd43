package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"depickle/scan"
	"depickle/scan/fault"
)

func TestSizeFlag(t *testing.T) {
	tests := []struct {
		in   string
		want int64 // 0 for an error
	}{
		{"1", 1}, {"1500", 1500}, {"10MB", 10_000_000}, {"2GiB", 2 << 30}, {"2gib", 2 << 30},
		{"3 KiB", 3 << 10}, {"7B", 7}, {"8388607TiB", 8388607 << 40},
		{"", 0}, {"0", 0}, {"-1", 0}, {"GiB", 0}, {"1.5GiB", 0}, {"8388608TiB", 0}, {"1 2", 0}, {"1XB", 0},
		{"9223372036854775808", 0},
	}
	for _, tt := range tests {
		var z sizeFlag
		err := z.Set(tt.in)
		if int64(z) != tt.want || (err == nil) != (tt.want != 0) {
			t.Errorf("%q: %d, %v; want %d", tt.in, z, err, tt.want)
		}
	}
}

func TestRootFlag(t *testing.T) {
	for in, ok := range map[string]bool{"auto": true, "none": true, "/": true, "/a/b": true, "": false, "a": false, "Auto": false} {
		var r rootFlag
		if err := r.Set(in); (err == nil) != ok {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestPrintable(t *testing.T) {
	tests := map[string]string{
		"plain é 模型\t.":      "plain é 模型\t.",
		"a\x1b[31mred":       `a\x1b[31mred`,
		"two\nlines\r":       `two\nlines\r`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"bad \xff\xfe bytes": `bad \xff\xfe bytes`,
		"\ufffd itself":      `\ufffd itself`,
		"nul\x00":            `nul\x00`,
		"":                   "",
	}
	for in, want := range tests {
		if got := printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := printable(strings.Repeat("x", 1<<20)); len(got) > maxLine+len("…") {
		t.Errorf("a line of %d bytes", len(got))
	}
}

func TestWorse(t *testing.T) {
	tests := []struct {
		codes []int
		want  int
	}{
		{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 2, 0}, 2}, {[]int{2, 1}, 1}, {[]int{1, 2, 0}, 1},
	}
	for _, tt := range tests {
		var a app
		for _, c := range tt.codes {
			a.worse(c)
		}
		if a.exit != tt.want {
			t.Errorf("%v: %d, want %d", tt.codes, a.exit, tt.want)
		}
	}
}

// TestScanExit: what was not read whole never exits 0.
func TestScanExit(t *testing.T) {
	tests := []struct {
		severity      scan.Severity
		complete      bool
		want, lenient int
	}{
		{scan.Clean, true, exitOK, exitOK},
		{scan.Clean, false, exitFailed, exitFailed},
		{scan.Suspicious, true, exitRefused, exitOK},
		{scan.Suspicious, false, exitRefused, exitFailed},
		{scan.Dangerous, true, exitRefused, exitRefused},
		{scan.Dangerous, false, exitRefused, exitRefused},
	}
	for _, tt := range tests {
		r := &scan.Report{Severity: tt.severity, Complete: tt.complete}
		if got := scanExit(r, false); got != tt.want {
			t.Errorf("%s complete=%v: %d, want %d", tt.severity, tt.complete, got, tt.want)
		}
		if got := scanExit(r, true); got != tt.lenient {
			t.Errorf("%s complete=%v with --fail-on dangerous: %d, want %d", tt.severity, tt.complete, got, tt.lenient)
		}
	}
}

func TestExitCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{fault.New(fault.Refused, "no"), exitRefused},
		{fault.New(fault.Malformed, "no"), exitFailed},
		{fault.New(fault.Changed, "no"), exitFailed},
		{context.Canceled, exitFailed},
		{fs.ErrNotExist, exitFailed},
	}
	for _, tt := range tests {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestCheckedWriter(t *testing.T) {
	full := errors.New("full")
	c := &checkedWriter{w: failing{full}}
	c.Write([]byte("x"))
	c.w = &bytes.Buffer{}
	if _, err := c.Write([]byte("y")); err != nil || c.err != full {
		t.Errorf("remembers %v, want the first error", c.err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestLate: a bar is not shown for a conversion that takes a moment.
func TestLate(t *testing.T) {
	var b bytes.Buffer
	l := &late{w: &b, from: time.Now().Add(time.Hour)}
	if n, err := l.Write([]byte("bar")); n != 3 || err != nil || b.Len() != 0 {
		t.Errorf("early: %d %v, wrote %q", n, err, b.String())
	}
	l.from = time.Now()
	if n, err := l.Write([]byte("bar")); n != 3 || err != nil || b.String() != "bar" {
		t.Errorf("late: %d %v, wrote %q", n, err, b.String())
	}
	if newProgress(&b, "x", 1) != nil {
		t.Error("a bar without a terminal")
	}
}
