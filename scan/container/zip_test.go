package container

import (
	"hash/crc32"
	"math"
	"strings"
	"testing"

	"depickle/scan/limit"
)

func put16(off int, v uint16) func([]byte) { return func(b []byte) { le.PutUint16(b[off:], v) } }
func put32(off int, v uint32) func([]byte) { return func(b []byte) { le.PutUint32(b[off:], v) } }
func put64(off int, v uint64) func([]byte) { return func(b []byte) { le.PutUint64(b[off:], v) } }

func both(f ...func([]byte)) func([]byte) {
	return func(b []byte) {
		for _, g := range f {
			g(b)
		}
	}
}

// with is the checkpoint with member i changed.
func with(i int, f func(e *entry)) archive {
	a := checkpoint()
	f(&a.entries[i])
	return a
}

func TestZip(t *testing.T) {
	good := "0:m/data.pkl"
	for _, c := range []struct {
		name    string
		a       archive
		format  Format
		streams string
		odds    string
		loose   int64 // bytes unaccounted for
	}{
		{"as torch writes it", checkpoint(), TorchZip, good, "", 0},
		{"zip64 end records", archive{entries: checkpoint().entries, zip64: true}, TorchZip, good, "", 0},
		{"no prefix", archive{entries: []entry{{name: "data.pkl", data: "N."}}}, TorchZip, "0:data.pkl", "", 0},
		{"a deep prefix", archive{entries: []entry{{name: "a/b/data.pkl", data: "N."}}}, Zip, "", "", 0},
		{"another member first", archive{entries: []entry{{name: "m/version", data: "3\n"}, {name: "m/data.pkl", data: "N."}}}, TorchZip, good, "", 0},
		{"two prefixes", archive{entries: []entry{{name: "a/version", data: "3\n"}, {name: "m/data.pkl", data: "N."}}}, Zip, "", "", 0},
		{"upper case", archive{entries: []entry{{name: "M/DATA.PKL", data: "N."}, {name: "m/data/0", data: "1"}}}, TorchZip, "0:M/DATA.PKL", "", 0},
		{"no data.pkl", archive{entries: []entry{{name: "m/version", data: "3\n"}}}, Zip, "", "", 0},
		{"TorchScript", checkpoint(entry{name: "m/constants.pkl", data: "N."}), TorchScript, good + " 5:m/constants.pkl", "", 0},
		{"an empty data.pkl", archive{entries: []entry{{name: "m/data.pkl"}}}, TorchZip, "0:m/data.pkl!malformed", "", 0},
		{"a broken data.pkl", archive{entries: []entry{{name: "m/data.pkl", data: "\x80\x02\xff"}}}, TorchZip, "0:m/data.pkl!malformed", "", 0},
		{"bytes behind STOP", archive{entries: []entry{{name: "m/data.pkl", data: "N.junk"}}}, TorchZip, good, "", 4},

		// Other pickles in the archive.
		{"another pickle by its name", checkpoint(entry{name: "m/x.PKL", data: "N."}), TorchZip, good + " 5:m/x.PKL", "", 0},
		{"another pickle by its first bytes", checkpoint(entry{name: "m/x", data: "\x80\x04N."}), TorchZip, good + " 5:m/x", "", 0},
		{"another pickle, of protocol 0", checkpoint(entry{name: "m/x", data: "cos\nsystem\n(S'id'\ntR."}), TorchZip, good + " 5:m/x", "", 0},
		{"another pickle, of protocol 0, deflated", checkpoint(entry{name: "m/x", data: "cos\nsystem\n(S'id'\ntR.", deflated: true}), TorchZip, good + " 5:m/x", "", 0},
		{"another pickle, broken behind its call", checkpoint(entry{name: "m/x", data: "(ios\nsystem\n\xff"}), TorchZip, good + " 5:m/x!malformed", "", 0},
		{"a pickle among the storages", checkpoint(entry{name: "m/data/x.pkl", data: "N."}), TorchZip, good + " 5:m/data/x.pkl", "", 0},
		{"a pickle outside of the prefix", checkpoint(entry{name: "x.pkl", data: "N."}), TorchZip, good + " 5:x.pkl", "", 0},
		{"text", checkpoint(entry{name: "m/code/a.py", data: "class A(Module):\n  x : int\n  def f(self):\n    pass\n"}), TorchZip, good, "", 0},

		// Compression.
		{"deflated", with(0, func(e *entry) { e.deflated = true }), TorchZip, good, "", 0},
		{"bytes behind the deflated data", with(0, func(e *entry) { e.deflated, e.tail = true, "hidden" }), TorchZip, good, "", 6},
		{"zeros behind the deflated data", with(0, func(e *entry) { e.deflated, e.tail = true, "\x00\x00" }), TorchZip, good, "", 0},
		{"inflates to more", with(0, func(e *entry) { e.deflated, e.desc, e.entry = true, 0, put32(24, 5) }), TorchZip, good + "!malformed", "zip-header-mismatch", 0},
		{"inflates to less", with(0, func(e *entry) { e.deflated, e.desc, e.entry = true, 0, put32(24, 500) }), TorchZip, good + "!malformed", "zip-header-mismatch", 0},
		{"inflates to a bomb", with(0, func(e *entry) { e.deflated, e.desc, e.entry = true, 0, put32(24, 1<<31) }), TorchZip, good + "!malformed", "zip-header-mismatch", 0},
		{"no deflate stream", with(0, func(e *entry) {
			e.desc, e.header, e.entry = 0, put16(8, 8), put16(10, 8)
		}), TorchZip, good + "!malformed", "", 0},
		{"another method", with(0, func(e *entry) { e.header, e.entry = put16(8, 12), put16(10, 12) }), TorchZip, good + "!unsupported", "zip-method", 0},

		// Flags.
		{"encrypted", with(0, func(e *entry) { e.header, e.entry = put16(6, 9), put16(8, 9) }), TorchZip, good + "!unsupported", "zip-encrypted", 0},
		{"strongly encrypted", with(0, func(e *entry) { e.header, e.entry = put16(6, 0x48), put16(8, 0x48) }), TorchZip, good + "!unsupported", "zip-encrypted", 0},
		{"encrypted by the local header alone", with(0, func(e *entry) { e.header = put16(6, 9) }), TorchZip, good, "zip-header-mismatch", 0},
		{"encrypted by the directory alone", with(0, func(e *entry) { e.entry = put16(8, 9) }), TorchZip, good + "!unsupported", "zip-encrypted zip-header-mismatch", 0},
		{"another method in the local header", with(0, func(e *entry) { e.header = put16(8, 8) }), TorchZip, good, "zip-header-mismatch", 0},

		// CRC and sizes.
		{"a wrong CRC", with(0, func(e *entry) { e.desc, e.entry, e.header = 0, put32(16, 5), put32(14, 5) }), TorchZip, good, "zip-crc", 0},
		{"a wrong CRC, deflated", with(0, func(e *entry) { e.deflated, e.desc, e.entry, e.header = true, 0, put32(16, 5), put32(14, 5) }), TorchZip, good, "zip-crc", 0},
		{"a CRC of 0", with(0, func(e *entry) { e.entry, e.after = put32(16, 0), put32(4, 0) }), TorchZip, good, "", 0},
		{"a CRC that differs from the local one", with(0, func(e *entry) { e.desc, e.header = 0, put32(14, 5) }), TorchZip, good, "zip-header-mismatch", 0},
		{"a size that differs from the local one", with(0, func(e *entry) { e.desc, e.header = 0, put32(22, 5) }), TorchZip, good, "zip-header-mismatch", 0},
		{"two sizes of a stored member", with(0, func(e *entry) { e.entry = put32(24, 5) }), Zip, "5:m/data.pkl!malformed", "", 113},
		{"a size past the end", with(2, func(e *entry) { e.entry = both(put32(24, 500), put32(20, 500)) }), TorchZip, "5:m/data/0!malformed 0:m/data.pkl", "", 62},
		{"a size into the directory", with(2, func(e *entry) { e.entry = both(put32(24, 40), put32(20, 40)) }), TorchZip, good, "zip-overlap", 0},

		// Data descriptors.
		{"no signature", with(2, func(e *entry) { e.desc = 12 }), TorchZip, good, "", 0},
		{"no signature, 64 bits", with(2, func(e *entry) { e.desc = 20 }), TorchZip, good, "", 0},
		{"64 bits", with(2, func(e *entry) { e.desc = 24 }), TorchZip, good, "", 0},
		{"a wrong descriptor", with(2, func(e *entry) { e.after = put32(8, 5) }), TorchZip, good, "zip-header-mismatch", 0},
		{"a wrong one without signature", with(2, func(e *entry) { e.desc, e.after = 12, put32(4, 5) }), TorchZip, good, "", 12},
		{"a missing one", with(2, func(e *entry) { e.desc, e.entry, e.header = 0, put16(8, 8), put16(6, 8) }), TorchZip, good, "", 0},

		// zip64 sizes.
		{"64-bit sizes", with(2, func(e *entry) {
			e.entry, e.more = both(put32(20, all32), put32(24, all32)), wide64(8, 8)
		}), TorchZip, good, "", 0},
		{"a 64-bit offset", with(0, func(e *entry) { e.entry, e.more = put32(42, all32), wide64(0) }), TorchZip, good, "", 0},
		{"64-bit sizes behind another field", with(2, func(e *entry) {
			e.entry, e.more = both(put32(20, all32), put32(24, all32)), "xx\x02\x00ab"+wide64(8, 8)
		}), TorchZip, good, "", 0},
		{"a 64-bit size that is missing", with(2, func(e *entry) { e.entry = put32(20, all32) }), Zip, "6!malformed", "", 0},
		{"a 64-bit size that is cut off", with(2, func(e *entry) { e.entry, e.more = put32(20, all32), "\x01\x00\x04\x00\x08\x00\x00\x00" }), Zip, "6!malformed", "", 0},
		{"a 64-bit size that is negative", with(2, func(e *entry) { e.entry, e.more = put32(20, all32), wide64(1<<63) }), Zip, "6!malformed", "", 0},
		{"a 64-bit size that overflows", with(2, func(e *entry) {
			e.entry, e.more = both(put32(20, all32), put32(24, all32)), wide64(math.MaxInt64, math.MaxInt64)
		}), TorchZip, "5:m/data/0!malformed 0:m/data.pkl", "", 62},
		{"a 64-bit offset past the end", with(0, func(e *entry) { e.entry, e.more = put32(42, all32), wide64(math.MaxInt64) }), Zip, "5:m/data.pkl!malformed", "", 113},
		{"64-bit sizes in the local header", with(2, func(e *entry) {
			e.desc, e.header, e.extra = 0, both(put32(18, all32), put32(22, all32)), wide64(8, 8)
		}), TorchZip, good, "", 0},
		{"64-bit sizes in the local header that differ", with(2, func(e *entry) {
			e.desc, e.header, e.extra = 0, both(put32(18, all32), put32(22, all32)), wide64(9, 8)
		}), TorchZip, good, "zip-header-mismatch", 0},
		{"64-bit sizes that the local header lacks", with(2, func(e *entry) {
			e.desc, e.header = 0, both(put32(18, all32), put32(22, all32))
		}), TorchZip, good, "zip-header-mismatch", 0},

		// Names.
		{"another local name", with(0, func(e *entry) { e.local = "m/datA.pkl" }), TorchZip, good, "zip-header-mismatch", 0},
		{"a longer local name", with(0, func(e *entry) { e.local = "m/data.pkl2" }), TorchZip, good, "zip-header-mismatch", 0},
		{"a shorter local name", with(0, func(e *entry) { e.local = "x" }), TorchZip, good, "zip-header-mismatch", 0},
		{"a duplicate", checkpoint(entry{name: "m/data.pkl", data: "N."}), TorchZip, good + " 5:m/data.pkl", "zip-duplicate", 0},
		{"a duplicate storage", checkpoint(entry{name: "m/data/0", data: "87654321"}), TorchZip, good, "zip-duplicate", 0},
		{"a case twin", checkpoint(entry{name: "m/DATA.pkl", data: "N."}), TorchZip, good + " 5:m/DATA.pkl", "zip-case-twin", 0},
		{"a case twin of the prefix", checkpoint(entry{name: "M/data/0", data: "1"}), TorchZip, good, "zip-case-twin", 0},
		{"no case twin outside of ASCII", checkpoint(entry{name: "m/\u00c4", data: "1"}, entry{name: "m/\u00e4", data: "1"}), TorchZip, good, "", 0},
		{"no twin of another broken name", checkpoint(entry{name: "m/\xff", data: "1"}, entry{name: "m/\xfe", data: "1"}), TorchZip, good, "", 0},
		{"a NUL", checkpoint(entry{name: "m/data.pkl\x00.txt", data: "x"}), TorchZip, good, "zip-name", 0},
		{"a backslash", checkpoint(entry{name: `m\x`, data: "x"}), TorchZip, good, "zip-name", 0},
		{"a way out", checkpoint(entry{name: "m/../x", data: "x"}), TorchZip, good, "zip-name", 0},
		{"a root", checkpoint(entry{name: "/x", data: "x"}), TorchZip, good, "zip-name", 0},
		{"dots that lead nowhere", checkpoint(entry{name: "m/..x", data: "x"}), TorchZip, good, "", 0},
		{"another name in the extra field", checkpoint(entry{name: "m/x", data: "x", more: "up\x0f\x00\x01crc4m/data.pkl"}), TorchZip, good, "zip-name", 0},
		{"the same name in the extra field", checkpoint(entry{name: "m/x", data: "x", more: "up\x08\x00\x01crc4m/x"}), TorchZip, good, "", 0},

		// The byte order.
		{"a big-endian file", with(1, func(e *entry) { e.data = "big" }), TorchZip, good, "", 0},
		{"a byte order that is none", with(1, func(e *entry) { e.data = "middle" }), TorchZip, good, "zip-byteorder", 0},
		{"a byte order with more behind it", with(1, func(e *entry) { e.data = "little\n" }), TorchZip, good, "zip-byteorder", 0},
		{"an empty byte order", with(1, func(e *entry) { e.data = "" }), TorchZip, good, "zip-byteorder", 0},
		{"a deflated byte order", with(1, func(e *entry) { e.deflated = true }), TorchZip, good, "", 0},

		// Spans.
		{"padding before a header", with(2, func(e *entry) { e.lead = "\x00\x00\x00" }), TorchZip, good, "", 0},
		{"a gap before a header", with(2, func(e *entry) { e.lead = "gap" }), TorchZip, good, "", 3},
		{"a gap before the end", archive{entries: checkpoint().entries, gap: "gap"}, TorchZip, good, "", 3},
		{"padding before the end", archive{entries: checkpoint().entries, gap: "\x00\x00"}, TorchZip, good, "", 0},
		{"a gap before the zip64 end", archive{entries: checkpoint().entries, gap: "gap", zip64: true}, TorchZip, good, "", 3},
		{"one header for two names", checkpoint(entry{name: "m/other", same: new(int)}), TorchZip, good, "zip-header-mismatch zip-overlap", 0},
		{"zeros behind", archive{entries: checkpoint().entries, tail: "\x00\x00\x00\x00"}, TorchZip, good, "", 0},
		{"junk behind", archive{entries: checkpoint().entries, tail: "junk"}, TorchZip, good, "", 4},
		{"a comment", archive{entries: checkpoint().entries, comment: "hello"}, TorchZip, good, "", 0},
		{"a comment and junk", archive{entries: checkpoint().entries, comment: "hello", tail: "junk"}, TorchZip, good, "", 4},
		{"a comment that is cut off", archive{entries: checkpoint().entries, end: put16(20, 5), tail: "hey"}, TorchZip, good, "zip-comment", 0},
		{"a member's comment", with(0, func(e *entry) { e.comment = "hello" }), TorchZip, good, "", 0},

		// The end records.
		{"a second end record in the comment", archive{entries: checkpoint().entries, comment: "PK\x05\x06" + strings.Repeat("\x00", 18)}, Zip, "", "zip-two-directories", 427},
		{"too many members", archive{entries: checkpoint().entries, end: put16(10, 4)}, Zip, "6!malformed", "", 0},
		{"more members than fit", archive{entries: checkpoint().entries, end: put16(10, 60000)}, Zip, "6!malformed", "", 0},
		{"fewer members", archive{entries: checkpoint().entries, end: put16(10, 2)}, TorchZip, good, "zip-shifted", 46 + 8 + 30 + 8 + 8 + 16},
		{"a directory past the end", archive{entries: checkpoint().entries, end: put32(16, 60000)}, Zip, "6!malformed", "", 0},
		{"a directory too long", archive{entries: checkpoint().entries, end: put32(12, 60000)}, Zip, "6!malformed", "", 0},
		{"a directory too short", archive{entries: checkpoint().entries, end: put32(12, 100)}, Zip, "6!malformed", "", 0},
		{"a locator past the end", archive{entries: checkpoint().entries, zip64: true, locator: put64(8, 1<<40)}, Zip, "6!malformed", "", 0},
		{"a negative locator", archive{entries: checkpoint().entries, zip64: true, locator: put64(8, 1<<63)}, Zip, "6!malformed", "", 0},
		{"a locator of something else", archive{entries: checkpoint().entries, zip64: true, locator: put64(8, 0)}, Zip, "6!malformed", "", 0},
		{"a negative count", archive{entries: checkpoint().entries, zip64: true, end64: put64(32, 1<<63)}, Zip, "6!malformed", "", 0},
		{"the most negative of counts", archive{entries: checkpoint().entries, zip64: true, end64: put64(32, math.MaxUint64)}, Zip, "6!malformed", "", 0},
		{"a huge count", archive{entries: checkpoint().entries, zip64: true, end64: put64(32, math.MaxInt64)}, Zip, "6!malformed", "", 0},
		{"a negative size", archive{entries: checkpoint().entries, zip64: true, end64: put64(40, 1<<63)}, Zip, "6!malformed", "", 0},
		{"a huge size", archive{entries: checkpoint().entries, zip64: true, end64: put64(40, math.MaxInt64)}, Zip, "6!malformed", "", 0},
		{"a negative offset", archive{entries: checkpoint().entries, zip64: true, end64: put64(48, 1<<63)}, Zip, "6!malformed", "", 0},
		{"end records that disagree", archive{entries: checkpoint().entries, zip64: true, end: put16(10, 2)}, TorchZip, good, "zip-header-mismatch", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openString(t, c.a.bytes(), limit.Limits{})
			// Of an archive that cannot be read, no more is said.
			if strings.HasPrefix(c.streams, "6!") {
				c.odds, c.loose = odds(s), unaccounted(s)
			}
			switch got := odds(s); {
			case s.Format != c.format:
				t.Errorf("format %s, want %s: %s", s.Format, c.format, s.Note)
			case streams(s) != c.streams:
				t.Errorf("streams %q, want %q", streams(s), c.streams)
			case got != c.odds:
				t.Errorf("oddities %q, want %q", got, c.odds)
			case unaccounted(s) != c.loose:
				t.Errorf("%d bytes unaccounted for, want %d: %v", unaccounted(s), c.loose, s.Unaccounted)
			}
			if s.BigEndian != (c.name == "a big-endian file") {
				t.Errorf("big-endian: %v", s.BigEndian)
			}
		})
	}
}

