package scan_test

import (
	"archive/tar"
	"bytes"
	"testing"

	"depickle/scan"
)

// TestPolyglot: a file that is read as one thing and is a pickle as well is
// never clean, whatever the pickle calls.
func TestPolyglot(t *testing.T) {
	tarNamed := func(name string) []byte {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for _, c := range []struct {
		name string
		data []byte
		want scan.Severity
	}{
		{"a tar alone", tarNamed("config.json"), scan.Clean},
		{"a tar whose first name ends a pickle", tarNamed("N."), scan.Clean},
		{"a tar that calls what is dangerous", tarNamed("cos\nsystem\n(S'id'\ntR."), scan.Dangerous},
		{"a tar that calls what is unknown", tarNamed("cgadget\nrun\n(S'id'\ntR."), scan.Suspicious},
		{"the same, broken behind the call", tarNamed("cgadget\nrun\n(S'id'\ntR\x01"), scan.Suspicious},
	} {
		r := judge(t, c.data)
		if r.Format != "tar" || r.Severity != c.want {
			t.Errorf("%s: %s, %s %+v", c.name, r.Format, r.Severity, r.Findings)
		}
	}
}
