package hostile

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"depickle/convert"
	"depickle/convert/internal/raced"
	"depickle/sandboxload"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// ceiling is how long one vector may take here, on any machine: it only keeps
// a hang from hanging the tests. Time and memory are measured by
// testdata/tools/hostile.py.
const ceiling = 2 * time.Minute

// small is the size up to which vectors run under -short, in bytes.
func small() int64 {
	if raced.On {
		return 32 << 10
	}
	return 1 << 20
}

// TestVectors runs every vector through every view of a file.
func TestVectors(t *testing.T) {
	before := runtime.NumGoroutine()
	seen := map[string]bool{}
	for _, v := range All() {
		if seen[strings.ToLower(v.Name)] {
			t.Errorf("two vectors have the name %s", v.Name)
		}
		seen[strings.ToLower(v.Name)] = true
		if (testing.Short() || raced.On) && v.Make().Len() > small() {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), ceiling)
			defer cancel()
			dir := t.TempDir()
			writeVector(t, &v, dir)
			check(ctx, t, &v, filepath.Join(dir, fileName(&v)))
		})
	}
	if len(seen) < 150 {
		t.Errorf("%d vectors, too few", len(seen))
	}
	noGoroutines(t, before)
}

// noGoroutines waits for what ends by itself.
func noGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 50 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("goroutines are left behind:\n%s", buf[:runtime.Stack(buf, true)])
}

func check(ctx context.Context, t *testing.T, v *Vector, path string) {
	decode(t, path)
	spool := t.TempDir()
	in, err := convert.Open(path, container.Options{TempDir: spool})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	report, clearance, err := scan.Scan(ctx, in.Source, scan.Options{})
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	if got := scanExit(report); got != v.Scan {
		t.Errorf("scan exits %d, want %d: %v %+v", got, v.Scan, report.Verdict, report.Findings)
	}
	if got := clearance.Valid(); got != report.Complete {
		t.Errorf("cleared: %v, complete: %v", got, report.Complete)
	}
	load(ctx, t, in.Source, report)
	out := filepath.Join(t.TempDir(), "out.safetensors")
	says, exit := convertTo(ctx, in, report, clearance, out)
	if exit != v.Convert {
		t.Errorf("convert exits %d, want %d: %s", exit, v.Convert, says)
	}
	if !v.Output {
		oneLine(t, says, v.Says)
	}
	verify(ctx, t, v, in, path, out)
	if err := in.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	empty(t, spool)
}

// scanExit is the program's.
func scanExit(r *scan.Report) int {
	switch {
	case r.Severity >= scan.Suspicious:
		return Refused
	case !r.Complete:
		return Failed
	}
	return OK
}

// load takes the tensors out whether the file was cleared or not, as verify
// and library users may. What scan calls clean must load, or be refused for
// what scan does not look at.
func load(ctx context.Context, t *testing.T, src *container.Source, r *scan.Report) {
	t.Helper()
	_, err := sandboxload.Load(ctx, src, sandboxload.Options{Disarm: r.Verdict != scan.Clean})
	if err == nil {
		return
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Errorf("Load: %v is no fault", err)
		return
	}
	if r.Verdict == scan.Clean && f.Kind != fault.Unsupported && f.Kind != fault.Limit && !ofElements(src, f) {
		t.Errorf("scan: clean, but Load: %v", err)
	}
}

// ofElements reports whether a failure is that of a member that holds no pickle:
// scan does not inflate elements.
func ofElements(src *container.Source, f *fault.Error) bool {
	return f.Member != "" && !slices.ContainsFunc(src.Streams, func(st container.Stream) bool { return st.Member == f.Member })
}

// convertTo is what the program does with a file, and what it says.
func convertTo(ctx context.Context, in *convert.Input, r *scan.Report, c *scan.Clearance, out string) (says string, exit int) {
	if c == nil {
		says = r.Note
		for _, f := range r.Findings {
			says += "; " + f.ID + ": " + f.Message
		}
		if r.Severity == scan.Dangerous {
			return says + "; and the file could not be read whole", Refused
		}
		return says, Failed
	}
	_, err := convert.Convert(ctx, c, convert.File(out), convert.Options{Name: in.Name, Recheck: in.Recheck})
	switch {
	case err == nil:
		return "", OK
	case fault.Is(err, fault.Refused):
		return err.Error(), Refused
	}
	return err.Error(), Failed
}

// oneLine checks what a person reads.
func oneLine(t *testing.T, says, want string) {
	t.Helper()
	if !strings.Contains(says, want) {
		t.Errorf("says %q, want %q in it", says, want)
	}
	if strings.ContainsAny(says, "\n\r\x1b") {
		t.Errorf("says more than a line: %q", says)
	}
}
