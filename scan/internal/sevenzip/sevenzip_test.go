package sevenzip

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"depickle/scan/fault"
)

// shown is what an archive has, in one line.
func shown(a *Archive) string {
	var b strings.Builder
	for _, m := range a.Members {
		fmt.Fprintf(&b, "%q %d:%d+%d", m.Name, m.Folder, m.Off, m.Size)
		if m.CRC.Known {
			fmt.Fprintf(&b, " %08x", m.CRC.Sum)
		}
		if m.Special != "" {
			b.WriteString(" " + m.Special)
		}
		b.WriteString("; ")
	}
	for _, f := range a.Folders {
		fmt.Fprintf(&b, "[%d+%d → %d", f.Packed.Off, f.Packed.Len, f.Size)
		for _, c := range f.Coders {
			fmt.Fprintf(&b, " %s(%x)%d", Method(c.ID), c.Properties, c.Size)
		}
		if f.Err != nil {
			b.WriteString(" " + f.Err.Text)
		}
		b.WriteString("]")
	}
	return b.String()
}

// TestOpen: what headers say, of every kind that is read.
func TestOpen(t *testing.T) {
	for _, c := range []struct{ name, header, want string }{
		{"one member", header("\x01" + property(idNames, "\x00"+name("a"))), `"a" 0:0+5; [32+5 → 5 Copy()5]`},
		{"its CRC", "\x01\x04" + pack + one + sized + digest + "\x00\x05\x01" + property(idNames, "\x00"+name("a")) + "\x00\x00", `"a" 0:0+5 3610a686; [32+5 → 5 Copy()5]`},
		{"its folder's CRC", "\x01\x04" + pack + one + "\x0c\x05\x0a\x01\x86\xa6\x10\x36\x00" + "\x00\x05\x01" + property(idNames, "\x00"+name("a")) + "\x00\x00", `"a" 0:0+5 3610a686; [32+5 → 5 Copy()5]`},
		{"two in one folder", "\x01\x04" + pack + one + sized + "\x08\x0d\x02\x09\x03\x0a\x00\x40\x01\x02\x03\x04\x00\x00\x05\x02" + property(idNames, "\x00"+name("a")+name("é/б")) + "\x00\x00", `"a" 0:0+3; "é/б" 0:3+2 04030201; [32+5 → 5 Copy()5]`},
		{"empty ones", header("\x04" + property(idEmptyStream, "\xb0") + property(idEmptyFile, "\x80") + property(idAnti, "\x20") + property(idNames, "\x00"+name("e")+name("a")+name("d")+name("x"))), `"e" -1:0+0; "a" 0:0+5; "d" -1:0+0; "x" -1:0+0 an anti-item; [32+5 → 5 Copy()5]`},
		{"a link", header("\x01" + property(idNames, "\x00"+name("a")) + property(idWinAttributes, "\x01\x00\x20\x80\xff\xa1")), `"a" 0:0+5 a link or device; [32+5 → 5 Copy()5]`},
		{"a file of Unix", header("\x01" + property(idNames, "\x00"+name("a")) + property(idWinAttributes, "\x01\x00\x20\x80\xa4\x81")), `"a" 0:0+5; [32+5 → 5 Copy()5]`},
		{"dates and padding", header("\x01" + property(0x19, "\x00\x00") + property(idNames, "\x00"+name("a")) + property(0x14, "\x01\x0012345678")), `"a" 0:0+5; [32+5 → 5 Copy()5]`},
		{"two coders", "\x01\x04" + pack + "\x07\x0b\x01\x00\x02\x21\x03\x01\x03\x21\x21\x01\x18\x00\x01" + "\x0c\x07\x06\x00" + "\x00\x05\x01" + property(idNames, "\x00"+name("a")) + "\x00\x00", `"a" 0:0+7; [32+5 → 7 LZMA2(18)6 Delta(03)7]`},
		{"archive properties", "\x01\x02\x17\x01x\x00\x04" + pack + one + sized + "\x00\x05\x01" + property(idNames, "\x00"+name("a")) + "\x00\x00", `"a" 0:0+5; [32+5 → 5 Copy()5]`},
		{"nothing", "\x01\x00", ""},
		{"no header", "", ""},
	} {
		a, err := opened(file7z("hello", c.header))
		if err != nil || shown(a) != c.want {
			t.Errorf("%s: %v\n%s, want\n%s", c.name, err, shown(a), c.want)
		}
	}
}

