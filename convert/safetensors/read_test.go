package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"depickle/scan/fault"
)

// file makes a file of a header, as it is, and some bytes of data.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func length(n uint64, rest string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
}

// entry is a whole header of one tensor "a" of two bytes, with some field
// replaced.
func entry(dtype, shape, offsets string) []byte {
	return file(fmt.Sprintf(`{"a":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets), 2)
}

const good = `{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`

// rejected has at least one file for every reason that a file can give.
var rejected = []struct {
	reason reason
	name   string
	file   []byte
	want   string
}{
	{reasonTooSmall, "empty file", nil, "malformed: file of 0 bytes has no room for a header length"},
	{reasonTooSmall, "seven bytes", make([]byte, 7), "malformed: file of 7 bytes has no room for a header length"},
	{reasonHeaderLimit, "a byte too much", length(MaxHeader+1, "{}"), "limit: at offset 0x0: header of 100000001 bytes is over the format's limit of 100000000"},
	{reasonHeaderLimit, "negative as a signed number", length(math.MaxUint64, "{}"), "limit: at offset 0x0: header of 18446744073709551615 bytes is over the format's limit of 100000000"},
	{reasonHeaderLength, "claims 100 MB of 10 bytes", length(MaxHeader, "{}"), "malformed: at offset 0x0: header of 100000000 bytes reaches past the end of the file of 10 bytes"},
	{reasonHeaderLength, "one byte short", length(3, "{}"), "malformed: at offset 0x0: header of 3 bytes reaches past the end of the file of 10 bytes"},
	{reasonNoObject, "no header", length(0, ""), "malformed: at offset 0x8: header does not begin with a brace"},
	{reasonNoObject, "no header, brace in the data", length(0, "{}"), "malformed: at offset 0x8: header does not begin with a brace"},
	{reasonNoObject, "leading space", file(" {}", 0), "malformed: at offset 0x8: header does not begin with a brace"},
	{reasonNoObject, "byte order mark", file("\ufeff{}", 0), "malformed: at offset 0x8: header does not begin with a brace"},
	{reasonNoObject, "list", file("[]", 0), "malformed: at offset 0x8: header does not begin with a brace"},
	{reasonSyntax, "cut short", file(`{"a":{"dtype":"U8"`, 0), `malformed: at offset 0x1a: "a": header is not strict JSON in UTF-8`},
	{reasonSyntax, "object goes on in the data", length(1, "{}"), `malformed: at offset 0x9: header is not strict JSON in UTF-8`},
	{reasonSyntax, "comma at the end", file(`{"__metadata__":{},}`, 0), `malformed: at offset 0x1a: header is not strict JSON in UTF-8`},
	{reasonSyntax, "comment", file(`{/**/}`, 0), `malformed: at offset 0x9: header is not strict JSON in UTF-8`},
	{reasonSyntax, "NaN", entry(`"U8"`, `[NaN]`, `[0,2]`), `malformed: at offset 0x24: "a": header is not strict JSON in UTF-8`},
	{reasonSyntax, "leading zero", entry(`"U8"`, `[02]`, `[0,2]`), `malformed: at offset 0x25: "a": header is not strict JSON in UTF-8`},
	{reasonSyntax, "invalid UTF-8 in a name", file("{\"\xff\":{}}", 0), `malformed: at offset 0xa: header is not strict JSON in UTF-8`},
	{reasonSyntax, "overlong UTF-8", file("{\"\xc0\x80\":{}}", 0), `malformed: at offset 0xa: header is not strict JSON in UTF-8`},
	{reasonSyntax, "lone surrogate", file(`{"\ud800":{}}`, 0), `malformed: at offset 0xa: header is not strict JSON in UTF-8`},
	{reasonSyntax, "control character", file("{\"a\n\":{}}", 0), `malformed: at offset 0xb: header is not strict JSON in UTF-8`},
	{reasonAfterHeader, "second object", file(good+`{}`, 2), "malformed: at offset 0x3d: something other than spaces follows the header's object"},
	{reasonAfterHeader, "newline", file(good+"  \n", 2), "malformed: at offset 0x3f: something other than spaces follows the header's object"},
	{reasonAfterHeader, "NUL padding", file(good+"\x00\x00", 2), "malformed: at offset 0x3d: something other than spaces follows the header's object"},
	{reasonAfterHeader, "beyond one buffer", file(good+strings.Repeat(" ", 9000)+"x", 2), "malformed: at offset 0x2365: something other than spaces follows the header's object"},
	{reasonDuplicate, "tensor", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `malformed: at offset 0x3d: name "a" stands twice`},
	{reasonDuplicate, "tensor without data", file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0), `malformed: at offset 0x3d: name "a" stands twice`},
	{reasonDuplicate, "written with an escape", file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0), `malformed: at offset 0x3d: name "a" stands twice`},
	{reasonDuplicate, "field", file(`{"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `malformed: at offset 0x1b: "a": name "dtype" stands twice`},
	{reasonDuplicate, "metadata key", file(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `malformed: at offset 0x21: name "k" stands twice`},
	{reasonDuplicate, "metadata", file(`{"__metadata__":{"k":"1"},"__metadata__":{"k":"2"}}`, 0), `malformed: at offset 0x22: name "__metadata__" stands twice`},
	{reasonMetadata, "null", file(`{"__metadata__":null}`, 0), "malformed: at offset 0x1c: __metadata__ is not a map of strings to strings"},
	{reasonMetadata, "number", file(`{"__metadata__":{"k":1}}`, 0), "malformed: at offset 0x1e: __metadata__ is not a map of strings to strings"},
	{reasonMetadata, "nested", file(`{"__metadata__":{"k":{}}}`, 0), "malformed: at offset 0x1e: __metadata__ is not a map of strings to strings"},
	{reasonEntry, "string", file(`{"a":"b"}`, 0), `malformed: at offset 0x10: "a": entry is not an object`},
	{reasonField, "unknown", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":{}}}`, 2), `malformed: at offset 0x3f: "a": unknown field "x"`},
	{reasonField, "other letter case", file(`{"a":{"Dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `malformed: at offset 0x15: "a": unknown field "Dtype"`},
	{reasonField, "metadata in other letter case", file(`{"__METADATA__":{"format":"pt"}}`, 0), `malformed: at offset 0x21: "__METADATA__": unknown field "format"`},
	{reasonMissing, "everything", file(`{"a":{}}`, 0), `malformed: at offset 0xf: "a": field dtype is missing`},
	{reasonMissing, "shape", file(`{"a":{"dtype":"U8","data_offsets":[0,2]}}`, 2), `malformed: at offset 0x30: "a": field shape is missing`},
	{reasonMissing, "data_offsets", file(`{"a":{"dtype":"U8","shape":[2]}}`, 2), `malformed: at offset 0x27: "a": field data_offsets is missing`},
	{reasonDType, "lower case", entry(`"u8"`, `[2]`, `[0,2]`), `malformed: at offset 0x1a: "a": dtype "u8" is none of the format's`},
	{reasonDType, "unknown", entry(`"C128"`, `[2]`, `[0,2]`), `malformed: at offset 0x1c: "a": dtype "C128" is none of the format's`},
	{reasonDType, "null", entry(`null`, `[2]`, `[0,2]`), `malformed: at offset 0x1a: "a": dtype that is no string is none of the format's`},
	{reasonShape, "null", entry(`"U8"`, `null`, `[0,2]`), `malformed: at offset 0x27: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "float", entry(`"U8"`, `[2.0]`, `[0,2]`), `malformed: at offset 0x27: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "exponent", entry(`"U8"`, `[2e0]`, `[0,2]`), `malformed: at offset 0x27: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "negative", entry(`"U8"`, `[-2]`, `[0,2]`), `malformed: at offset 0x26: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "negative zero", entry(`"U8"`, `[-0]`, `[0,2]`), `malformed: at offset 0x26: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "2^63", entry(`"U8"`, `[9223372036854775808]`, `[0,2]`), `malformed: at offset 0x37: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "2^64 and 2", entry(`"U8"`, `[18446744073709551618]`, `[0,2]`), `malformed: at offset 0x38: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "ten times 2^63, and 2", entry(`"U8"`, `[92233720368547758082]`, `[0,2]`), `malformed: at offset 0x38: "a": shape is not a list of whole numbers below 2^63`},
	{reasonShape, "string", entry(`"U8"`, `["2"]`, `[0,2]`), `malformed: at offset 0x27: "a": shape is not a list of whole numbers below 2^63`},
	{reasonRank, "65 dimensions", entry(`"U8"`, "[2"+strings.Repeat(",1", 64)+"]", `[0,2]`), `unsupported: at offset 0xa5: "a": more than 64 dimensions`},
	{reasonOffsets, "one", entry(`"U8"`, `[2]`, `[0]`), `malformed: at offset 0x39: "a": data_offsets are not two whole numbers below 2^63`},
	{reasonOffsets, "three", entry(`"U8"`, `[2]`, `[0,2,2]`), `malformed: at offset 0x3c: "a": data_offsets are not two whole numbers below 2^63`},
	{reasonOffsets, "float", entry(`"U8"`, `[2]`, `[0,2.0]`), `malformed: at offset 0x3c: "a": data_offsets are not two whole numbers below 2^63`},
	{reasonOffsets, "negative", entry(`"U8"`, `[2]`, `[-2,0]`), `malformed: at offset 0x39: "a": data_offsets are not two whole numbers below 2^63`},
	{reasonOverflow, "shape", entry(`"U8"`, `[4294967296,4294967296]`, `[0,0]`), `malformed: "a": size of the shape overflows`},
	{reasonOverflow, "shape with a zero", entry(`"U8"`, `[4294967296,4294967296,0]`, `[0,0]`), `malformed: "a": size of the shape overflows`},
	{reasonOverflow, "bits", entry(`"U64"`, `[1152921504606846976]`, `[0,0]`), `malformed: "a": size of the shape overflows`},
	{reasonUnaligned, "half a byte", entry(`"F4"`, `[3]`, `[0,2]`), `malformed: "a": elements of F4 fill no whole number of bytes`},
	{reasonBackward, "end before begin", entry(`"U8"`, `[2]`, `[2,0]`), `malformed: "a": data ends at 0, before it begins at 2`},
	{reasonHole, "first does not begin at 0", entry(`"U8"`, `[1]`, `[1,2]`), `malformed: "a": data begins at 1 and leaves a hole from 0`},
	{reasonHole, "between two", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3), `malformed: "b": data begins at 2 and leaves a hole from 1`},
	{reasonOverlap, "same range", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `malformed: "b": data begins at 0, before the tensor in front of it ends at 2`},
	{reasonOverlap, "part of a range", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), `malformed: "b": data begins at 1, before the tensor in front of it ends at 2`},
	{reasonSize, "shape of more", entry(`"U8"`, `[3]`, `[0,2]`), `malformed: "a": data of 2 bytes where the shape needs 3`},
	{reasonSize, "shape of nothing", entry(`"U8"`, `[0]`, `[0,2]`), `malformed: "a": data of 2 bytes where the shape needs 0`},
	{reasonTruncated, "data one byte short", file(good, 1), "malformed: data ends at 63, past the end of the file of 62 bytes"},
	{reasonTruncated, "claims 2^60 bytes", entry(`"U8"`, `[1152921504606846975]`, `[0,1152921504606846975]`), "malformed: data ends at 1152921504606847072, past the end of the file of 99 bytes"},
	{reasonTrailing, "one byte more", file(good, 3), "malformed: data ends at 63 and the file of 64 bytes goes on"},
	{reasonTrailing, "data without a tensor", file(`{}`, 1), "malformed: data ends at 10 and the file of 11 bytes goes on"},
}

func TestReadRejects(t *testing.T) {
	for _, tt := range rejected {
		t.Run(fmt.Sprintf("%d %s", tt.reason, tt.name), func(t *testing.T) {
			h, err := Read(bytes.NewReader(tt.file), int64(len(tt.file)))
			if err == nil {
				t.Fatalf("accepted: %+v", h)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
			if !fault.Is(err, reasons[tt.reason].kind) {
				t.Errorf("kind of %v is not %v", err, reasons[tt.reason].kind)
			}
		})
	}
}

// TestEveryReason keeps the set closed: a reason without an example here, or
// in the writer's test, is one that nobody has seen.
func TestEveryReason(t *testing.T) {
	seen := map[reason]bool{ // only the writer meets these
		reasonReserved: true, reasonNameText: true, reasonMetadataText: true, reasonResized: true,
		reasonNoTensor: true, reasonTwice: true, reasonLong: true, reasonShort: true,
		// and TestBounds these
		reasonManyTensors: true, reasonManyMetadata: true, reasonMuchText: true, reasonLongText: true,
	}
	for _, r := range rejected {
		seen[r.reason] = true
	}
	for r := reasonTooSmall; r < numReasons; r++ {
		if !seen[r] || reasons[r].text == "" {
			t.Errorf("reason %d (%q) has no example", r, reasons[r].text)
		}
	}
}

func TestReadAccepts(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want Header
	}{
		{"no tensors", file(`{}`, 0), Header{start: 10}},
		{"metadata of nothing", file(`{"__metadata__":{}}`, 0), Header{start: 27}},
		{"any order, space and escapes", file(
			"{ \"b\" : {\"shape\":[1],\n\"data_offsets\":[2,3],\"dtype\":\"\\u00558\"},\t"+
				`"\u0061":{"data_offsets":[0,2],"dtype":"U8","shape":[1, 2]},"__metadata__":{"\n":""}}   `, 3),
			Header{
				Tensors: []Tensor{
					{Name: "a", DType: U8, Shape: []int64{1, 2}, Begin: 0, End: 2},
					{Name: "b", DType: U8, Shape: []int64{1}, Begin: 2, End: 3}},
				Metadata: map[string]string{"\n": ""},
				start:    8 + 151,
			}},
		{"tensors without data anywhere", file(
			`{"z":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"y":{"dtype":"F64","shape":[7,0],"data_offsets":[0,0]},`+
				`"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2),
			Header{
				Tensors: []Tensor{
					{Name: "y", DType: F64, Shape: []int64{7, 0}},
					{Name: "a", DType: U8, Shape: []int64{2}, Begin: 0, End: 2},
					{Name: "z", DType: U8, Shape: []int64{0}, Begin: 2, End: 2}},
				start: 8 + 160,
			}},
		{"64 dimensions", entry(`"U8"`, "[2"+strings.Repeat(",1", 63)+"]", `[0,2]`),
			Header{Tensors: []Tensor{{Name: "a", DType: U8, Shape: append([]int64{2}, ones(63)...), End: 2}}, start: 8 + 179}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := Read(bytes.NewReader(tt.file), int64(len(tt.file)))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprintf("%+v", *h), fmt.Sprintf("%+v", tt.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func ones(n int) []int64 {
	s := make([]int64, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

// TestEmptyTensorsKeepTheirOrder: they share their offsets, so only the header
// orders them.
func TestEmptyTensorsKeepTheirOrder(t *testing.T) {
	var before, after []string
	text := `{"data":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}`
	for i := range 200 {
		name, at := fmt.Sprint(i*7919%200), 0
		if i*i%3 == 1 {
			at = 9
			after = append(after, name)
		} else {
			before = append(before, name)
		}
		text += fmt.Sprintf(`,"%s":{"dtype":"U8","shape":[0],"data_offsets":[%d,%d]}`, name, at, at)
	}
	want := append(append(before, "data"), after...)
	b := file(text+"}", 9)
	h, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range h.Tensors {
		if x.Name != want[i] {
			t.Fatalf("tensor %d is %s, want %s", i, x.Name, want[i])
		}
	}
}

// failing is a file whose reads fail from some offset on.
type failing struct {
	data []byte
	from int64
	err  error
}

func (f failing) ReadAt(b []byte, offset int64) (int, error) {
	if offset+int64(len(b)) > f.from {
		return 0, f.err
	}
	return copy(b, f.data[offset:]), nil
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("broken disk")
	data := file(good+strings.Repeat(" ", 10000), 2)
	for _, from := range []int64{0, 8, 9, 9000} {
		_, err := Read(failing{data, from, broken}, int64(len(data)))
		if !errors.Is(err, broken) {
			t.Errorf("failing from %d: got %v", from, err)
		}
	}
	// A file that shrank: the size was true a moment ago.
	_, err := Read(bytes.NewReader(data[:3]), int64(len(data)))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a shrunken file: %v", err)
	}
}
