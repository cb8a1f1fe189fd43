package tagged

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"depickle/sandboxload/value"
	"depickle/scan/tensor"
)

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestConstants(t *testing.T) {
	tests := []struct {
		v    value.Value
		want string
	}{
		{nil, `null`},
		{value.Int(1<<53 - 1), `9007199254740991`},
		{value.Int(1 << 53), `{"$int":"9007199254740992"}`},
		{value.Int(math.MinInt64), `{"$int":"-9223372036854775808"}`},
		{number("5"), `5`}, // however the pickle spelled it
		{number("-0x10000000000000000"), `{"$int":"-18446744073709551616"}`},
		{number("-0x1" + strings.Repeat("0", 256)), `{"$int":{"len":258,"sha256":"` + hexSum("-1"+strings.Repeat("0", 256)) + `"}}`},
		{value.Big{}, `null`},
		{value.Float(0), `0.0`},
		{value.Float(0.1), `0.1`},
		{value.Float(1e-4), `0.0001`},
		{value.Float(9.9e-5), `9.9e-05`},
		{value.Float(123456789012345680), `1.2345678901234568e+17`},
		{value.Float(9999999999999998), `9999999999999998.0`},
		{value.Float(5e-324), `5e-324`},
		{value.Float(math.Float64frombits(0x7ff0000000000001)), `{"$float":"nan:7ff0000000000001"}`},
		{value.Str(""), `""`},
		{value.Str("\x00\"\\\u2028"), `"\u0000\"\\` + "\u2028" + `"`},
		{value.Str(strings.Repeat("é", 2048)), `"` + strings.Repeat("é", 2048) + `"`},
		{value.Str(strings.Repeat("\xff", 4097)), `{"$str":{"len":4097,"sha256":"` + hexSum(strings.Repeat("\xff", 4097)) + `"}}`},
		{value.Str2("é"), `"é"`},
		{value.Str2(strings.Repeat("\xff", 4097)), `{"$str":{"len":4097,"sha256":"` + hexSum(strings.Repeat("\xff", 4097)) + `"}}`},
		{value.Bytes(""), `{"$bytes":""}`},
		{&value.ByteArray{Data: value.Str2("a")}, `{"$bytearray":"YQ=="}`},
		{&value.ByteArray{Data: value.Bytes(strings.Repeat("a", 257))}, `{"$bytearray":{"len":257,"sha256":"` + hexSum(strings.Repeat("a", 257)) + `"}}`},
		{&value.ByteArray{}, `{"$bytearray":null}`},
		{value.Size{}, `{"$size":[]}`},
		{make(value.Size, 1001), `{"$size":{"len":1001,"sha256":"` + hexSum("["+strings.Repeat("0,", 1000)+"0]") + `"}}`},
		{value.DType(255), `{"$dtype":"invalid"}`},
		{global("", ""), `{"$global":"."}`},
		{global("a.b", "c"), `{"$global":"a.b.c"}`},
		{global("a", "b.c"), `{"$global":["a","b.c"]}`},
		{global("m", "\xff"), `{"$global":{"$wtf8":"bS7/"}}`},
		{&value.NumpyDType{}, `{"$numpy":{"dtype":""}}`},
		{&value.NumpyDType{Spec: "f8", Order: '='}, `{"$numpy":{"dtype":"f8"}}`},
		{&value.Storage{Key: "k", DType: tensor.BFloat16, Bytes: 8}, `{"$storage":{"key":"k","dtype":"bfloat16","bytes":8}}`},
		{&value.Scalar{}, `{"$numpy":{"dtype":"","value":null}}`},
	}
	for _, tt := range tests {
		if got := encode(t, Plain, tt.v); got != tt.want {
			t.Errorf("%#v\n got %.300s\nwant %.300s", tt.v, got, tt.want)
		}
	}
}

