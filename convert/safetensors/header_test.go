package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"depickle/convert/internal/raced"
	"depickle/scan/fault"
)

func mustHeader(t *testing.T, tensors []Tensor, meta map[string]string) *Header {
	t.Helper()
	h, err := NewHeader(tensors, meta)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestDTypes(t *testing.T) {
	want := strings.Fields(`BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ
		F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64`)
	bits := []int64{8, 4, 6, 6, 8, 8, 8, 8, 8, 8, 8, 16, 16, 16, 16, 32, 32, 32, 64, 64, 64, 64}
	if len(want) != int(numDTypes)-1 {
		t.Fatalf("%d dtypes, want %d", numDTypes-1, len(want))
	}
	for i, name := range want {
		d, ok := ParseDType(name)
		if !ok || d != Bool+DType(i) || d.String() != name || d.Bits() != bits[i] {
			t.Errorf("%s: got %d %v %s %d bits", name, d, ok, d, d.Bits())
		}
	}
	for _, name := range []string{"", "f32", "F32 ", "invalid", "C128"} {
		if d, ok := ParseDType(name); ok {
			t.Errorf("ParseDType(%q) = %s", name, d)
		}
	}
	if d := DType(200); d.String() != "invalid" || d.Bits() != 0 {
		t.Errorf("DType(200) = %s, %d bits", d, d.Bits())
	}
}

func TestEncodeBytes(t *testing.T) {
	tests := []struct {
		name    string
		tensors []Tensor
		meta    map[string]string
		want    string
	}{
		{"nothing", nil, nil, `{}      `},
		{"empty metadata is left out", nil, map[string]string{}, `{}      `},
		{"metadata alone, keys by bytes", nil, map[string]string{"b": "2", "a": "1", "Z": "0"},
			`{"__metadata__":{"Z":"0","a":"1","b":"2"}}      `},
		{"one", []Tensor{{Name: "w", DType: F32, Shape: []int64{2, 3}}}, map[string]string{"format": "pt"},
			`{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`},
		{"larger alignment first, then bytes of the name", []Tensor{
			{Name: "b", DType: U8, Shape: []int64{1}},
			{Name: "c", DType: Bool, Shape: []int64{1}},
			{Name: "a", DType: BF16, Shape: []int64{}},
			{Name: "Z", DType: F32, Shape: []int64{0}},
			{Name: "é", DType: F32, Shape: []int64{1}},
			{Name: "a2", DType: F32, Shape: nil},
		}, nil,
			`{"Z":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},` +
				`"a2":{"dtype":"F32","shape":[],"data_offsets":[0,4]},` +
				`"é":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},` +
				`"a":{"dtype":"BF16","shape":[],"data_offsets":[8,10]},` +
				`"b":{"dtype":"U8","shape":[1],"data_offsets":[10,11]},` +
				`"c":{"dtype":"BOOL","shape":[1],"data_offsets":[11,12]}}`},
		{"packed elements", []Tensor{{Name: "f4", DType: F4, Shape: []int64{3, 2}}, {Name: "f6", DType: F6E3M2, Shape: []int64{4}}}, nil,
			`{"f6":{"dtype":"F6_E3M2","shape":[4],"data_offsets":[0,3]},"f4":{"dtype":"F4","shape":[3,2],"data_offsets":[3,6]}}`},
		{"escapes", []Tensor{{Name: "\"\\\x00\n\x1f\x7f/<&\u2028", DType: U8, Shape: []int64{0}}}, nil,
			`{"\"\\\u0000\n\u001f` + "\x7f/<&\u2028" + `":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`},
		{"no name", []Tensor{{Name: "", DType: U8, Shape: []int64{1}}}, nil,
			`{"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := mustHeader(t, tt.tensors, tt.meta)
			got, err := h.Encode()
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want + strings.Repeat(" ", (8-len(tt.want)%8)%8)
			if string(got[8:]) != want {
				t.Errorf("got  %q\nwant %q", got[8:], want)
			}
			if n := binary.LittleEndian.Uint64(got); n != uint64(len(want)) {
				t.Errorf("length %d, want %d", n, len(want))
			}
			if h.DataStart() != int64(len(got)) || h.HeaderBytes() != int64(len(want)) {
				t.Errorf("DataStart %d, HeaderBytes %d", h.DataStart(), h.HeaderBytes())
			}
			roundTrip(t, h, got)
		})
	}
}

// roundTrip reads what h was encoded to and compares.
func roundTrip(t *testing.T, h *Header, encoded []byte) {
	t.Helper()
	file := append(slices.Clone(encoded), make([]byte, h.DataBytes())...)
	back, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("Read refuses what Encode wrote: %v\n%q", err, encoded)
	}
	if !slices.EqualFunc(back.Tensors, h.Tensors, equalTensors) || !reflect.DeepEqual(back.Metadata, h.Metadata) {
		t.Errorf("got back %+v %v\nwant %+v %v", back.Tensors, back.Metadata, h.Tensors, h.Metadata)
	}
	if back.DataStart() != int64(len(encoded)) || back.FileBytes() != int64(len(file)) {
		t.Errorf("DataStart %d, FileBytes %d", back.DataStart(), back.FileBytes())
	}
	again, err := back.Encode()
	if err != nil || !bytes.Equal(again, encoded) {
		t.Errorf("encoded again (%v):\n%q\nwant\n%q", err, again, encoded)
	}
}

func equalTensors(a, b Tensor) bool {
	return a.Name == b.Name && a.DType == b.DType && slices.Equal(a.Shape, b.Shape) &&
		a.Begin == b.Begin && a.End == b.End
}

func TestNewHeaderKeepsItsArgument(t *testing.T) {
	in := []Tensor{{Name: "b", DType: U8, Shape: []int64{1}, Begin: 77, End: 7}, {Name: "a", DType: U8, Shape: []int64{1}}}
	meta := map[string]string{"k": "v"}
	h := mustHeader(t, in, meta)
	if in[0].Name != "b" || in[0].Begin != 77 {
		t.Errorf("the argument was changed: %+v", in)
	}
	h.Metadata["k"] = "w"
	if meta["k"] != "v" {
		t.Error("the metadata of the argument was changed")
	}
}

func TestPatchMetadata(t *testing.T) {
	h := mustHeader(t, []Tensor{{Name: "w", DType: F32, Shape: []int64{2}}},
		map[string]string{"sum": strings.Repeat("0", 64)})
	before, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	h.Metadata["sum"] = strings.Repeat("f", 64)
	after, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != len(after) || bytes.Equal(before, after) {
		t.Errorf("before %q\nafter %q", before, after)
	}
	h.Metadata["sum"] = strings.Repeat("f", 100)
	if _, err := h.Encode(); err == nil || !strings.Contains(err.Error(), "metadata changed the header's length") {
		t.Errorf("a longer header: %v", err)
	}
}

func TestNewHeaderRefuses(t *testing.T) {
	shape := func(d ...int64) []int64 { return d }
	huge := int64(math.MaxInt64)
	tests := []struct {
		name    string
		tensors []Tensor
		meta    map[string]string
		kind    fault.Kind
		want    string
	}{
		{"reserved name", []Tensor{{Name: "__metadata__", DType: U8}}, nil, fault.Unsupported,
			"unsupported: __metadata__ is the format's own name, a tensor cannot have it"},
		{"name is no text", []Tensor{{Name: "a\xff", DType: U8}}, nil, fault.Unsupported,
			`unsupported: "a\xff": name is not valid UTF-8`},
		{"surrogate in a name", []Tensor{{Name: "\xed\xa0\x80", DType: U8}}, nil, fault.Unsupported,
			`unsupported: "\xed\xa0\x80": name is not valid UTF-8`},
		{"metadata value is no text", nil, map[string]string{"k": "\xff"}, fault.Unsupported,
			`unsupported: metadata "k" is not valid UTF-8`},
		{"metadata key is no text", nil, map[string]string{"\xff": "v"}, fault.Unsupported,
			`unsupported: metadata "\xff" is not valid UTF-8`},
		{"one name twice", []Tensor{{Name: "a", DType: U8, Shape: shape(0)}, {Name: "a", DType: F32, Shape: shape(0)}}, nil,
			fault.Malformed, `malformed: name "a" stands twice`},
		{"no dtype", []Tensor{{Name: "a"}}, nil, fault.Malformed,
			`malformed: "a": dtype invalid is none of the format's`},
		{"negative size", []Tensor{{Name: "a", DType: U8, Shape: shape(2, -1)}}, nil, fault.Malformed,
			`malformed: "a": shape is not a list of whole numbers below 2^63`},
		{"too many dimensions", []Tensor{{Name: "a", DType: U8, Shape: make([]int64, 65)}}, nil, fault.Unsupported,
			`unsupported: "a": more than 64 dimensions`},
		{"product overflows", []Tensor{{Name: "a", DType: U8, Shape: shape(1<<32, 1<<32)}}, nil, fault.Malformed,
			`malformed: "a": size of the shape overflows`},
		{"bits overflow", []Tensor{{Name: "a", DType: U8, Shape: shape(huge / 4)}}, nil, fault.Malformed,
			`malformed: "a": size of the shape overflows`},
		{"sum overflows", append(fill(8, Tensor{DType: U8, Shape: shape(huge / 8)}), Tensor{Name: "z", DType: U8, Shape: shape(8)}), nil,
			fault.Malformed, `malformed: "z": size of the shape overflows`},
		{"header and data overflow", fill(8, Tensor{DType: U8, Shape: shape(huge / 8)}), nil,
			fault.Malformed, `malformed: size of the shape overflows`},
		{"half a byte", []Tensor{{Name: "a", DType: F4, Shape: shape(3)}}, nil, fault.Malformed,
			`malformed: "a": elements of F4 fill no whole number of bytes`},
		{"quarter of three bytes", []Tensor{{Name: "a", DType: F6E2M3, Shape: shape(2)}}, nil, fault.Malformed,
			`malformed: "a": elements of F6_E2M3 fill no whole number of bytes`},
		{"header over the limit", longNames(100_000), nil, fault.Limit,
			"limit: header of 105100008 bytes is over the format's limit of 100000000"},
		{"text over the limit", nil, map[string]string{"k": strings.Repeat("x", MaxText+1)}, fault.Limit,
			"limit: a name or text of more than 8388608 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := NewHeader(tt.tensors, tt.meta)
			if err == nil {
				t.Fatalf("got %+v", h)
			}
			if err.Error() != tt.want || !fault.Is(err, tt.kind) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// fill returns n tensors named a, b, c, …
func fill(n int, like Tensor) []Tensor {
	all := make([]Tensor, n)
	for i := range all {
		all[i] = like
		all[i].Name = string(rune('a' + i))
	}
	return all
}

// longNames are n empty tensors whose names have 1,000 bytes.
func longNames(n int) []Tensor {
	all := make([]Tensor, n)
	for i := range all {
		all[i] = Tensor{Name: fmt.Sprintf("%01000d", i), DType: U8, Shape: []int64{0}}
	}
	return all
}

func TestLargestHeader(t *testing.T) {
	if raced.On {
		t.Skip("hundreds of MB, one by one; CI runs them without the race detector")
	}
	const entry = 1000 + len(`"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`)
	all := longNames(MaxHeader / entry)
	all[0].Name += strings.Repeat("x", MaxHeader-1-len(all)*entry)
	h := mustHeader(t, all, nil)
	if h.HeaderBytes() != MaxHeader {
		t.Fatalf("header of %d bytes", h.HeaderBytes())
	}
	b, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bytes.NewReader(b), int64(len(b))); err != nil {
		t.Error(err)
	}
}

func TestEncodeRefusesWhatReadWould(t *testing.T) {
	one := func(begin, end int64) *Header {
		return &Header{Tensors: []Tensor{{Name: "a", DType: U8, Shape: []int64{2}, Begin: begin, End: end}}}
	}
	tests := []struct {
		h    *Header
		want string
	}{
		{one(1, 3), "leaves a hole"},
		{one(-1, 1), "before the tensor in front of it"},
		{one(0, -2), "before it begins"},
		{one(0, 3), "where the shape needs 2"},
		{&Header{Tensors: []Tensor{{Name: "__metadata__", DType: U8}}}, "the format's own name"},
	}
	for _, tt := range tests {
		if _, err := tt.h.Encode(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
	b, err := one(0, 2).Encode()
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, one(0, 2), b)
}
