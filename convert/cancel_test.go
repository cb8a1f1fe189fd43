package convert_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/container"
)

// promptly is how soon a call must end with its context, far above what is
// measured: it tells a loop that never looks from a slow machine.
const promptly = 3 * time.Second

// legacyFile writes a legacy checkpoint of one tensor of n float32, zeros that
// take no room on most disks.
func legacyFile(t *testing.T, n int32) string {
	t.Helper()
	numel := string(binary.LittleEndian.AppendUint32(nil, uint32(n)))
	pickles := "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19." + "\x80\x02M\xe9\x03." + "\x80\x02}." +
		"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n" +
		"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ" + numel + "NtQ" +
		"K\x00J" + numel + "\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRs." +
		"\x80\x02]X\x01\x00\x00\x000a."
	head := binary.LittleEndian.AppendUint64([]byte(pickles), uint64(n))
	path := filepath.Join(t.TempDir(), "legacy.pt")
	if err := os.WriteFile(path, head, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(head))+4*int64(n)); err != nil {
		t.Fatal(err)
	}
	return path
}

// cleared opens and judges a file.
func cleared(t *testing.T, path string) (*convert.Input, *scan.Clearance) {
	t.Helper()
	in, err := convert.Open(path, container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	r, c, err := scan.Scan(t.Context(), in.Source, scan.Options{})
	if err != nil || r.Verdict != scan.Clean {
		t.Fatal(r, err)
	}
	return in, c
}

// settled waits until there are no more goroutines than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(promptly); runtime.NumGoroutine() > before; {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

func empty(t *testing.T, dir string) {
	t.Helper()
	d, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if names, err := d.Readdirnames(1); err != io.EOF {
		t.Errorf("left behind: %v %v", names, err)
	}
}

// TestCancelConvert: however far a conversion is, it ends with its context, and
// leaves no file and no goroutine.
func TestCancelConvert(t *testing.T) {
	path := legacyFile(t, 4<<20)
	in, c := cleared(t, path)
	before := runtime.NumGoroutine()
	for _, percent := range []int64{0, 1, 10, 25, 40, 60, 80, 95} {
		ctx, cancel := context.WithCancel(t.Context())
		dir := t.TempDir()
		var when atomic.Int64 // nanoseconds since start
		start := time.Now()
		o := convert.Options{Name: "legacy.pt", Recheck: in.Recheck, Progress: func(done, total int64) {
			if done >= total/100*percent && when.CompareAndSwap(0, int64(time.Since(start))+1) {
				cancel()
			}
		}}
		_, err := convert.Convert(ctx, c, convert.Dir(dir), o)
		took := time.Since(start) - time.Duration(when.Load())
		if when.Load() == 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %d %%: got %v", percent, err)
		}
		t.Logf("cancelled at %d %%: ended after %v", percent, took)
		if took > promptly {
			t.Errorf("cancelled at %d %%: ended after %v", percent, took)
		}
		settled(t, before)
		empty(t, dir)
		cancel()
	}
}

// TestCancelVerify: the same of verifying, at any time.
func TestCancelVerify(t *testing.T) {
	in, c := cleared(t, legacyFile(t, 4<<20))
	dir := t.TempDir()
	res, err := convert.Convert(t.Context(), c, convert.Dir(dir), convert.Options{Name: "legacy.pt", Recheck: in.Recheck})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := convert.Verify(t.Context(), res.Output, res.RecordPath, in); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start)
	before := runtime.NumGoroutine()
	for part := range time.Duration(8) {
		ctx, cancel := context.WithCancel(t.Context())
		var at time.Time
		if part == 0 {
			cancel()
			at = time.Now()
		} else {
			at = time.Now().Add(whole * part / 8)
			time.AfterFunc(whole*part/8, cancel)
		}
		_, err := convert.Verify(ctx, res.Output, res.RecordPath, in)
		took := time.Since(at)
		// It may be done before the end comes.
		if !errors.Is(err, context.Canceled) && (part == 0 || err != nil) {
			t.Errorf("cancelled at %d/8: got %v", part, err)
		}
		t.Logf("cancelled at %d/8 of %v: %v after %v", part, whole, err, took)
		if took > promptly {
			t.Errorf("cancelled at %d/8: ended after %v", part, took)
		}
		cancel()
		settled(t, before)
	}
}

// TestCancelOpen: opening ends with the context too.
func TestCancelOpen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if in, err := convert.OpenContext(ctx, checkpoints+"/tiny.pt", container.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", in, err)
	}
}
