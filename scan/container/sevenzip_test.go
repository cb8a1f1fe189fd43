package container

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/internal/sevenzip"
	"depickle/scan/limit"
)

// sevenZip is an archive of some packed bytes and a header, with CRCs that are
// right.
func sevenZip(packed, header string) string {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(packed)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(header)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(header)))
	return sevenzip.Magic + "\x00\x04" + string(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))) + string(b) + packed + header
}

// number is how the header writes one, in nine bytes.
func number[N int | int64](n N) string {
	return "\xff" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// names are the members' names, of ASCII.
func names(list ...string) string {
	text := "\x00"
	for _, name := range list {
		text += strings.ReplaceAll(name, "", "\x00")[1:] + "\x00\x00"
	}
	return "\x11" + number(len(text)) + text
}

// folderOf is the header of a folder of one coder, which unpacks so many bytes
// to so many; more goes on behind it.
func folderOf[P, S int | int64](coder string, packed P, size S, more string) string {
	return "\x01\x04\x06\x00\x01\x09" + number(packed) + "\x00\x07\x0b\x01\x00\x01" + coder + "\x0c" + number(size) + "\x00" + more
}

// two are the members a, of so many bytes, and b, the rest, with their CRCs.
func two(content string, first int) string {
	sums := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(content[:first])))
	sums = binary.LittleEndian.AppendUint32(sums, crc32.ChecksumIEEE([]byte(content[first:])))
	return "\x08\x0d\x02\x09" + number(first) + "\x0a\x01" + string(sums) + "\x00\x00\x05\x02" + names("a", "b") + "\x00\x00"
}

