package scan_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

var float4 = strings.Repeat("\x00\x00\x80\x3f", 4)

// legacyTensor is a pickle of a vector of a legacy storage, whose persistent
// id has a sixth item.
func legacyTensor(key string, view string) string {
	st := tuple(str("storage"), global("torch", "FloatStorage"), str(key), str("cpu"), num(4), view) + "Q"
	return call(global("torch._utils", "_rebuild_tensor_v2"), st, num(0), tuple(num(2)), tuple(num(1)), "\x89", call(global("collections", "OrderedDict")))
}

func TestLegacy(t *testing.T) {
	good := proto2(legacyTensor("7", "N"))
	for _, c := range []struct {
		name     string
		file     []byte
		findings []string
	}{
		{"clean", legacy(good, keyList("7"), elements(4, float4)), nil},
		{"no tensors", legacy(proto2("}"), keyList(), ""), nil},
		{"a view", legacy(proto2(legacyTensor("7", tuple(str("v"), num(2), num(2)))), keyList("7"), elements(4, float4)), nil},
		{"a view that leaves its storage", legacy(proto2(legacyTensor("7", tuple(str("v"), num(3), num(2)))), keyList("7"), elements(4, float4)),
			[]string{"dangerous storage-mismatch @132"}},
		{"a tensor that leaves its view", legacy(proto2(legacyTensor("7", tuple(str("v"), num(3), num(1)))), keyList("7"), elements(4, float4)),
			[]string{"dangerous tensor-geometry @182"}},
		{"a view that is two", legacy(proto2(tuple(legacyTensor("7", tuple(str("v"), num(2), num(2))), legacyTensor("7", tuple(str("v"), num(0), num(2))))),
			keyList("7"), elements(4, float4)), []string{"dangerous storage-mismatch @289"}},
		{"malicious magic", append([]byte("c__builtin__\neval\n(S'0x1950a86a20f9469cfc6c'\ntR."), legacy(good, keyList("7"), elements(4, float4))...),
			[]string{"inconclusive bytes-unaccounted @227", "dangerous global-dangerous @46", "inconclusive storage-missing @163"}},
		{"malicious protocol", []byte(magic + "cos\nsystem\n." + proto2("}") + good + keyList("7") + elements(4, float4)),
			[]string{"dangerous global-dangerous @15"}},
		{"malicious keys", legacy(good, proto2(global("os", "system")+"0]("+str("7")+"e"), elements(4, float4)),
			[]string{"dangerous global-dangerous @169"}},
		{"keys of another list", legacy(good, proto2("]("+str("7")+"e0](e"), elements(4, float4)), []string{"dangerous storage-mismatch @182"}},
		{"keys of two lists", legacy(good, proto2("]("+str("7")+"e]("+str("8")+"e\x86"), elements(4, float4)), []string{"dangerous storage-mismatch @188"}},
		{"keys of numbers", legacy(good, proto2("]K\x07a"), elements(4, float4)), nil},
		{"a key that no pickle declares", legacy(good, keyList("7", "8"), elements(4, float4)+elements(4, float4)), []string{"inconclusive storage-missing @184"}},
		{"a declared key that is missing", legacy(good, keyList(), ""), []string{"inconclusive storage-missing @172"}},
		{"another count", legacy(good, keyList("7"), elements(5, float4+"1234")), []string{"dangerous storage-mismatch @178"}},
		{"truncated storage", legacy(good, keyList("7"), elements(4, float4[:8])), []string{"inconclusive storage-missing @178"}},
		{"trailing bytes", legacy(good, keyList("7"), elements(4, float4)+"more"), []string{"inconclusive bytes-unaccounted @203"}},
		{"truncated pickles", []byte(magic + proto2("M\xe9\x03") + proto2("}") + good[:len(good)-1]), []string{"inconclusive malformed @166"}},

		// ("module", class, file, source) is a class, and judged as one.
		{"a module", legacy(proto2(tuple(str("module"), global("torch.nn.modules.linear", "Linear"), str("f"), str("class"))+"Q)\x81}b"), keyList(), ""), nil},
		{"a module of a class unknown", legacy(proto2(tuple(str("module"), global("m", "Net"), str("f"), str("class"))+"Q)\x81"), keyList(), ""),
			[]string{"suspicious global-unknown @39"}},
		{"a module that allocates", legacy(proto2(tuple(str("module"), global("__builtin__", "bytearray"), str("f"), str("s"))+"Q"+tuple(big(1<<40))+"R"), keyList(), ""),
			[]string{"dangerous argument-rule @94"}},
		{"a module that loads", legacy(proto2(tuple(str("module"), global("torch.storage", "_load_from_bytes"), str("f"), str("s"))+"Q"+tuple(raw("cos\nsystem\n."))+"R"), keyList(), ""),
			[]string{"dangerous pickle-hidden @86", "suspicious argument-form @104", "dangerous global-dangerous @91", "dangerous argument-rule @39"}},
		{"a module with state", legacy(proto2(tuple(str("module"), global("collections", "OrderedDict"), str("f"), str("s"))+"Q}b"), keyList(), ""),
			[]string{"dangerous build-on-global @79"}},
		{"a storage is called", legacy(proto2(legacyTensor("7", "N")+"0"+tuple(str("storage"), global("torch", "FloatStorage"), str("7"), str("cpu"), num(4), "N")+"Q)R"), keyList("7"), elements(4, float4)),
			[]string{"suspicious call-of-result @223"}},
		{"a storage is built", legacy(proto2(tuple(str("storage"), global("torch", "FloatStorage"), str("7"), str("cpu"), num(4), "N")+"Q}b"), keyList("7"), elements(4, float4)),
			[]string{"dangerous build-on-storage @83"}},
		{"a storage is a list", legacy(proto2(tuple(str("storage"), global("torch", "FloatStorage"), str("7"), str("cpu"), num(4), "N")+"QNa"), keyList("7"), elements(4, float4)),
			[]string{"dangerous store-wrong-kind @83"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, c.file)
			if c.findings == nil {
				c.findings = []string{}
			}
			if got := found(r); !reflect.DeepEqual(got, c.findings) {
				t.Errorf("got %q, want %q", got, c.findings)
			}
			for _, f := range r.Findings {
				t.Logf("%s %s: %s", f.ID, f.Global, f.Message)
			}
			verdict(t, r)
		})
	}
}

