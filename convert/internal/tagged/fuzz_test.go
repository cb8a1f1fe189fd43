package tagged

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/limit"
	"depickle/scan/opcode"
	"depickle/scan/tensor"
)

// hidden stands under every redacted key of the graphs, and nowhere else.
const hidden = "correct horse"

// graph makes values of bytes: each byte makes one out of those before it, or
// puts one into another, so that containers share and hold each other.
type graph struct {
	b    []byte
	made []value.Value
}

func (g *graph) byte() (c byte) {
	if len(g.b) > 0 {
		c, g.b = g.b[0], g.b[1:]
	}
	return c
}

func (g *graph) text() string {
	n := min(int(g.byte()), len(g.b))
	s := string(g.b[:n])
	g.b = g.b[n:]
	return strings.ReplaceAll(s, hidden, "")
}

func (g *graph) number() uint64 {
	var n uint64
	for range 8 {
		n = n<<8 | uint64(g.byte())
	}
	return n
}

// any picks a value that was made.
func (g *graph) any() value.Value {
	if len(g.made) == 0 {
		return value.None{}
	}
	return g.made[int(g.byte())%len(g.made)]
}

func (g *graph) some() (items []value.Value) {
	for range g.byte() % 8 {
		items = append(items, g.any())
	}
	return items
}

func (g *graph) dict() *value.Dict {
	d := &value.Dict{}
	for range g.byte() % 8 {
		d.Set(g.any(), g.any())
	}
	if g.byte()%4 == 0 {
		d.Set(value.Str(g.text()+"_Secret"), value.Str(hidden))
	}
	return d
}

func (g *graph) constant() value.Value {
	switch g.byte() % 14 {
	case 0:
		return value.Bool(g.byte()%2 == 0)
	case 1:
		return value.Int(g.number())
	case 2:
		return value.Float(math.Float64frombits(g.number()))
	case 3:
		return value.Str(g.text())
	case 4:
		return value.Str2(g.text())
	case 5:
		return value.Bytes(strings.Repeat(g.text(), int(g.byte()%20)))
	case 6:
		return value.Str(strings.Repeat(g.text(), int(g.byte()%20)))
	case 7:
		return number("0x" + strconv.FormatUint(g.number(), 16) + strings.Repeat("f", int(g.byte())*2))
	case 8:
		return value.DType(g.byte())
	case 9:
		return global(g.text(), g.text())
	case 10:
		return value.Size{int64(g.number()), 3}
	case 11:
		return &value.Blob{Code: opcode.Code(g.byte()), Extent: container.Extent{Off: int64(g.byte()), Len: int64(g.byte()) * 64}}
	case 12:
		return &value.ByteArray{Data: g.any()}
	}
	return &value.NumpyDType{Spec: g.text(), Order: g.byte(), Plain: tensor.DType(g.byte())}
}

func (g *graph) holder() value.Value {
	switch g.byte() % 9 {
	case 0:
		return list(g.some()...)
	case 1:
		return tuple(g.some()...)
	case 2:
		return set(g.byte()%2 == 0, g.some()...)
	case 3:
		return g.dict()
	case 4:
		d := g.dict()
		d.Class, d.State, d.Factory = global(g.text(), g.text()), g.any(), g.any()
		return d
	case 5:
		return &value.Object{Callee: g.any(), New: g.byte()%2 == 0, Args: g.some(), KW: g.any(), State: g.any(), Items: g.some(), Pairs: g.dict()}
	case 6:
		return &value.Persistent{ID: g.any()}
	case 7:
		d := tensor.DType(g.byte())
		return &value.Scalar{DType: &value.NumpyDType{Spec: g.text(), Order: g.byte(), Plain: d}, Data: value.Bytes(g.text())}
	}
	t := &value.Tensor{DType: tensor.DType(g.byte()), Numpy: g.byte()%2 == 0, Objects: g.some(), State: g.any(), Reason: g.text()}
	t.Geometry.Shape = []int64{int64(g.number())}
	return t
}