// unpacked is what the parts of an archive hold, with what is wrong with each.
func unpacked(t *testing.T, s *Source) string {
	t.Helper()
	var out []string
	for i := range s.Parts {
		p := &s.Parts[i]
		e, err := s.unpack(p)
		b := make([]byte, e.Len)
		if e.Len > 0 {
			if _, err := s.Reader(e.Space).ReadAt(b, e.Off); err != nil {
				t.Fatal(err)
			}
		}
		text := p.Name + "=" + string(b)
		if err != nil {
			text += "!" + fault.Of(err).Text
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

const (
	copies   = "\x01\x00"
	deflates = "\x03\x04\x01\x08"
)

// TestSevenZipMembers: members are found, and what is odd about them or their
// archive is said.
func TestSevenZipMembers(t *testing.T) {
	const text = "hello, world"
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(text))
	w.Close()
	packed := b.String()
	one := func(more string) string { return "\x00\x05" + more + "\x00\x00" }
	for _, c := range []struct {
		name, data, want, odds string
		loose                  int64
	}{
		{"copied", sevenZip(text, folderOf(copies, 12, 12, two(text, 5))), "a=hello b=, world", "", 0},
		{"deflated", sevenZip(packed, folderOf(deflates, len(packed), 12, two(text, 5))), "a=hello b=, world", "", 0},
		{"a wrong CRC", sevenZip("hellO, world", folderOf(copies, 12, 12, two(text, 5))), "a=hellO b=, world", "7z-crc", 0},
		{"one name twice", sevenZip(text, folderOf(copies, 12, 12, strings.ReplaceAll(two(text, 5), "b\x00", "a\x00"))), "a=hello a=, world", "7z-duplicate", 0},
		{"a name that leads out", sevenZip(text, folderOf(copies, 12, 12, one("\x01"+names("../a")))), "../a=hello, world", "7z-name", 0},
		{"a link", sevenZip(text, folderOf(copies, 12, 12, one("\x01"+names("a")+"\x15"+number(6)+"\x01\x00\x20\x80\xff\xa1"))), "a=hello, world", "7z-special", 0},
		{"more copied than wanted", sevenZip(text, folderOf(copies, 12, 5, one("\x01"+names("a")))), "a=hello", "", 7},
		{"less copied than wanted", sevenZip(text, folderOf(copies, 12, 13, one("\x01"+names("a")))), "a=hello, world!the archive declares 13 bytes and holds 12", "", 0},
		{"more deflated than wanted", sevenZip(packed, folderOf(deflates, len(packed), 5, one("\x01"+names("a")))), "a=hello!inflates to more than the 5 bytes it declares", "", 0},
		{"less deflated than wanted", sevenZip(packed, folderOf(deflates, len(packed), 13, one("\x01"+names("a")))), "a=hello, world!the archive declares 13 bytes and holds 12", "", 0},
		{"bytes behind what was deflated", sevenZip(packed+"xyz", folderOf(deflates, len(packed)+3, 12, one("\x01"+names("a")))), "a=hello, world", "", 3},
		{"a folder that is nobody's", sevenZip(text, folderOf(copies, 12, 12, "\x08\x0d\x00\x00\x00\x00")), "", "", 12},
		{"bytes that are nobody's", sevenZip("xyz"+text, strings.Replace(folderOf(copies, 12, 12, two(text, 5)), "\x06\x00", "\x06\x03", 1)), "a=hello b=, world", "", 3},
		{"bytes behind the archive", sevenZip(text, folderOf(copies, 12, 12, two(text, 5))) + "xyz", "a=hello b=, world", "", 3},
		{"zeros behind the archive", sevenZip(text, folderOf(copies, 12, 12, two(text, 5))) + "\x00\x00", "a=hello b=, world", "", 0},
		// A member in front of the damage is whole, and its CRC says so.
		{"a folder that is cut off", sevenZip(packed[:len(packed)-7], folderOf(deflates, len(packed)-7, 12, two(text, 5))), "a=hello b=, wor!the Deflate data is damaged or ends early", "", 0},
		{"a coder of nothing", sevenZip("", folderOf(deflates, 0, 12, one("\x01"+names("a")))), "a=!the packed stream is empty", "", 0},
		{"a coder that is not read", sevenZip(text, folderOf("\x03\x03\x04\x01", 12, 12, one("\x01"+names("a")))), "a=!the member is packed with PPMd, which this version does not read", "", 0},
	} {
		s := openString(t, c.data, limit.Limits{})
		got := unpacked(t, s)
		if s.Format != SevenZip || got != c.want || odds(s) != c.odds || unaccounted(s) != c.loose {
			t.Errorf("%s: %s %q: %q, %q, %d; want %q", c.name, s.Format, s.Note, got, odds(s), unaccounted(s), c.want)
		}
	}
}

// TestSevenZipHeader: a header that is packed is unpacked, and one that is
// damaged leaves what it lists.
func TestSevenZipHeader(t *testing.T) {
	const text = "hello, world"
	header := folderOf(copies, 12, 12, two(text, 5))
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(header))
	w.Close()
	pack := func(packed string) string {
		return sevenZip(text+packed, "\x17\x06\x0c\x01\x09"+number(len(packed))+"\x00\x07\x0b\x01\x00\x01"+deflates+"\x0c"+number(len(header))+"\x00\x00")
	}
	if s := openString(t, pack(b.String()), limit.Limits{}); unpacked(t, s) != "a=hello b=, world" || unaccounted(s) != 0 || streams(s) != "6" {
		t.Errorf("%s, %d, %q", unpacked(t, s), unaccounted(s), streams(s))
	}
	if s := openString(t, pack(b.String()[:b.Len()-12]), limit.Limits{}); unpacked(t, s) != "=hello =, world" || streams(s) != "5!malformed 6" {
		t.Errorf("cut off: %s, %q, %q", unpacked(t, s), s.Note, streams(s))
	}
	if s := openString(t, pack(b.String()), limit.Limits{Directory: 50}); len(s.Parts) != 0 || !strings.Contains(s.Note, "--limit directory=N") {
		t.Errorf("large: %q", s.Note)
	}
	if s := openString(t, sevenZip("", ""), limit.Limits{}); s.Note != "a 7z archive that holds no bytes" {
		t.Errorf("nothing: %q", s.Note)
	}
}

// TestSevenZipLimits: folders count as what compressed pickles inflate to, and
// opening a codec that makes large tables counts as work.
func TestSevenZipLimits(t *testing.T) {
	zeros := strings.Repeat("\x00", 1<<20)
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(zeros))
	w.Close()
	bomb := sevenZip(b.String(), folderOf(deflates, b.Len(), len(zeros), two(zeros, 5)))
	s := openString(t, bomb, limit.Limits{Pickles: 100_000})
	if got := unpacked(t, s); len(got) < 90_000 || !strings.HasSuffix(got, "--limit pickles=N allows more") || strings.Contains(got[:20], "!") {
		t.Errorf("a bomb: %d bytes, %s", len(got), got[len(got)-200:])
	}
	const n = 100
	data, header := strings.Repeat("BZh9", n), "\x01\x04\x06\x00"+number(n)+"\x09"+strings.Repeat("\x04", n)+"\x00\x07\x0b"+number(n)+"\x00"+
		strings.Repeat("\x01\x03\x04\x02\x02", n)+"\x0c"+strings.Repeat("\x05", n)+"\x00\x00\x05"+number(n)+names(make([]string, n)...)+"\x00\x00"
	s = openString(t, sevenZip(data, header), limit.Limits{Opcodes: 500_000})
	if got := unpacked(t, s); strings.Count(got, "damaged") > 70 || !strings.HasSuffix(got, "--limit opcodes=N allows more") {
		t.Errorf("tables: %s", got[len(got)-200:])
	}
}

// TestSevenZipClaims: a header that asks for gigabytes gets no memory.
func TestSevenZipClaims(t *testing.T) {
	const lots int64 = 1 << 40
	for name, data := range map[string]string{
		"files":   sevenZip("", "\x01\x05"+number(lots)),
		"folders": sevenZip("", "\x01\x04\x06\x00\x00\x00\x07\x0b"+number(lots)+"\x00"),
		"bytes":   sevenZip("0123", folderOf(deflates, 4, lots, "\x00\x05\x01"+names("a")+"\x00\x00")),
		"packed":  sevenZip("0123", folderOf(deflates, lots, lots, "\x00\x05\x01"+names("a")+"\x00\x00")),
		"header":  sevenZip("0123", "\x17\x06\x00\x01\x09\x04\x00\x07\x0b\x01\x00\x01"+deflates+"\x0c"+number(200<<20)+"\x00\x00"),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := openString(t, data, limit.Limits{})
		unpacked(t, s)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}