func TestZip(t *testing.T) {
	data := member{"a/data/0", strings.Repeat("\x00", 16)}
	good := member{"a/data.pkl", proto2(tensor("0", 4))}
	evil := proto2(call(global("os", "system"), str("id")))
	for _, c := range []struct {
		name     string
		members  []member
		severity scan.Severity
		complete bool
		id       string
		member   string
	}{
		{"clean", []member{good, data}, scan.Clean, true, "", ""},
		{"malicious", []member{{"a/data.pkl", evil}, data}, scan.Dangerous, true, "global-dangerous", "a/data.pkl"},
		{"duplicate", []member{{"a/data.pkl", evil}, good, data}, scan.Dangerous, true, "zip-duplicate", "a/data.pkl"},
		{"duplicate behind", []member{good, {"a/data.pkl", evil}, data}, scan.Dangerous, true, "global-dangerous", "a/data.pkl"},
		{"harmless duplicate", []member{good, good, data}, scan.Dangerous, true, "zip-duplicate", "a/data.pkl"},
		{"case twin", []member{good, {"a/DATA.PKL", evil}, data}, scan.Dangerous, true, "zip-case-twin", "a/DATA.PKL"},
		{"upper case", []member{{"a/DATA.PKL", evil}, data}, scan.Dangerous, true, "global-dangerous", "a/DATA.PKL"},
		{"another pickle", []member{good, data, {"a/extra.pkl", evil}}, scan.Dangerous, true, "global-dangerous", "a/extra.pkl"},
		{"another pickle by content", []member{good, data, {"a/notes.txt", evil}}, scan.Dangerous, true, "global-dangerous", "a/notes.txt"},
		{"a broken pickle beside", []member{good, data, {"a/extra.pkl", "\x80\x02\xff"}}, scan.Clean, false, "malformed", "a/extra.pkl"},
		{"bytes behind STOP", []member{{"a/data.pkl", good.data + "more"}, data}, scan.Clean, false, "bytes-unaccounted", ""},
		{"missing storage", []member{good}, scan.Clean, false, "storage-missing", "a/data.pkl"},
		{"short storage", []member{good, {"a/data/0", "1234"}}, scan.Dangerous, true, "storage-mismatch", "a/data.pkl"},
		{"long storage", []member{good, {"a/data/0", strings.Repeat("\x00", 20)}}, scan.Dangerous, true, "storage-mismatch", "a/data.pkl"},
		{"byte order", []member{good, data, {"a/byteorder", "middle"}}, scan.Clean, false, "zip-byteorder", "a/byteorder"},
		{"no data.pkl", []member{{"model.json", "{}"}, {"weights.pth", evil}}, scan.Dangerous, true, "global-dangerous", "weights.pth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, archive(t, c.members...))
			f := has(r, c.id)
			if r.Severity != c.severity || r.Complete != c.complete || (c.id == "") != (f == nil) {
				t.Errorf("%s %v, complete %v", r.Severity, found(r), r.Complete)
			} else if f != nil && f.Member != c.member {
				t.Errorf("in member %q, want %q", f.Member, c.member)
			}
			verdict(t, r)
		})
	}
}

