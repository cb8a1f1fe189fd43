package scan_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

func TestZZProf(t *testing.T) {
	b, err := os.ReadFile(os.Getenv("ZZ"))
	if err != nil {
		t.Skip()
	}
	src, err := container.Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := scan.Scan(context.Background(), src, scan.Options{})
	t.Log(r.Verdict, err)
}