// TestPayload: the data of each member is where the local header says.
func TestPayload(t *testing.T) {
	a := checkpoint(
		entry{name: "m/aligned", data: "hello", extra: "FB\x05\x00ZZZZZ"},
		entry{name: "m/deflated", data: strings.Repeat("hello", 100), deflated: true},
		entry{name: "m/empty"},
		entry{name: "m/empty too", deflated: true},
	)
	s := openString(t, a.bytes(), limit.Limits{})
	if len(s.Members) != len(a.entries) {
		t.Fatalf("%d members", len(s.Members))
	}
	for i, e := range a.entries {
		m := &s.Members[i]
		x, err := s.Payload(m)
		if err != nil || m.Name != e.name || content(t, s, x) != e.data {
			t.Errorf("%s: %q, %v", m.Name, content(t, s, x), err)
		}
		again, err := s.Payload(m)
		if err != nil || again != x {
			t.Errorf("%s: %v the second time, %v", m.Name, again, err)
		}
		if (x.Space == InSpool) != e.deflated {
			t.Errorf("%s: space %d", m.Name, x.Space)
		}
	}
	if want := s.Size() + 500; s.Decompressed() != want {
		t.Errorf("decompressed %d, want %d", s.Decompressed(), want)
	}
}

// TestDecompressed: what members declare and nobody inflated does not count,
// else it would raise the bound on the output.
func TestDecompressed(t *testing.T) {
	var many []entry
	for range 3 {
		many = append(many, entry{name: "m/data/9", data: "x", deflated: true, entry: put32(24, all32), more: wide64(math.MaxInt64)})
	}
	s := openString(t, checkpoint(many...).bytes(), limit.Limits{})
	if s.Decompressed() != s.Size() {
		t.Errorf("%d, of %d", s.Decompressed(), s.Size())
	}
	if _, err := s.Payload(&s.Members[3]); kindOf(err) != "malformed" {
		t.Errorf("a bomb: %v", err)
	}
}