// TestPackedHeader: a header in a folder, and one in another.
func TestPackedHeader(t *testing.T) {
	h := header("\x01" + property(idNames, "\x00"+name("a")))
	const want = `"a" 0:0+5; [32+5 → 5 Copy()5]`
	packed := "hello"
	for n := range maxHeaders + 1 {
		a, err := opened(file7z(packed, h))
		if n < maxHeaders && (err != nil || shown(a) != want || len(a.Claimed) != n+3) {
			t.Errorf("%d times: %v, %s, %v", n, err, shown(a), a.Claimed)
		}
		if n == maxHeaders && !fault.Is(err, fault.Limit) {
			t.Errorf("%d times: %v", n, err)
		}
		at, size := num(uint64(len(packed))), num(uint64(len(h)))
		packed += h
		h = "\x17\x06" + at + "\x01\x09" + size + "\x00" + one + "\x0c" + size + "\x00\x00"
	}
}

// TestRefused: headers that are wrong, what is said of them, and what is judged
// all the same.
func TestRefused(t *testing.T) {
	const whole = `"a" 0:0+5; [32+5 → 5 Copy()5]`
	a, names := "\x01"+property(idNames, "\x00"+name("a")), property(idNames, "\x00"+name("a"))
	folders := func(s string) string { return "\x01\x04" + pack + "\x07\x0b" + s }
	coder := func(s string) string {
		return folders("\x01\x00" + s + "\x0c\x05\x00\x00\x05" + a + "\x00\x00")
	}
	for _, c := range []struct{ name, header, err, has string }{
		{"no id", "\x09", "begins with 9", ""},
		{"cut off", "\x01\x04" + pack + one, "ends early", "[32+5 → 0 Copy()0]"},
		{"a billion files", header(num(1<<30) + names), "more than 100 members", `"stream 0" 0:0+5; [32+5 → 5 Copy()5]`},
		{"a billion folders", folders(num(1<<30) + "\x00"), "more than 100 members", ""},
		{"a billion streams", "\x01\x04\x06\x00" + num(1<<30) + "\x09", "more than 100 members", ""},
		{"a billion members of a folder", "\x01\x04" + pack + one + sized + "\x08\x0d" + num(1<<30), "more than 100 members", "[32+5 → 5 Copy()5]"},
		{"folders of a hundred members", "\x01\x04\x06\x00\x02\x09\x05\x05\x00\x07\x0b\x02\x00\x01\x01\x00\x01\x01\x00\x0c\x05\x05\x00\x08\x0d\x64\x64", "more than 100 members", "[32+5 → 5 Copy()5]"},
		{"a number too large", "\x01\x04\x06" + num(1<<63) + "\x01", "too large", ""},
		{"offsets that overflow", "\x01\x04\x06" + num(1<<62) + "\x02\x09" + num(1<<62) + num(1<<62), "past the end of the file", ""},
		{"a stream past the end", "\x01\x04\x06\x00\x01\x09" + num(1<<40) + "\x00" + one + sized + "\x00\x05" + a + "\x00\x00", "past the end of the file", `"a" 0:0+5; [32+`},
		{"no streams for a folder", "\x01\x04" + one + sized + "\x00\x05" + a + "\x00\x00", "", `"a" 0:0+5; [0+0 → 5 Copy()5 the member's packed stream is missing]`},
		{"no coders", coder("\x00"), "a folder of 0 coders", ""},
		{"many coders", coder("\x21"), "a folder of 33 coders", ""},
		{"a coder of another form", coder("\x01\x81\x00"), "another form", ""},
		{"properties of a gigabyte", coder("\x01\x21\x21" + num(1<<30)), "bytes of properties", ""},
		{"a coder of many streams", coder("\x01\x11\x00" + num(1<<30) + "\x01"), "streams", ""},
		{"a stream that there is none of", coder("\x02\x01\x00\x01\x00\x05\x00"), "none of", ""},
		{"coders that are bound twice", coder("\x03\x01\x00\x01\x00\x01\x00\x00\x01\x00\x02"), "or one twice", ""},
		{"additional streams", "\x01\x03", "streams outside of it", ""},
		{"files elsewhere", header("\x01" + property(idNames, "\x01\x00")), "streams outside of it", `"" 0:0+5`},
		{"members larger than their folder", "\x01\x04" + pack + one + sized + "\x08\x0d\x02\x09\x06", "more bytes than it", "[32+5 → 5 Copy()5]"},
		{"members without sizes", "\x01\x04" + pack + one + sized + "\x08\x0d\x02\x00", "no sizes", "[32+5 → 5 Copy()5]"},
		{"more members than streams", header("\x02" + property(idNames, "\x00"+name("a")+name("b"))), "other streams", whole},
		{"fewer members than streams", header("\x00"), "other streams", `"stream 0" 0:0+5; `},
		{"names twice", header("\x01" + names + names), "twice", whole},
		{"names that are short", header("\x01" + property(idNames, "\x00"+name("a")+"b\x00")), "another size", whole},
		{"names that are long", header("\x03" + property(idNames, "\x00"+name(strings.Repeat("a", 400))+name(strings.Repeat("b", 400))+name(strings.Repeat("c", 400)))), "more than 1000 bytes", ""},
		{"a list of a gigabyte", header("\x01\x11" + num(1<<30)), "ends early", `"" 0:0+5`},
		{"bytes behind the end", header(a) + "x", "1 bytes behind the end", whole},
		{"no end", strings.TrimSuffix(header(a), "\x00") + "\x07", "goes on with 7", whole},
	} {
		got, err := opened(file7z("hello", c.header))
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) || !strings.Contains(shown(got), c.has) {
			t.Errorf("%s: %v\n%s", c.name, err, shown(got))
		}
	}
}

