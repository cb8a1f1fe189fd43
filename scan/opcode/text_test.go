package opcode

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"depickle/scan/fault"
)

func TestText(t *testing.T) {
	const bad = "\x00bad"
	for _, c := range []struct {
		code Code
		raw  string
		want string
	}{
		{Unicode, `plain`, `plain`},
		{Unicode, ``, ``},
		{Unicode, "\xe9\xff\x80", "éÿ\u0080"},
		{Unicode, `\u20acx`, `€x`},
		{Unicode, `\U0001F600`, `😀`},
		{Unicode, `\ud83d\ude00`, "\xed\xa0\xbd\xed\xb8\x80"},
		{Unicode, `\udc80`, "\xed\xb2\x80"},
		{Unicode, `\\u0041`, `\\u0041`},
		{Unicode, `\\\u0041`, `\\A`},
		{Unicode, `\n\x41\`, `\n\x41\`},
		{Unicode, "\\\xe9", `\é`},
		{Unicode, `\u004`, bad},
		{Unicode, `\u004g`, bad},
		{Unicode, `\U00110000`, bad},
		{Unicode, `\UFFFFFFFF`, bad},
		{Unicode, `a\u`, bad},
		{BinUnicode, "é😀", "é😀"},
		{BinUnicode, "\xed\xa0\x80", "\xed\xa0\x80"},
		{BinUnicode8, "\xed\xbf\xbf.", "\xed\xbf\xbf."},
		{BinUnicode, "\ufffd", "\ufffd"},
		{ShortBinUnicode, "\xff", bad},
		{ShortBinUnicode, "\xc0\x80", bad},
		{ShortBinUnicode, "a\xc3", bad},
		{ShortBinUnicode, "\xed\xa0", bad},
		{ShortBinUnicode, "\xed\xa0a", bad},
		{ShortBinUnicode, "\xf4\x90\x80\x80", bad},
		{ShortBinUnicode, "\xf0\x9f\x98", bad},
		{String, `'abc'`, `abc`},
		{String, `""`, ``},
		{String, `'\\\'\"\b\f\n\r\t\v\a'`, "\\'\"\b\f\n\r\t\v\a"},
		{String, `'\x41\xff\0\12\377\4000\q\8'`, "A\xff\x00\n\xff\x000\\q\\8"},
		{String, `'a'b'`, `a'b`},
		{String, "'\xff'", "\xff"},
		{String, `'\'`, bad},
		{String, `'\x4'`, bad},
		{String, `'\xg0'`, bad},
		{String, `'ab`, bad},
		{String, `'`, bad},
		{String, ``, bad},
		{String, `ab`, bad},
		{String, `'a"`, bad},
		{BinString, "\xff'\\x", "\xff'\\x"},
		{ShortBinString, "\xff", "\xff"},
		{BinBytes, "\xff", "\xff"},
		{PersID, "1", "1"},
	} {
		got, err := Text(c.code, []byte(c.raw))
		readers := map[string]io.Reader{
			"whole":   strings.NewReader(c.raw),
			"bytes":   iotest.OneByteReader(strings.NewReader(c.raw)),
			"err EOF": iotest.DataErrReader(strings.NewReader(c.raw)),
		}
		if c.want == bad {
			if !fault.Is(err, fault.Malformed) || got != "" {
				t.Errorf("%s %q: %q, %v, want malformed", c.code, c.raw, got, err)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s %q: %q, %v, want %q", c.code, c.raw, got, err, c.want)
		}
		for name, r := range readers {
			b, err := io.ReadAll(TextReader(c.code, r))
			if c.want == bad {
				if !fault.Is(err, fault.Malformed) {
					t.Errorf("%s %q, %s: %q, %v, want malformed", c.code, c.raw, name, b, err)
				}
			} else if err != nil || string(b) != c.want {
				t.Errorf("%s %q, %s: %q, %v, want %q", c.code, c.raw, name, b, err, c.want)
			}
		}
	}
}

// Units that lie across the end of a chunk are decoded like others, and the
// position of an error is that of the payload.
func TestTextReaderChunks(t *testing.T) {
	for _, c := range []struct {
		code            Code
		head, unit, end string
		want            string
	}{
		{Unicode, "", `\u20ac`, "", "€"},
		{Unicode, "", `\\`, "", `\\`},
		{String, "'", `\x41`, "'", "A"},
		{String, "'", `\101`, "'", "A"},
		{BinUnicode, "", "😀", "", "😀"},
		{BinUnicode, "", "\xed\xa0\x80", "", "\xed\xa0\x80"},
	} {
		for pad := range len(c.unit) + 1 {
			in := c.head + strings.Repeat("x", chunk-pad-len(c.head)) + strings.Repeat(c.unit, 50_000) + c.end
			want := strings.Repeat("x", chunk-pad-len(c.head)) + strings.Repeat(c.want, 50_000)
			b, err := io.ReadAll(TextReader(c.code, strings.NewReader(in)))
			if err != nil || string(b) != want {
				t.Errorf("%s %s, pad %d: %d bytes, want %d, %v", c.code, c.unit, pad, len(b), len(want), err)
			}
		}
	}
	in := strings.Repeat("x", 100_000) + `\u00g0`
	b, err := io.ReadAll(TextReader(Unicode, strings.NewReader(in)))
	if len(b) != 100_000 || err == nil || !strings.Contains(err.Error(), "byte 100000 of the text") {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// The reader's own errors come as they are.
func TestTextReaderError(t *testing.T) {
	broken := errors.New("broken")
	for _, code := range []Code{Unicode, String, BinUnicode} {
		r := io.MultiReader(strings.NewReader("'abc"), iotest.ErrReader(broken))
		if _, err := io.ReadAll(TextReader(code, r)); err != broken {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func BenchmarkTextReader(b *testing.B) {
	for _, c := range []struct {
		name string
		code Code
		in   string
	}{
		{"UNICODE latin-1", Unicode, strings.Repeat("\xe9ab\xff", 1<<18)},
		{"UNICODE escapes", Unicode, strings.Repeat(`\u00e9ab`, 1<<17)},
		{"BINUNICODE", BinUnicode, strings.Repeat("éabÿ", 1<<18)},
		{"STRING", String, "'" + strings.Repeat(`\xe9abcd`, 1<<17) + "'"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.in)))
			for b.Loop() {
				if _, err := io.Copy(io.Discard, TextReader(c.code, strings.NewReader(c.in))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
