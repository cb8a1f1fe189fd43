package tensor

import "testing"

// TestTable states each dtype once more, from c10/core/ScalarType.h and
// safetensors/src/tensor.rs.
func TestTable(t *testing.T) {
	for _, c := range []struct {
		name       string
		size, swap int64
		st         string
		storage    string
	}{
		{"bool", 1, 1, "BOOL", "BoolStorage"}, {"uint8", 1, 1, "U8", "ByteStorage"}, {"int8", 1, 1, "I8", "CharStorage"},
		{"int16", 2, 2, "I16", "ShortStorage"}, {"int32", 4, 4, "I32", "IntStorage"}, {"int64", 8, 8, "I64", "LongStorage"},
		{"uint16", 2, 2, "U16", ""}, {"uint32", 4, 4, "U32", ""}, {"uint64", 8, 8, "U64", ""},
		{"float16", 2, 2, "F16", "HalfStorage"}, {"bfloat16", 2, 2, "BF16", "BFloat16Storage"}, {"float32", 4, 4, "F32", "FloatStorage"}, {"float64", 8, 8, "F64", "DoubleStorage"},
		{"complex32", 4, 2, "", ""}, {"bcomplex32", 4, 2, "", ""}, {"complex64", 8, 4, "C64", "ComplexFloatStorage"}, {"complex128", 16, 8, "", "ComplexDoubleStorage"},
		{"float8_e5m2", 1, 1, "F8_E5M2", ""}, {"float8_e4m3fn", 1, 1, "F8_E4M3", ""}, {"float8_e5m2fnuz", 1, 1, "F8_E5M2FNUZ", ""},
		{"float8_e4m3fnuz", 1, 1, "F8_E4M3FNUZ", ""}, {"float8_e8m0fnu", 1, 1, "F8_E8M0", ""}, {"float4_e2m1fn_x2", 1, 1, "F4", ""},
		{"bits8", 1, 1, "", ""}, {"bits16", 2, 2, "", ""}, {"bits1x8", 1, 1, "", ""}, {"bits2x4", 1, 1, "", ""}, {"bits4x2", 1, 1, "", ""},
		{"qint8", 1, 1, "", "QInt8Storage"}, {"quint8", 1, 1, "", "QUInt8Storage"}, {"qint32", 4, 4, "", "QInt32Storage"},
		{"quint4x2", 1, 1, "", "QUInt4x2Storage"}, {"quint2x4", 1, 1, "", "QUInt2x4Storage"},
	} {
		d, ok := ByName(c.name)
		if !ok || d.String() != c.name || d.Size() != c.size || d.SwapUnit() != c.swap {
			t.Errorf("%s: %v, %v, %d bytes, swapped by %d", c.name, d, ok, d.Size(), d.SwapUnit())
		}
		if st, ok := d.SafeTensors(); st != c.st || ok != (c.st != "") {
			t.Errorf("%s: SafeTensors %q, %v", c.name, st, ok)
		}
		if d.IsComplex() != (c.swap < c.size && c.size > 1) {
			t.Errorf("%s: complex %v", c.name, d.IsComplex())
		}
		if c.storage != "" {
			if got, untyped, ok := ByStorage(c.storage); got != d || untyped || !ok {
				t.Errorf("%s: %v, %v, %v", c.storage, got, untyped, ok)
			}
		}
	}
}

func TestAliases(t *testing.T) {
	for alias, name := range map[string]string{
		"half": "float16", "float": "float32", "double": "float64", "short": "int16", "int": "int32", "long": "int64",
		"cfloat": "complex64", "cdouble": "complex128", "chalf": "complex32",
	} {
		if d, ok := ByName(alias); !ok || d.String() != name {
			t.Errorf("%s is %v", alias, d)
		}
	}
}

func TestUnknown(t *testing.T) {
	for _, name := range []string{"", "invalid", "Float32", "float128", "float32 ", "torch.float32", "uint1"} {
		if d, ok := ByName(name); ok || d != Invalid {
			t.Errorf("ByName(%q) = %v", name, d)
		}
	}
	for _, class := range []string{"", "Storage", "float32Storage", "FloatStorage2", "TypedStorage", "InvalidStorage", "Float"} {
		if d, _, ok := ByStorage(class); ok || d != Invalid {
			t.Errorf("ByStorage(%q) = %v", class, d)
		}
	}
	if d, untyped, ok := ByStorage("UntypedStorage"); d != Uint8 || !untyped || !ok {
		t.Errorf("UntypedStorage is %v, %v, %v", d, untyped, ok)
	}
	for _, d := range []DType{Invalid, numDTypes, 255} {
		if st, ok := d.SafeTensors(); d.String() != "invalid" || d.Size() != 0 || d.SwapUnit() != 0 || st != "" || ok || d.IsComplex() {
			t.Errorf("%d is something", d)
		}
	}
}