func TestZipLimits(t *testing.T) {
	for _, c := range []struct {
		name string
		l    limit.Limits
		want string
	}{
		{"members", limit.Limits{Members: 2}, "6!limit"},
		{"directory", limit.Limits{Directory: 100}, "6!limit"},
		{"members, exactly", limit.Limits{Members: 3}, "0:m/data.pkl"},
		{"directory, exactly", limit.Limits{Directory: 3*46 + 10 + 11 + 8}, "0:m/data.pkl"},
	} {
		if s := openString(t, checkpoint().bytes(), c.l); streams(s) != c.want {
			t.Errorf("%s: %s", c.name, streams(s))
		}
	}
	deflated := with(0, func(e *entry) { e.deflated = true }).bytes()
	if s := openString(t, deflated, limit.Limits{Spool: 10}); streams(s) != "0:m/data.pkl!limit" {
		t.Errorf("spool: %s", streams(s))
	}
}

// TestOddsOfEachKind: a thousand harmless oddities hide no other.
func TestOddsOfEachKind(t *testing.T) {
	a := checkpoint()
	for range 2000 {
		a.entries = append(a.entries, entry{name: "m/x", local: "m/y", data: "1"})
	}
	a.entries = append(a.entries, entry{name: "m/DATA.PKL", data: "N."})
	s := openString(t, a.bytes(), limit.Limits{})
	if got := odds(s); got != "zip-case-twin zip-duplicate zip-header-mismatch" || len(s.Oddities) > 300 {
		t.Errorf("%d oddities: %s", len(s.Oddities), got)
	}
}