func TestScalars(t *testing.T) {
	tests := []struct {
		spec  string
		order byte
		plain tensor.DType
		data  string
		want  string
	}{
		{"b1", '|', tensor.Bool, "\x00", `false`},
		{"b1", '|', tensor.Bool, "\x02", `{"$bytes":"Ag=="}`},
		{"i1", '|', tensor.Int8, "\xff", `-1`},
		{"u1", '|', tensor.Uint8, "\xff", `255`},
		{"i2", '<', tensor.Int16, "\xfe\xff", `-2`},
		{"i4", '>', tensor.Int32, "\x00\x00\x01\x00", `256`},
		{"i8", '<', tensor.Int64, "\x00\x00\x00\x00\x00\x00\x00\x80", `{"$int":"-9223372036854775808"}`},
		{"u8", '<', tensor.Uint64, "\xff\xff\xff\xff\xff\xff\xff\xff", `{"$int":"18446744073709551615"}`},
		{"f2", '<', tensor.Float16, "\x00\x3c", `1.0`},
		{"f2", '<', tensor.Float16, "\x01\x80", `-5.9604645e-08`},
		{"f2", '<', tensor.Float16, "\x66\x2e", `0.099975586`},
		{"f2", '<', tensor.Float16, "\xff\x7b", `65504.0`},
		{"f2", '<', tensor.Float16, "\x00\xfc", `{"$float":"-inf"}`},
		{"f2", '<', tensor.Float16, "\x00\x7e", `{"$float":"nan"}`},
		{"f2", '<', tensor.Float16, "\x01\x7e", `{"$float":"nan:7e01"}`},
		{"f4", '>', tensor.Float32, "\x3d\xcc\xcc\xcd", `0.1`},
		{"f4", '<', tensor.Float32, "\x01\x00\x80\x7f", `{"$float":"nan:7f800001"}`},
		{"f4", '<', tensor.Float32, "\x00\x00\xc0\x7f", `{"$float":"nan"}`},
		{"f8", '<', tensor.Float64, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", `0.1`},
		{"f8", '<', tensor.Float64, "\x9a", `{"$bytes":"mg=="}`},
		{"c8", '>', tensor.Complex64, "\x3f\x80\x00\x00\x40\x00\x00\x00", `{"$complex":[1.0,2.0]}`},
		{"c16", '<', tensor.Complex128, strings.Repeat("\x00", 14) + "\xf8\x7f", `{"$complex":[0.0,{"$float":"nan"}]}`},
		{"bfloat16", '=', tensor.BFloat16, "\x80\x3f", `{"$bytes":"gD8="}`},
		{"V1", '|', tensor.Invalid, "\x01", `{"$bytes":"AQ=="}`},
		{"?", '=', tensor.DType(200), "\x01", `{"$bytes":"AQ=="}`},
	}
	for _, tt := range tests {
		s := scalarOf(tt.spec, tt.order, tt.plain, tt.data)
		want := `{"$numpy":{"dtype":"` + spec(s.DType) + `","value":` + tt.want + `}}`
		if got := encode(t, Plain, s); got != want {
			t.Errorf("%s %q\n got %s\nwant %s", tt.spec, tt.data, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	long := strings.Repeat("k", 4097)
	tests := []struct {
		key  value.Value
		want string
	}{
		{value.Str(""), `{"":1}`},
		{value.Str("a$"), `{"a$":1}`},
		{value.Str("$"), `{"$dict":[["$",1]]}`},
		{value.Str2("é"), `{"é":1}`},
		{value.Str2("\xe9"), `{"$dict":[[{"$latin1":"é"},1]]}`},
		{value.Str("\xed\xb0\x80"), `{"$dict":[[{"$wtf8":"7bCA"},1]]}`},
		{value.Str(long[1:]), `{"` + long[1:] + `":1}`},
		{value.Str(long), `{"$dict":[[{"$str":{"len":4097,"sha256":"` + hexSum(long) + `"}},1]]}`},
		{value.None{}, `{"$dict":[[null,1]]}`},
		{value.Float(0.5), `{"$dict":[[0.5,1]]}`},
		{&value.Object{Callee: global("m", "C")}, `{"$dict":[[{"$object":"m.C"},1]]}`},
	}
	for _, tt := range tests {
		if got := encode(t, Plain, dict(tt.key, 1)); got != tt.want {
			t.Errorf("%#v\n got %.300s\nwant %.300s", tt.key, got, tt.want)
		}
	}
	if got := encode(t, Plain, dict()); got != `{}` {
		t.Errorf("empty dict: %s", got)
	}
}

func TestSecrets(t *testing.T) {
	secrets := []value.Value{
		value.Str("password"), value.Str("DB_PASSWORD"), value.Str("Passwd"), value.Str2("client_secret"),
		value.Str("wandb_api_key"), value.Str("access_token"), value.Str("use_auth_token"), value.Str("HF_TOKEN"),
		value.Bytes("private_key"), value.Str("é.secret"), value.Str2("\xe9secret"), value.Str("\xed\xb0\x80secret"),
		value.Str("$secret"), value.Str(strings.Repeat("k", 5000) + "_secret"),
	}
	for _, k := range secrets {
		for _, v := range []value.Value{value.Str("hunter2"), list(value.Str("hunter2")), dict("hunter2", 1), value.Bytes("hunter2")} {
			got := encode(t, All, dict("x", dict(k, v)))
			if !strings.Contains(got, `{"$redacted":true}`) || strings.Contains(got, "hunter2") || strings.Contains(got, "aHVudGVyMg") {
				t.Errorf("%#v: %.300s", k, got)
			}
		}
	}
	for _, k := range []value.Value{value.Str("passwords"), value.Str("token"), value.Str("pad_token"), value.Str("assword"),
		value.Str("secretary"), value.Int(1), tuple(value.Str("secret")), value.Str("pass@ord")} {
		if got := encode(t, All, dict(k, "shown")); strings.Contains(got, "redacted") || !strings.Contains(got, "shown") {
			t.Errorf("%#v: %s", k, got)
		}
	}
	if !equalLower("AZ", "az") || equalLower("[@", "{`") {
		t.Error("letters of other case, and no others, are equal")
	}
	o := &value.Object{Callee: global("m", "C"), KW: dict("password", "hunter2"), Pairs: dict("api_key", "hunter2"),
		State: tuple(dict("secret", "hunter2"), dict("auth_token", "hunter2"))}
	if got := encode(t, All, o); strings.Contains(got, "hunter2") || strings.Count(got, `{"$redacted":true}`) != 4 {
		t.Errorf("object: %s", got)
	}
}

// TestReferences: what holds values is written once, wherever it stands.
func TestReferences(t *testing.T) {
	o := &value.Object{Callee: global("m", "C"), State: dict("a~", 1)}
	shared := tuple(value.Int(1))
	objects := &value.Tensor{Objects: []value.Value{shared}, Geometry: tensor.Geometry{Shape: []int64{1}}}
	self := &value.Object{Callee: global("m", "C")}
	self.State = dict("me", self)
	key := dict(tuple(shared), 1)
	secret := list(value.Int(1))
	tests := []struct {
		name string
		mode Mode
		v    value.Value
		want string
	}{
		{"object, plain", Plain, list(o, o), `[{"$object":"m.C"},{"$object":"m.C"}]`},
		{"object, all", All, list(o, o), `[{"$object":{"class":"m.C","state":{"a~":1}}},{"$ref":"#/0"}]`},
		{"its state", All, dict("", o, "x/", o.State), `{"":{"$object":{"class":"m.C","state":{"a~":1}}},"x/":{"$ref":"#//$object/state"}}`},
		{"its cycle", All, self, `{"$object":{"class":"m.C","state":{"me":{"$ref":"#"}}}}`},
		{"array", Plain, list(objects, objects, shared),
			`[{"$tensor":{"dtype":"object","shape":[1],"items":[{"$tuple":[1]}]}},{"$ref":"#/0"},{"$ref":"#/0/$tensor/items/0"}]`},
		{"key", Plain, list(key, shared), `[{"$dict":[[{"$tuple":[{"$tuple":[1]}]},1]]},{"$ref":"#/0/$dict/0/0/$tuple/0"}]`},
		{"slash and tilde", Plain, dict("a~/b", shared, "c", shared), `{"a~/b":{"$tuple":[1]},"c":{"$ref":"#/a~0~1b"}}`},
		{"not a redacted one", Plain, dict("secret", secret, "x", secret), `{"secret":{"$redacted":true},"x":[1]}`},
		{"tensors", Plain, list(tensorMeta, tensorMeta), `[{"$tensor":{"dtype":"float32","shape":[1],"reason":"meta"}},{"$tensor":{"dtype":"float32","shape":[1],"reason":"meta"}}]`},
	}
	for _, tt := range tests {
		if got := encode(t, tt.mode, tt.v); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestStreams(t *testing.T) {
	shared := list()
	for _, tt := range []struct {
		roots []value.Value
		want  string
	}{
		{nil, `[]`},
		{[]value.Value{value.Int(1)}, `1`},
		{[]value.Value{value.Int(1), shared, dict("a", shared)}, `[1,[],{"a":{"$ref":"#/1"}}]`},
	} {
		if got := encode(t, Plain, tt.roots...); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// TestLongCollections: 1000 constants are written out, more are not, and
// nothing that holds values is hidden in a digest.
func TestLongCollections(t *testing.T) {
	repeat := func(n int, v value.Value) []value.Value {
		out := make([]value.Value, n)
		for i := range out {
			out[i] = v
		}
		return out
	}
	for _, v := range []value.Value{list(), tuple(), set(true), dict(), tensorMeta, &value.Object{Callee: global("m", "C")}} {
		if got := encode(t, Plain, list(append(repeat(1000, value.Int(7)), v)...)); !strings.HasPrefix(got, "[7,7,") {
			t.Errorf("a list with %#v: %.100s", v, got)
		}
	}
	if got := encode(t, Plain, list(repeat(1000, value.Int(7))...)); got != "["+strings.Repeat("7,", 999)+"7]" {
		t.Errorf("1000 items: %.100s", got)
	}
	long := append(repeat(20000, value.Float(0.5)), scalarOf("f8", '<', tensor.Float64, strings.Repeat("\x00", 8)))
	sum := hexSum("[" + strings.Repeat("0.5,", 20000) + `{"$numpy":{"dtype":"<f8","value":0.0}}]`)
	for tag, v := range map[string]value.Value{"$list": list(long...), "$tuple": tuple(long...)} {
		want := `{"` + tag + `":{"len":20001,"sha256":"` + sum + `"}}`
		if got := encode(t, Plain, v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestSets: the order is that of the items, not of the file.
func TestSets(t *testing.T) {
	up, down := set(false), set(false)
	for i := range 1500 {
		up.Items.Set(value.Int(i), value.None{})
		down.Items.Set(value.Int(1499-i), value.None{})
	}
	a, b := encode(t, Plain, up), encode(t, Plain, down)
	if a != b || !strings.HasPrefix(a, `{"$set":{"len":1500,"sha256":"`) {
		t.Errorf("%s and %s", a, b)
	}
	mixed := set(true, value.Int(2), tuple(), value.Int(1))
	if got, want := encode(t, Plain, mixed), `{"$frozenset":[2,{"$tuple":[]},1]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := encode(t, Plain, &value.Set{}), `{"$set":[]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTensorsAlone(t *testing.T) {
	objects := &value.Tensor{Objects: []value.Value{}}
	for _, tt := range []struct {
		mode Mode
		d    *value.Dict
		want string
	}{
		{Plain, dict("a", tensorMeta, 2, tensorMeta), `{"$tensors":2}`},
		{Plain, dict("a", tensorMeta, "b", 1), `{"a":{"$tensor":{"dtype":"float32","shape":[1],"reason":"meta"}},"b":1}`},
		{Plain, dict("a", objects), `{"a":{"$tensor":{"dtype":"object","shape":[],"items":[]}}}`},
		{All, dict("a", tensorMeta), `{"a":{"$tensor":{"dtype":"float32","shape":[1],"reason":"meta"}}}`},
		{All, dict("a", &value.Tensor{Numpy: true}), `{"a":{"$tensor":{"dtype":"unknown","shape":[],"numpy":true}}}`},
	} {
		if got := encode(t, tt.mode, tt.d); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestDevice(t *testing.T) {
	device := func(args ...value.Value) *value.Object {
		return &value.Object{Callee: global("torch", "device"), Args: args}
	}
	named := device(value.Str("cpu"))
	named.KW = dict("index", 1)
	made := device(value.Str("cpu"))
	made.New = true
	tests := []struct {
		o    *value.Object
		want string
	}{
		{device(value.Str("cpu")), `{"$device":"cpu"}`},
		{device(value.Str2("xpu"), value.Int(-1)), `{"$device":"xpu:-1"}`},
		{device(value.Int(0)), `{"$object":"torch.device"}`},
		{device(value.Str("cuda"), value.Str("0")), `{"$object":"torch.device"}`},
		{device(), `{"$object":"torch.device"}`},
		{named, `{"$object":"torch.device"}`},
		{made, `{"$object":"torch.device"}`},
		{&value.Object{Callee: global("m", "f"), Args: []value.Value{value.Str("cpu")}}, `{"$object":"m.f"}`},
		{&value.Object{Callee: &value.Object{Callee: global("m", "f")}}, `{"$object":{"$object":"m.f"}}`},
		{&value.Object{Callee: value.Size{1}}, `{"$object":{"$size":[1]}}`},
		{&value.Object{}, `{"$object":null}`},
	}
	for _, tt := range tests {
		if got := encode(t, Plain, tt.o); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
