package hostile

import (
	"bytes"
	"context"
	"testing"

	"depickle/sandboxload"
	"depickle/scan"
	"depickle/scan/container"
)

// TestTruncatedEverywhere cuts files off at every byte. None of what is left
// may be called complete, or load.
func TestTruncatedEverywhere(t *testing.T) {
	for name, d := range cuttable() {
		whole := d.String()
		for n := range len(whole) {
			cutAt(t, name, []byte(whole[:n]))
		}
	}
}

func cutAt(t *testing.T, name string, data []byte) {
	t.Helper()
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatalf("%s cut at %d: Open: %v", name, len(data), err)
	}
	defer src.Close()
	r, c, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		t.Fatalf("%s cut at %d: Scan: %v", name, len(data), err)
	}
	if r.Complete || c.Valid() || scanExit(r) == OK {
		t.Errorf("%s cut at %d: %v, complete", name, len(data), r.Verdict)
	}
	if _, err := sandboxload.Load(context.Background(), src, sandboxload.Options{}); err == nil {
		t.Errorf("%s cut at %d: loads", name, len(data))
	}
}