// TestWitness: the pass over the whole file finds wrong CRCs, however it is
// cut.
func TestWitness(t *testing.T) {
	long := strings.Repeat("0123456789", 2000)
	a := checkpoint(
		entry{name: "m/data/1", data: long, desc: 16},
		entry{name: "m/data/2", data: long, entry: put32(16, 5), header: put32(14, 5)},
		entry{name: "m/data/3", data: long, entry: put32(16, 0), header: put32(14, 0)},
		entry{name: "m/data/4", data: long, deflated: true, entry: put32(16, 5), header: put32(14, 5)},
		entry{name: "m/data/5", entry: put32(16, 5), header: put32(14, 5)},
		entry{name: "m/data/6", data: "x", entry: put32(16, 5), header: put32(14, 5)},
	)
	data := a.bytes()
	if crc32.ChecksumIEEE([]byte("x")) == 5 {
		t.Fatal("not wrong")
	}
	for _, size := range []int{1, 7, 4095, 4096, 4097, 20000, len(data)} {
		s := openString(t, data, limit.Limits{})
		w := s.Witness()
		for b := []byte(data); len(b) > 0; {
			k := min(size, len(b))
			if n, err := w.Write(b[:k]); n != k || err != nil {
				t.Fatal(n, err)
			}
			b = b[k:]
		}
		wrong, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, m := range wrong {
			names = append(names, m.Name)
		}
		if got := strings.Join(names, " "); got != "m/data/2 m/data/5 m/data/6" {
			t.Errorf("cut in %d: %s", size, got)
		}
	}
}

// TestUnknownMembers: only what torch does not write is listed.
func TestUnknownMembers(t *testing.T) {
	s := openString(t, checkpoint(entry{name: "m/version"}, entry{name: "m/readme", data: "x"}, entry{name: "x"}, entry{name: "m/.data/serialization_id"}).bytes(), limit.Limits{})
	if got := strings.Join(s.UnknownMembers(), " "); got != "m/readme x" {
		t.Error(got)
	}
}
