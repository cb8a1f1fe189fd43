package tensor

import "testing"

func TestByNumpy(t *testing.T) {
	for _, c := range []struct {
		spec   string
		d      DType
		order  byte
		reason string
	}{
		{"f4", Float32, '=', ""},
		{"<f4", Float32, '<', ""},
		{">i8", Int64, '>', ""},
		{"|b1", Bool, '|', ""},
		{"?", Bool, '=', ""},
		{"bool", Bool, '=', ""},
		{"bool_", Bool, '=', ""},
		{"u1", Uint8, '=', ""},
		{"c16", Complex128, '=', ""},
		{"float64", Float64, '=', ""},
		{"f2", Float16, '=', ""},
		// numpy's float is no torch.float, and what is no number is told apart.
		{"float", Invalid, '=', `numpy dtype "float"`},
		{"long", Invalid, '=', `numpy dtype "long"`},
		{"bfloat16", Invalid, '=', `numpy dtype "bfloat16"`},
		{"f16", Invalid, '=', `numpy dtype "f16"`},
		{"f3", Invalid, '=', `numpy dtype "f3"`},
		{"b8", Invalid, '=', `numpy dtype "b8"`},
		{"f99999999999999999999", Invalid, '=', `numpy dtype "f99999999999999999999"`},
		{"", Invalid, '=', "an array of an unknown type"},
		{"<", Invalid, '<', "an array of an unknown type"},
		{"O", Invalid, '=', "an array of Python objects"},
		{"U10", Invalid, '=', "numpy dtype U10, an array of strings"},
		{"S\x1b[2J", Invalid, '=', `numpy dtype "S\x1b[2J", an array of strings`},
		{"M8[ns]", Invalid, '=', `numpy dtype "M8[ns]", an array of dates or times`},
		{"V16", Invalid, '=', "numpy dtype V16, a structured array"},
	} {
		d, order, reason := ByNumpy(c.spec)
		if d != c.d || order != c.order || reason != c.reason {
			t.Errorf("%q: %s, %q, %q; want %s, %q, %q", c.spec, d, order, reason, c.d, c.order, c.reason)
		}
	}
}
