package tagged

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/opcode"
)

// TestBlob: a text has one form, whether it stands in memory or in the file.
func TestBlob(t *testing.T) {
	a := strings.Repeat("a", 4096)
	tests := []struct {
		name string
		code opcode.Code
		raw  string
		same value.Value
	}{
		{"long text", opcode.BinUnicode, a + "é", value.Str(a + "é")},
		{"text of the bound", opcode.BinUnicode8, a, value.Str(a)},
		{"short text", opcode.ShortBinUnicode, "a", value.Str("a")},
		{"surrogate", opcode.BinUnicode, "\xed\xa0\x80", value.Str("\xed\xa0\x80")},
		{"escaped text", opcode.Unicode, strings.Repeat(`\u0061`, 4096), value.Str(a)},
		{"long escaped text", opcode.Unicode, strings.Repeat(`\u00e9`, 4096), value.Str(strings.Repeat("é", 4096))},
		{"Python 2", opcode.BinString, a + "\xe9", value.Str2(a + "\xe9")},
		{"quoted", opcode.String, `'` + strings.Repeat(`\x61`, 4096) + `'`, value.Str2(a)},
		{"quoted latin-1", opcode.String, `'` + strings.Repeat(`\xe9`, 4096) + `'`, value.Str2(strings.Repeat("\xe9", 4096))},
		{"long quoted", opcode.String, `"` + a + `\\b"`, value.Str2(a + `\b`)},
		{"bytes", opcode.BinBytes, a + "\xff", value.Bytes(a + "\xff")},
		{"short bytes", opcode.BinBytes8, a[:256], value.Bytes(a[:256])},
		{"bytes between", opcode.BinBytes8, a[:257], value.Bytes(a[:257])},
		{"nothing", opcode.BinBytes8, "", value.Bytes("")},
	}
	for _, tt := range tests {
		blob := &value.Blob{Code: tt.code, Extent: container.Extent{Len: int64(len(tt.raw))}}
		for _, r := range []io.Reader{strings.NewReader(tt.raw), iotest.OneByteReader(strings.NewReader(tt.raw)), iotest.DataErrReader(strings.NewReader(tt.raw + "more"))} {
			got, err := Encode([]value.Value{blob}, Options{Open: func(container.Extent) io.Reader { return r }})
			if want := encode(t, Plain, tt.same); err != nil || string(got) != want {
				t.Errorf("%s: %v\n got %.100s\nwant %.100s", tt.name, err, got, want)
			}
		}
	}
	raw := a + "b"
	array := &value.ByteArray{Data: &value.Blob{Code: opcode.ByteArray8, Extent: container.Extent{Len: 4097}}}
	got, err := Encode([]value.Value{array}, Options{Open: func(container.Extent) io.Reader { return strings.NewReader(raw) }})
	if want := encode(t, Plain, &value.ByteArray{Data: value.Bytes(raw)}); err != nil || string(got) != want {
		t.Errorf("bytearray: %v\n got %s\nwant %s", err, got, want)
	}
}

// TestBlobOnce: naming a long text again does not read it again.
func TestBlobOnce(t *testing.T) {
	raw := strings.Repeat("a", 1<<20)
	opened := 0
	items := make([]value.Value, 10_000)
	for i := range items {
		items[i] = &value.Blob{Code: opcode.BinUnicode, Extent: container.Extent{Off: 7, Len: 1 << 20}}
	}
	_, err := Encode([]value.Value{list(items...), list(items[:900]...)}, Options{Open: func(container.Extent) io.Reader {
		opened++
		return strings.NewReader(raw)
	}})
	if err != nil || opened != 1 {
		t.Errorf("read %d times: %v", opened, err)
	}
}

func TestBlobFails(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		code opcode.Code
		r    io.Reader
		kind fault.Kind
	}{
		{"shorter", opcode.BinUnicode, strings.NewReader(strings.Repeat("a", 9999)), fault.Changed},
		{"much shorter", opcode.BinUnicode, strings.NewReader("a"), fault.Changed},
		{"shorter, escaped", opcode.Unicode, strings.NewReader("a"), fault.Changed},
		{"cut escape", opcode.Unicode, strings.NewReader(strings.Repeat("a", 9998) + `\u`), fault.Malformed},
		{"broken", opcode.BinBytes, io.MultiReader(strings.NewReader("a"), iotest.ErrReader(broken)), 0},
	}
	for _, tt := range tests {
		blob := &value.Blob{Code: tt.code, Extent: container.Extent{Len: 10_000}}
		b, err := Encode([]value.Value{dict("a", list(blob, blob), "b", 1)}, Options{Open: func(container.Extent) io.Reader { return tt.r }})
		if b != nil || err == nil {
			t.Errorf("%s: %s, %v", tt.name, b, err)
		}
		if tt.kind != 0 && !fault.Is(err, tt.kind) || tt.kind == 0 && !errors.Is(err, broken) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
