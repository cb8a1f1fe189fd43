package opcode

import (
	"strings"
	"testing"

	"depickle/scan/limit"
)

// TestManyNotes: of millions of odd literals each has a note, and few of them
// are spelled out.
func TestManyNotes(t *testing.T) {
	data := strings.Repeat("I 1\nF1\x00\np01\n", maxNotes) + "."
	d := NewDecoder(strings.NewReader(data), 0, int64(len(data)), limit.Limits{})
	spelled := 0
	for i := range 3 * maxNotes {
		var op Op
		if err := d.Next(&op); err != nil || op.Note == "" {
			t.Fatalf("opcode %d: %q, %v", i, op.Note, err)
		}
		if strings.Contains(op.Note, `"`) {
			spelled++
		}
	}
	if spelled != maxNotes {
		t.Errorf("%d are spelled out", spelled)
	}
}
