package scan_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"depickle/scan"
)

// TestHidden: a dangerous pickle in bytes or text of another one is found,
// however it is wrapped; what is harmless or no pickle is left alone.
func TestHidden(t *testing.T) {
	evil := proto2(call(global("os", "system"), str("id")))
	old := "cos\nsystem\n(S'id'\ntR."
	good := proto2(call(global("collections", "OrderedDict")))
	in := func(text string) string { return proto2(str(text)) }
	for _, c := range []struct {
		name, pickle string
		bad          bool
	}{
		{"bytes", proto2(raw(evil)), true},
		{"bytes of protocol 0", proto2(raw(old)), true},
		{"in bytes of bytes", proto2(raw(proto2(raw(evil)))), true},
		{"base64", in(base64.StdEncoding.EncodeToString([]byte(evil))), true},
		{"base64 for URLs, without padding", in(base64.RawURLEncoding.EncodeToString([]byte(evil + strings.Repeat("\xff\xfe", 9)))), true},
		{"base64 of protocol 0", in(base64.StdEncoding.EncodeToString([]byte(old))), true},
		{"base64 in lines", in("gAJj\n" + base64.StdEncoding.EncodeToString([]byte(evil))[4:]), true},
		{"hex", in(hex.EncodeToString([]byte(evil))), true},
		{"a harmless one", proto2(raw(good)), false},
		{"a harmless one in base64", in(base64.StdEncoding.EncodeToString([]byte(good))), false},
		{"text about it", in("cos\nsystem is what a pickle may call"), false},
		{"noise", proto2(raw("\x80\x02cos\nsyst" + strings.Repeat("\x00", 40))), false},
	} {
		r := judge(t, []byte(c.pickle))
		f := has(r, "pickle-hidden")
		if (f != nil) != c.bad || (r.Severity == scan.Dangerous) != c.bad || !r.Complete || f != nil && (f.Global != "os.system" || !strings.Contains(f.Message, "calls os.system('id')")) {
			t.Errorf("%s: %s, complete %v: %+v", c.name, r.Severity, r.Complete, r.Findings)
		}
	}
}