// Archives whose parts disagree. torch reads them all.
func TestZipPatched(t *testing.T) {
	good := archive(t, member{"a/data.pkl", proto2(tensor("0", 4))}, member{"a/data/0", strings.Repeat("\x00", 16)})
	central := bytes.LastIndex(good, []byte("PK\x01\x02")) // of a/data/0
	patch := func(at int, b ...byte) []byte {
		p := bytes.Clone(good)
		copy(p[at:], b)
		return p
	}
	for _, c := range []struct {
		name     string
		file     []byte
		severity scan.Severity
		complete bool
		id       string
	}{
		{"as written", good, scan.Clean, true, ""},
		{"another local name", patch(30, 'b'), scan.Suspicious, true, "zip-header-mismatch"},
		{"an unknown method", patch(central+10, 99), scan.Suspicious, false, "zip-method"},
		{"an encrypted storage", patch(central+8, 1), scan.Suspicious, false, "zip-encrypted"},
		{"a local header that is none", patch(0, 'P', 'K', 3, 4, 0, 0, 0, 0, 99), scan.Suspicious, true, "zip-header-mismatch"},
		{"a member on another", patch(central+42, 0, 0, 0, 0), scan.Dangerous, false, "zip-overlap"},
		{"a second end record", append(bytes.Clone(good), good[len(good)-22:]...), scan.Suspicious, false, "zip-two-directories"},
		{"a comment that is cut off", patch(len(good)-2, 9), scan.Suspicious, true, "zip-comment"},
		{"bytes behind the end", append(bytes.Clone(good), "more"...), scan.Clean, false, "bytes-unaccounted"},
		{"truncated", good[:len(good)-30], scan.Clean, false, "not-a-checkpoint"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, c.file)
			if r.Severity != c.severity || r.Complete != c.complete || (c.id != "" && has(r, c.id) == nil) {
				t.Errorf("%s %v, complete %v", r.Severity, found(r), r.Complete)
				for _, f := range r.Findings {
					t.Logf("%s %s: %s", f.ID, f.Member, f.Message)
				}
			}
			verdict(t, r)
		})
	}
}

// A pickled storage is a torch file inside of the pickle.
func TestNested(t *testing.T) {
	st := proto2(tuple(str("storage"), global("torch", "FloatStorage"), str("0"), str("cpu"), num(4), "N") + "Q")
	inner := string(legacy(st, keyList("0"), elements(4, float4)))
	load := global("torch.storage", "_load_from_bytes")
	evil := string(legacy(proto2(call(global("os", "system"), str("id"))), keyList(), ""))
	chain := inner
	for range 6 {
		chain = string(legacy(proto2(call(load, raw(chain))), keyList(), ""))
	}
	around := func(s string) string {
		return call(global("torch._utils", "_rebuild_tensor_v2"), s, num(0), tuple(num(4)), tuple(num(1)), "\x89", call(global("collections", "OrderedDict")))
	}
	var quoted strings.Builder
	for _, c := range []byte(inner) {
		quoted.WriteString(`\x` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
	}
	latin1 := func(s string) string {
		runes := make([]rune, len(s))
		for i := range len(s) {
			runes[i] = rune(s[i])
		}
		return call(global("_codecs", "encode"), str(string(runes)), str("latin1"))
	}
	for _, c := range []struct {
		name     string
		pickle   string
		severity scan.Severity
		complete bool
		id       string
	}{
		{"tensor", around(call(load, raw(inner))), scan.Clean, true, ""},
		{"as protocol 2 spells it", around(call(load, latin1(inner))), scan.Clean, true, ""},
		{"as Python 2 spells it", around(call(load, "T"+str(inner)[1:])), scan.Clean, true, ""},
		{"as protocol 0 spells it", around(call(load, "S'"+quoted.String()+"'\n")), scan.Clean, true, ""},
		{"a tensor that leaves the storage", strings.Replace(around(call(load, raw(inner))), tuple(num(4))+tuple(num(1)), tuple(num(5))+tuple(num(1)), 1), scan.Dangerous, true, "tensor-geometry"},
		{"a million times", around(call(load, raw(inner)+"q\x01")) + strings.Repeat("0"+load+"h\x01\x85R", 2000), scan.Clean, true, ""},
		{"malicious", call(load, raw(evil)), scan.Dangerous, true, "global-dangerous"},
		{"malicious, as protocol 2 spells it", call(load, latin1(evil)), scan.Dangerous, true, "global-dangerous"},
		{"a plain pickle", call(load, raw("\x80\x02N.")), scan.Suspicious, true, "argument-form"},
		{"two pickles", call(load, raw("\x80\x02N.\x80\x02N.")), scan.Suspicious, true, "argument-form"},
		{"nothing", call(load, raw("")), scan.Dangerous, true, "argument-rule"},
		{"no file of torch's", call(load, raw("hello, world")), scan.Dangerous, true, "argument-rule"},
		{"broken", call(load, raw(inner[:len(inner)-30])), scan.Clean, false, "malformed"},
		{"too deep", call(load, raw(chain)), scan.Clean, false, "limit"},
		{"named", load, scan.Dangerous, true, "argument-rule"},
		{"given to another", call(global("collections", "defaultdict"), load), scan.Dangerous, true, "argument-rule"},
		{"mapped", call(global("__builtin__", "map"), load, "]"+raw(inner)+"a"), scan.Dangerous, true, "argument-rule"},
		{"by NEWOBJ", load + tuple(raw(inner)) + "\x81", scan.Dangerous, true, "argument-rule"},
		{"by OBJ", "(" + load + raw(inner) + "o", scan.Dangerous, true, "argument-rule"},
		{"by INST", "(" + raw(inner) + "itorch.storage\n_load_from_bytes\n", scan.Dangerous, true, "argument-rule"},
		{"of computed bytes", call(load, call(global("m", "f"))), scan.Dangerous, true, "argument-rule"},
		{"of a bytearray", call(load, call(global("__builtin__", "bytearray"), raw(inner))), scan.Dangerous, true, "argument-rule"},
		{"with two arguments", call(load, raw(inner), raw(inner)), scan.Dangerous, true, "argument-rule"},
		{"fetched and kept", load + "q\x05" + tuple(raw(inner)) + "Rh\x05\x86", scan.Dangerous, true, "argument-rule"},
		{"fetched and called", load + "q\x05" + tuple(raw(inner)) + "Rh\x05" + tuple(raw(inner)) + "R\x86", scan.Clean, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, []byte(proto2(c.pickle)))
			if r.Severity != c.severity || r.Complete != c.complete || (c.id != "" && has(r, c.id) == nil) {
				t.Errorf("%s %v, complete %v", r.Severity, found(r), r.Complete)
				for _, f := range r.Findings {
					t.Logf("%s %s: %s", f.ID, f.Global, f.Message)
				}
			}
			verdict(t, r)
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	file := []byte(proto2("}"))
	src, err := container.Open(bytes.NewReader(file), int64(len(file)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r, c, err := scan.Scan(ctx, src, scan.Options{}); err != context.Canceled || r != nil || c != nil {
		t.Errorf("%v, %v, %v", r, c, err)
	}
	if new(scan.Clearance).Valid() || (*scan.Clearance)(nil).Valid() {
		t.Error("a clearance that no scan made is valid")
	}
}

// What torch and numpy write is clean, and hostile fixtures are not.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("../testdata/checkpoints/*")
	if err != nil || len(files) < 400 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	// Classes of the file's own, and what torch itself does not load as weights.
	suspicious := []string{"keys_class", "keys_object", "lightning", "module_gan", "module_main_class", "module_nested_class", "module_yolo", "namespace_with", "python2_classic", "python2_instance",
		"tensor_subclass", "unknown_", "optimizer_main", "module_attributes", "module_in_checkpoint", "trainer_tutorial", "root_ema", "module_containers",
		"module_shared", "module_tied", "paddle_", "module_transient", "nested.pt"}
	dangerous := []string{"geometry_", "hostile_", "zip_duplicate", "zip_case_twin", "zip_short_storage", "zip_long_storage"}
	incomplete := []string{"legacy_key_", "legacy_trailing", "legacy_truncated", "lfs_pointer", "not_a_pickle", "streams_trailing", "truncated", "zip_encrypted",
		"zip_missing_storage", "zip_truncated", "empty_file"}
	in := func(name string, list []string) bool {
		for _, p := range list {
			if strings.HasPrefix(strings.TrimPrefix(name, "t113_"), p) {
				return true
			}
		}
		return false
	}
	for _, path := range files {
		name := filepath.Base(path)
		if strings.HasSuffix(name, ".json") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r := judge(t, data)
		switch {
		case in(name, dangerous) != (r.Severity == scan.Dangerous), in(name, incomplete) == r.Complete,
			r.Severity == scan.Suspicious && !in(name, suspicious):
			t.Errorf("%s: %s, complete %v", name, r.Severity, r.Complete)
			for _, f := range r.Findings {
				t.Logf("%s %s: %s", f.Severity, f.ID, f.Message)
			}
		}
		verdict(t, r)
	}
}
