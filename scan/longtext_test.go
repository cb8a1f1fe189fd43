package scan

import (
	"context"
	"encoding/binary"
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