// TestSignature: what stands in front of everything.
func TestSignature(t *testing.T) {
	good := file7z("hello", header("\x01"+property(idNames, "\x00"+name("a"))))
	for _, c := range []struct {
		name, data, err string
		members         int
	}{
		{"cut off in it", good[:31], "cut off", 0},
		{"cut off behind it", good[:32], "several volumes", 0},
		{"cut off", good[:len(good)-1], "several volumes", 0},
		{"a wrong CRC of it", good[:8] + "x" + good[9:], "where the header is", 1},
		{"another version", good[:6] + "\x01" + good[7:], "version 1", 1},
		{"a wrong CRC of the header", good[:len(good)-4] + "b" + good[len(good)-3:], "CRC of the header is wrong", 1},
		{"a header of exabytes", good[:20] + strings.Repeat("\xff", 8) + good[28:], "where the header is", 0},
		{"all zeros, as of an archive that is being written", good[:8] + strings.Repeat("\x00", 24) + good[32:], "where the header is", 0},
	} {
		a, err := opened(c.data)
		if err == nil || !strings.Contains(err.Error(), c.err) || len(a.Members) != c.members {
			t.Errorf("%s: %v, %s", c.name, err, shown(a))
		}
	}
	if _, err := opened(file7z("hello", strings.Repeat("\x01", 10_001))); !fault.Is(err, fault.Limit) {
		t.Errorf("a large header: %v", err)
	}
}

// TestUnsupported: folders that are read no further, and why.
func TestUnsupported(t *testing.T) {
	for _, c := range []struct{ name, folder, sizes, want string }{
		{"AES", "\x01\x24\x06\xf1\x07\x01\x02\x13\x00", "\x05", "is encrypted"},
		{"AES around LZMA2", "\x02\x24\x06\xf1\x07\x01\x02\x13\x00\x21\x21\x01\x18\x01\x00", "\x05\x05", "is encrypted"},
		{"BCJ2", "\x02\x14\x03\x03\x01\x1b\x04\x01\x21\x21\x01\x18\x00\x01\x01\x02\x03\x04", "\x05\x05", "packed with BCJ2, LZMA2, which"},
		{"coders in a ring", "\x03\x01\x00\x01\x00\x01\x00\x01\x02\x02\x01", "\x05\x05\x05", "no chain"},
		{"a long chain", "\x05\x01\x00\x01\x00\x01\x00\x01\x00\x01\x00\x01\x00\x02\x01\x03\x02\x04\x03", "\x05\x05\x05\x05\x05", "with 5 coders"},
	} {
		h := "\x01\x04\x06\x00\x04\x09\x01\x01\x01\x02\x00\x07\x0b\x01\x00" + c.folder + "\x0c" + c.sizes + "\x00\x00\x05\x01" + property(idNames, "\x00"+name("a")) + "\x00\x00"
		a, err := opened(file7z("hello", h))
		if err != nil || len(a.Folders) != 1 || a.Folders[0].Err == nil || !strings.Contains(a.Folders[0].Err.Error(), c.want) || a.Folders[0].Err.Offset != 32 {
			t.Errorf("%s: %v, %s", c.name, err, shown(a))
		}
	}
	if encrypts(0x06) || !encrypts(0x06f10701) || encrypts(0x040601) {
		t.Error("which coders encrypt")
	}
}

// TestReader: an error of the disk is none of the archive.
func TestReader(t *testing.T) {
	broken := io.NewSectionReader(failing{}, 0, 100)
	if _, err := Open(broken, Options{}); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }
