package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"depickle/scan/container"
)

// TestLongText: text beyond the decoder's window is checked too, so that what
// is clean decodes.
func TestLongText(t *testing.T) {
	pickle := func(text string) string {
		return "\x80\x02X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))) + text + "."
	}
	long := strings.Repeat("é", 100_000)
	for _, c := range []struct {
		name, pickle string
		complete     bool
	}{
		{"valid", pickle(long), true},
		{"cut character at the end", pickle(long + "\xc3"), false},
		{"bad byte in the middle", pickle(long + "\xff" + long), false},
		{"escape", "V" + strings.Repeat("a", 100_000) + "\\u00e9\n.", true},
		{"cut escape", "V" + strings.Repeat("a", 100_000) + "\\u00e\n.", false},
	} {
		src, err := container.Open(strings.NewReader(c.pickle), int64(len(c.pickle)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := Scan(context.Background(), src, Options{})
		src.Close()
		if err != nil || r.Complete != c.complete {
			t.Errorf("%s: complete %v, %v; want %v", c.name, r.Complete, err, c.complete)
		}
	}
}

// TestUnknownMember: a member that torch does not know is listed, and is no
// reason to doubt the file.
func TestUnknownMember(t *testing.T) {
	data, err := os.ReadFile("../testdata/checkpoints/zip_unknown_member.pt")
	if err != nil {
		t.Fatal(err)
	}
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r, _, err := Scan(context.Background(), src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Clean || !r.Complete || len(r.Findings) != 1 || r.Findings[0].ID != "member-unknown" ||
		r.Findings[0].Severity != Note || r.Findings[0].Member != "archive/.data/new_thing" {
		t.Errorf("%v, complete %v, %+v", r.Verdict, r.Complete, r.Findings)
	}
}