// link puts a value into one that was there before it: so cycles come about.
func (g *graph) link() {
	v := g.any()
	switch into := g.any().(type) {
	case *value.List:
		// Doubling a list over and over makes more than the test is about.
		for range min(int(g.byte())*8+1, 4096-len(into.Items)) {
			into.Items = append(into.Items, v)
		}
	case *value.Dict:
		into.Set(g.any(), v)
	case *value.Object:
		into.State = v
	case *value.Tensor:
		into.State = v
	}
}

func (g *graph) roots() []value.Value {
	for len(g.b) > 0 && len(g.made) < 256 {
		switch g.byte() % 4 {
		case 0:
			g.made = append(g.made, g.constant())
		case 1, 2:
			g.made = append(g.made, g.holder())
		case 3:
			g.link()
		}
	}
	return g.made[max(0, len(g.made)-3):]
}

// FuzzEncode: whatever the values, Encode does not panic; its output is strict
// JSON, the same each time and for an equal graph; a tag stands alone in its
// object; every reference leads to something; no secret is in it.
func FuzzEncode(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\x00\x00\x03\x00\x00\x01\x03\x01\x00\x00\x00\x01\x05\x00"))
	f.Add([]byte("\x00\x03\x02ab\x01\x03\x01\x00\x00\x04\x00\x01\x01\x02\x00\x01\x03\x01\x02\x01\x04\x00\x01"))
	f.Add(bytes.Repeat([]byte("\x01\x05\x02\x01\x00\x03\x07\x00\x09\x02os\x06system"), 20))
	f.Add(bytes.Repeat([]byte{1, 8, 3, 1, 2, 3, 0, 11, 'X', 9, 200, 3, 1, 0, 255}, 30))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, mode := range []Mode{Plain, All} {
			for _, depth := range []int{0, 3} {
				o := Options{Mode: mode, Open: readAs, Limits: limit.Limits{Depth: depth}}
				first, err := Encode((&graph{b: b}).roots(), o)
				again, err2 := Encode((&graph{b: b}).roots(), o)
				if !bytes.Equal(first, again) || (err == nil) != (err2 == nil) {
					t.Fatalf("two results:\n%s %v\n%s %v", first, err, again, err2)
				}
				if err == nil {
					checkOutput(t, first)
				}
			}
		}
	})
}

// readAs is a file of one letter.
func readAs(e container.Extent) io.Reader {
	return strings.NewReader(strings.Repeat("a", int(e.Len)))
}

func checkOutput(t *testing.T, b []byte) {
	if !jsontext.Value(b).IsValid() {
		t.Fatalf("not strict JSON: %s", b)
	}
	if bytes.Contains(b, []byte(hidden)) {
		t.Fatalf("a secret shows: %s", b)
	}
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	walk(doc, func(o map[string]any) {
		for k, v := range o {
			if !strings.HasPrefix(k, "$") {
				continue
			}
			if len(o) != 1 {
				t.Fatalf("tag %s with others beside: %s", k, b)
			}
			if k == "$ref" && !leads(doc, v.(string)) {
				t.Fatalf("reference %s leads nowhere: %s", v, b)
			}
		}
	})
}

func walk(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			walk(x, f)
		}
	case map[string]any:
		f(v)
		for _, x := range v {
			walk(x, f)
		}
	}
}

// leads follows a pointer to a container.
func leads(at any, pointer string) bool {
	parts := strings.Split(pointer, "/")
	if parts[0] != "#" {
		return false
	}
	for _, p := range parts[1:] {
		switch v := at.(type) {
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i >= len(v) {
				return false
			}
			at = v[i]
		case map[string]any:
			var ok bool
			if at, ok = v[strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")]; !ok {
				return false
			}
		default:
			return false
		}
	}
	switch at.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}
