package opcode

import (
	"bytes"
	"math"
	"math/big"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// want is what a test expects of an Op; End and Offset come from the bytes.
type want struct {
	code  Code
	n     int64
	big   string
	isB   bool
	f     uint64 // bits
	data  string // Payload, as text
	off   int64  // of Payload
	mod   string
	name  string
	note  string // part of Note; "" means that there is none
	frame string
}

// decode reads the opcodes of data up to STOP or an error.
func decode(data []byte) ([]Op, error) {
	d := NewDecoder(bytes.NewReader(data), 0, int64(len(data)), limit.Limits{})
	var ops []Op
	for {
		var op Op
		if err := d.Next(&op); err != nil {
			return ops, err
		}
		op.Data = bytes.Clone(op.Data)
		ops = append(ops, op)
		if op.Code == Stop {
			return ops, nil
		}
	}
}

func bits(f float64) uint64 { return math.Float64bits(f) }

// one has an example of every opcode, and of every form of argument.
var one = []struct {
	in string
	want
}{
	{"(", want{code: Mark}},
	{"0", want{code: Pop}},
	{"1", want{code: PopMark}},
	{"2", want{code: Dup}},
	{"F1.5\n", want{code: Float, f: bits(1.5), data: "1.5", off: 1}},
	{"F-0\n", want{code: Float, f: 1 << 63, data: "-0", off: 1}},
	{"F5.\n", want{code: Float, f: bits(5), data: "5.", off: 1}},
	{"F.5e-3\n", want{code: Float, f: bits(.0005), data: ".5e-3", off: 1}},
	{"F+1E5\n", want{code: Float, f: bits(1e5), data: "+1E5", off: 1}},
	{"FInf\n", want{code: Float, f: bits(math.Inf(1)), data: "Inf", off: 1}},
	{"F-infinity\n", want{code: Float, f: bits(math.Inf(-1)), data: "-infinity", off: 1}},
	{"Fnan\n", want{code: Float, f: 0x7ff8 << 48, data: "nan", off: 1}},
	{"F-NaN\n", want{code: Float, f: 0xfff8 << 48, data: "-NaN", off: 1}},
	{"F1e-999999\n", want{code: Float, data: "1e-999999", off: 1}},
	{"F1\x00x\n", want{code: Float, f: bits(1), data: "1\x00x", off: 1, note: "NUL"}},
	{"I7\n", want{code: Int, n: 7, data: "7", off: 1}},
	{"I-7\n", want{code: Int, n: -7, data: "-7", off: 1}},
	{"I0\n", want{code: Int, data: "0", off: 1}},
	{"I00\n", want{code: Int, isB: true, data: "00", off: 1}},
	{"I01\n", want{code: Int, n: 1, isB: true, data: "01", off: 1}},
	{"I9223372036854775807\n", want{code: Int, n: math.MaxInt64, data: "9223372036854775807", off: 1}},
	{"I-9223372036854775809\n", want{code: Int, big: "-9223372036854775809", data: "-9223372036854775809", off: 1}},
	{"J\xff\xff\xff\xff", want{code: BinInt, n: -1}},
	{"J\x00\x00\x00\x80", want{code: BinInt, n: math.MinInt32}},
	{"K\xff", want{code: BinInt1, n: 255}},
	{"M\x00\xff", want{code: BinInt2, n: 0xff00}},
	{"L5L\n", want{code: Long, n: 5, data: "5L", off: 1}},
	{"L-5\n", want{code: Long, n: -5, data: "-5", off: 1}},
	{"L00\n", want{code: Long, data: "00", off: 1, note: "readers that take plain digits"}},
	{"L18446744073709551616L\n", want{code: Long, big: "18446744073709551616", data: "18446744073709551616L", off: 1}},
	{"N", want{code: None}},
	{"P12\n", want{code: PersID, data: "12", off: 1}},
	{"P\n", want{code: PersID, off: 1}},
	{"Q", want{code: BinPersID}},
	{"R", want{code: Reduce}},
	{"S'a\\x41'\n", want{code: String, data: "'a\\x41'", off: 1}},
	{"S\"\"\n", want{code: String, data: `""`, off: 1}},
	{"T\x02\x00\x00\x00\xff\n", want{code: BinString, data: "\xff\n", off: 5}},
	{"U\x00", want{code: ShortBinString, off: 2}},
	{"Vab\\u20ac\n", want{code: Unicode, data: `ab\u20ac`, off: 1}},
	{"V\n", want{code: Unicode, off: 1}},
	{"X\x01\x00\x00\x00a", want{code: BinUnicode, data: "a", off: 5}},
	{"a", want{code: Append}},
	{"b", want{code: Build}},
	{"cos\nsystem\n", want{code: Global, mod: "os", name: "system", data: "os\nsystem", off: 1}},
	{"c\xc3\xa9\nn\n", want{code: Global, mod: "é", name: "n", data: "é\nn", off: 1}},
	{"d", want{code: Dict}},
	{"}", want{code: EmptyDict}},
	{"e", want{code: Appends}},
	{"g12\n", want{code: Get, n: 12, data: "12", off: 1}},
	{"g 0_1\n", want{code: Get, n: 1, data: " 0_1", off: 1, note: "not spelled as picklers do"}},
	{"g1\x00z\n", want{code: Get, n: 1, data: "1\x00z", off: 1, note: "NUL"}},
	{"h\xff", want{code: BinGet, n: 255}},
	{"i__main__\nX\n", want{code: Inst, mod: "__main__", name: "X", data: "__main__\nX", off: 1}},
	{"j\xff\xff\xff\xff", want{code: LongBinGet, n: math.MaxUint32}},
	{"l", want{code: List}},
	{"]", want{code: EmptyList}},
	{"o", want{code: Obj}},
	{"p0\n", want{code: Put, data: "0", off: 1}},
	{"q\x01", want{code: BinPut, n: 1}},
	{"r\x00\x00\x00\x80", want{code: LongBinPut, n: 1 << 31}},
	{"s", want{code: SetItem}},
	{"t", want{code: Tuple}},
	{")", want{code: EmptyTuple}},
	{"u", want{code: SetItems}},
	{"G\x7f\xf4\x00\x00\x00\x00\x00\x01", want{code: BinFloat, f: 0x7ff4000000000001}},
	{"\x80\x05", want{code: Proto, n: 5}},
	{"\x81", want{code: NewObj}},
	{"\x82\xff", want{code: Ext1, n: 255}},
	{"\x83\xff\xff", want{code: Ext2, n: 65535}},
	{"\x84\xff\xff\xff\x7f", want{code: Ext4, n: math.MaxInt32}},
	{"\x85", want{code: Tuple1}},
	{"\x86", want{code: Tuple2}},
	{"\x87", want{code: Tuple3}},
	{"\x88", want{code: NewTrue}},
	{"\x89", want{code: NewFalse}},
	{"\x8a\x00", want{code: Long1, off: 2}},
	{"\x8a\x01\xff", want{code: Long1, n: -1, data: "\xff", off: 2}},
	{"\x8a\x02\x00\x80", want{code: Long1, n: -32768, data: "\x00\x80", off: 2}},
	{"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80", want{code: Long1, n: math.MinInt64, data: "\x00\x00\x00\x00\x00\x00\x00\x80", off: 2}},
	{"\x8a\x09\x05\x00\x00\x00\x00\x00\x00\x00\x00", want{code: Long1, n: 5, data: "\x05\x00\x00\x00\x00\x00\x00\x00\x00", off: 2}},
	{"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", want{code: Long1, big: "119547037146038801333356", data: "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", off: 2}},
	{"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\xff", want{code: Long1, big: "-18446744073709551616", data: "\x00\x00\x00\x00\x00\x00\x00\x00\xff", off: 2}},
	{"\x8b\x00\x00\x00\x00", want{code: Long4, off: 5}},
	{"\x8b\x01\x00\x00\x00\x7f", want{code: Long4, n: 127, data: "\x7f", off: 5}},
	{"B\x01\x00\x00\x00\x00", want{code: BinBytes, data: "\x00", off: 5}},
	{"C\x01.", want{code: ShortBinBytes, data: ".", off: 2}},
	{"\x8c\x01a", want{code: ShortBinUnicode, data: "a", off: 2}},
	{"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a", want{code: BinUnicode8, data: "a", off: 9}},
	{"\x8e\x01\x00\x00\x00\x00\x00\x00\x00a", want{code: BinBytes8, data: "a", off: 9}},
	{"\x8f", want{code: EmptySet}},
	{"\x90", want{code: AddItems}},
	{"\x91", want{code: FrozenSet}},
	{"\x92", want{code: NewObjEx}},
	{"\x93", want{code: StackGlobal}},
	{"\x94", want{code: Memoize}},
	{"\x95\x01\x00\x00\x00\x00\x00\x00\x00", want{code: Frame, n: 1}},
	{"\x96\x01\x00\x00\x00\x00\x00\x00\x00a", want{code: ByteArray8, data: "a", off: 9}},
	{"\x97", want{code: NextBuffer}},
	{"\x98", want{code: ReadonlyBuffer}},
}

func check(t *testing.T, in string, op Op, w want) {
	t.Helper()
	got := want{
		code: op.Code, n: op.Int, isB: op.IsBool, f: bits(op.Float), data: string(op.Data),
		off: op.Payload.Off, mod: op.Module, name: op.Name, note: w.note, frame: op.Frame,
	}
	if op.Big != nil {
		got.big = op.Big.String()
	}
	if got != w {
		t.Errorf("%q\n got %+v\nwant %+v", in, got, w)
	}
	if (w.note == "") != (op.Note == "") || !strings.Contains(op.Note, w.note) {
		t.Errorf("%q: note %q, want %q", in, op.Note, w.note)
	}
	if op.Payload.Len != int64(len(w.data)) {
		t.Errorf("%q: payload of %d bytes, want %d", in, op.Payload.Len, len(w.data))
	}
}

func TestEveryOpcode(t *testing.T) {
	seen := map[Code]bool{Stop: true}
	for _, c := range one {
		seen[c.code] = true
		ops, err := decode([]byte(c.in + "."))
		if err != nil || len(ops) != 2 {
			t.Errorf("%q: %d opcodes, %v", c.in, len(ops), err)
			continue
		}
		check(t, c.in, ops[0], c.want)
		if ops[0].Offset != 0 || ops[0].End != int64(len(c.in)) || ops[1].Offset != ops[0].End {
			t.Errorf("%q: from %d to %d, then %d", c.in, ops[0].Offset, ops[0].End, ops[1].Offset)
		}
	}
	known := 0
	for c := range table {
		if table[c].name != "" {
			known++
			if !seen[Code(c)] {
				t.Errorf("no example of %s", Code(c))
			}
		}
	}
	if known != 68 {
		t.Errorf("%d opcodes, want 68", known)
	}
}

// Cut at any byte, every opcode is malformed, and says where it stands.
func TestTruncated(t *testing.T) {
	for _, c := range one {
		for n := range len(c.in) {
			ops, err := decode([]byte("N" + c.in[:n]))
			var e *fault.Error
			if !fault.Is(err, fault.Malformed) || len(ops) != 1 {
				t.Errorf("%q cut at %d: %d opcodes, %v", c.in, n, len(ops), err)
				continue
			}
			if e = err.(*fault.Error); e.Offset != 1 {
				t.Errorf("%q cut at %d: error at %d: %v", c.in, n, e.Offset, e)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	long := strings.Repeat("7", 70_000)
	for _, c := range []struct {
		in   string
		kind fault.Kind
		text string
	}{
		{"", fault.Malformed, "no STOP was read"},
		{"\x07", fault.Malformed, "byte 0x07 is no opcode"},
		{"\xff.", fault.Malformed, "byte 0xff is no opcode"},
		{"\x80\x06.", fault.Malformed, "PROTO: unsupported pickle protocol 6"},
		{"\x82\x00.", fault.Malformed, "EXT1: extension code 0 is not positive"},
		{"\x83\x00\x00.", fault.Malformed, "EXT2: extension code 0"},
		{"\x84\xff\xff\xff\xff.", fault.Malformed, "EXT4: extension code -1"},
		{"\x8b\xff\xff\xff\xff.", fault.Malformed, "LONG4: negative length -1"},
		{"\x8b\xff\xff\xff\x7f.", fault.Malformed, "LONG4: 2147483647 bytes should follow, 1 are left"},
		{"\x8b\x01\x00\x01\x00" + long, fault.Limit, "LONG4: an integer of 65537 bytes, more than 65536"},
		{"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", fault.Malformed, "BINBYTES8: 18446744073709551615 bytes should follow, 1 are left"},
		{"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.", fault.Malformed, "BINUNICODE8: 9223372036854775807 bytes should follow"},
		{"\x96\x00\x00\x00\x00\x00\x00\x00\x40.", fault.Malformed, "BYTEARRAY8: 4611686018427387904 bytes should follow"},
		{"\x95\xff\xff\xff\xff\xff\xff\xff\xff.", fault.Malformed, "FRAME: a frame of 18446744073709551615 bytes should follow"},
		{"\x95\x02\x00\x00\x00\x00\x00\x00\x00.", fault.Malformed, "FRAME: a frame of 2 bytes should follow, 1 are left"},
		{"T\xff\xff\xff\xff.", fault.Malformed, "BINSTRING: 4294967295 bytes should follow"},
		{"S\n.", fault.Malformed, "STRING: the text is not in quotes"},
		{"S'\n.", fault.Malformed, "STRING: the text is not in quotes"},
		{"S'\"\n.", fault.Malformed, "STRING: the text is not in quotes"},
		{"Saba\n.", fault.Malformed, "STRING: the text is not in quotes"},
		{"P\xc3\xa9\n.", fault.Malformed, "PERSID: the persistent id is not ASCII"},
		{"P" + long + "\n.", fault.Limit, "PERSID: a line of more than 65536 bytes"},
		{"c\nn\n.", fault.Malformed, "GLOBAL: a name is empty"},
		{"cm\n\n.", fault.Malformed, "GLOBAL: a name is empty"},
		{"cm\xed\xa0\x80\nn\n.", fault.Malformed, "GLOBAL: a name is not UTF-8"},
		{"im\n\xc3\xa9\n.", fault.Malformed, "INST: a name is not ASCII"},
		{"c" + long + "\nn\n.", fault.Limit, "GLOBAL: a line of more than 65536 bytes"},
		{"I\n.", fault.Malformed, "INT: its line is empty"},
		{"I \n.", fault.Malformed, `INT: " " is no integer`},
		{"I1.5\n.", fault.Malformed, `INT: "1.5" is no integer`},
		{"I5L\n.", fault.Malformed, `INT: "5L" is no integer`},
		{"I" + long[:4301] + "\n.", fault.Limit, "INT: an integer of more than 4300 digits"},
		{"L" + long[:4301] + "L\n.", fault.Limit, "LONG: an integer of more than 4300 digits"},
		{"LL\n.", fault.Malformed, "LONG"},
		{"L5LL\n.", fault.Malformed, `LONG: "5L" is no integer`},
		{"F\n.", fault.Malformed, "FLOAT: its line is empty"},
		{"F 1\n.", fault.Malformed, "FLOAT: \" 1\" is no float"},
		{"F1 \n.", fault.Malformed, "is no float"},
		{"F1_0\n.", fault.Malformed, "is no float"},
		{"F0x1p3\n.", fault.Malformed, "is no float"},
		{"Finfi\n.", fault.Malformed, "is no float"},
		{"F.\n.", fault.Malformed, "is no float"},
		{"F1e\n.", fault.Malformed, "is no float"},
		{"F--1\n.", fault.Malformed, "is no float"},
		{"F1e999\n.", fault.Malformed, "does not fit a float"},
		{"g\n.", fault.Malformed, "GET: its line is empty"},
		{"g-1\n.", fault.Malformed, "GET: negative memo index -1"},
		{"p-1\n.", fault.Malformed, "PUT: negative memo index -1"},
		{"p0x1\n.", fault.Malformed, `PUT: "0x1" is no memo index`},
		{"p1__0\n.", fault.Malformed, `PUT: "1__0" is no memo index`},
		{"p9223372036854775808\n.", fault.Malformed, "is no memo index"},
	} {
		ops, err := decode([]byte(c.in))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) || len(ops) != 0 {
			t.Errorf("%.40q: %d opcodes, %v; want %v: %s", c.in, len(ops), err, c.kind, c.text)
		}
	}
}

// Where readers disagree, the value is CPython's up to 3.13, or the later
// one's if that refuses, and the note has all.
func TestNotes(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int64
		isB  bool
		note string
	}{
		{"I0x10\n", 16, false, `the INT literal "0x10" is 16 to CPython up to 3.13, refused to later ones, refused to pickletools`},
		{"I010\n", 8, false, `is 8 to CPython up to 3.13, 10 to later ones, 10 to pickletools`},
		{"I08\n", 8, false, `is refused to CPython up to 3.13, 8 to later ones, 8 to pickletools`},
		{"I0b11\n", 3, false, `is 3 to CPython up to 3.13, refused to later ones`},
		{"I0o17\n", 15, false, `is 15 to CPython up to 3.13, refused to later ones`},
		{"I 1\n", 1, true, `is True to CPython up to 3.13, 1 to later ones, 1 to pickletools`},
		{"I-0\n", 0, true, `is False to CPython up to 3.13, 0 to later ones, 0 to pickletools`},
		{"I1\x00\n", 1, true, `is True to CPython up to 3.13, 1 to later ones, refused to pickletools`},
		{"I5\x00cos\n", 5, false, `is 5 to CPython up to 3.13, 5 to later ones, refused to pickletools`},
		{"I\x00\n", 0, false, `is 0 to CPython up to 3.13, 0 to later ones, refused to pickletools`},
		{"I1_000\n", 1000, false, `the INT literal "1_000" is 1000 to CPython; readers that take plain digits alone refuse it`},
		{"I5\r\n", 5, false, `the INT literal "5\r" is 5 to CPython;`},
		{"I+5\n", 5, false, `the INT literal "+5" is 5 to CPython;`},
		{"L0x10L\n", 16, false, `the LONG literal "0x10" is 16 to CPython up to 3.13, refused to later ones, refused to pickletools`},
		{"L010L\n", 10, false, `is refused to CPython up to 3.13, 10 to later ones, 10 to pickletools`},
		{"L5\x00\n", 5, false, `is 5 to CPython up to 3.13, 5 to later ones, refused to pickletools`},
		{"L 5 L\n", 5, false, `is 5 to CPython;`},
	} {
		ops, err := decode([]byte(c.in + "."))
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		op := ops[0]
		if op.Int != c.n || op.Big != nil || op.IsBool != c.isB || !strings.Contains(op.Note, c.note) {
			t.Errorf("%q: %d %v %v %q, want %d %v %q", c.in, op.Int, op.Big, op.IsBool, op.Note, c.n, c.isB, c.note)
		}
	}
}

// A hexadecimal literal may be as long as its line.
func TestLongHex(t *testing.T) {
	ops, err := decode([]byte("I0x" + strings.Repeat("f", 60_000) + "\n."))
	if err != nil {
		t.Fatal(err)
	}
	all := new(big.Int).Lsh(big.NewInt(1), 240_000)
	if all.Sub(all, big.NewInt(1)).Cmp(ops[0].Big) != 0 || !strings.Contains(ops[0].Note, "a number of 240000 bits") {
		t.Errorf("note %q", ops[0].Note)
	}
}
