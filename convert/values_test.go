package convert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"depickle/convert/plan"
	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/opcode"
	"depickle/scan/tensor"
)

// TestValues: which values the record keeps, and that long text comes from
// the source.
func TestValues(t *testing.T) {
	long := strings.Repeat("a", 5000)
	file := "\x80\x02X\x88\x13\x00\x00" + long + "."
	src, err := container.Open(bytes.NewReader([]byte(file)), int64(len(file)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	w := &value.Tensor{DType: tensor.Float32}
	top, object := &value.Dict{}, &value.Object{Callee: value.Global{Module: "m", Name: "C"}, State: value.Int(1)}
	top.Set(value.Str("w"), w)
	top.Set(value.Str("o"), object)
	text := &value.Blob{Code: opcode.BinUnicode, Extent: container.Extent{Off: 7, Len: 5000}}
	gone := &value.Blob{Code: opcode.BinUnicode, Extent: container.Extent{Off: 7, Len: 6000}}
	items := []plan.Item{{Path: "/\xff", Tensor: w}, {Path: "/second", Tensor: w}}
	const start = `{"w":{"$tensor":{"dtype":"float32","shape":[],"path":"/\\xff"}},"o":{"$object":`
	sum := sha256.Sum256([]byte(long))
	tests := []struct {
		name  string
		mode  Values
		roots []value.Value
		want  string
	}{
		{"none", ValuesNone, []value.Value{top}, ""},
		{"default", "", []value.Value{top}, start + `"m.C"}}`},
		{"plain", ValuesPlain, []value.Value{top}, start + `"m.C"}}`},
		{"all", ValuesAll, []value.Value{top}, start + `{"class":"m.C","state":1}}}`},
		{"streams", ValuesPlain, []value.Value{value.Int(1), value.None{}}, `[1,null]`},
		{"text", ValuesPlain, []value.Value{text}, `{"$str":{"len":5000,"sha256":"` + hex.EncodeToString(sum[:]) + `"}}`},
		{"no text", ValuesPlain, []value.Value{top, gone}, "error"},
	}
	for _, tt := range tests {
		j := &job{checkpoint: &sandboxload.Checkpoint{Source: src}, plan: &plan.Plan{Items: items}, o: Options{Values: tt.mode}}
		for _, v := range tt.roots {
			j.checkpoint.Roots = append(j.checkpoint.Roots, sandboxload.Root{Value: v})
		}
		got, err := j.encodeValues()
		if tt.want == "error" {
			if err == nil {
				t.Errorf("%s: a text that cannot be read is no error", tt.name)
			}
			continue
		}
		if err != nil || string(got) != tt.want || (got == nil) != (tt.mode == ValuesNone) {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
