package sandboxload_test

import (
	"bytes"
	"context"
	"math/big"
	"strings"
	"testing"
	"time"

	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// load loads a plain pickle.
func load(t *testing.T, pickle string, o sandboxload.Options) (value.Value, error) {
	t.Helper()
	src, err := container.Open(strings.NewReader(pickle), int64(len(pickle)), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	c, err := sandboxload.Load(context.Background(), src, o)
	if err != nil {
		return nil, err
	}
	if len(c.Roots) != 1 {
		t.Fatalf("%d roots", len(c.Roots))
	}
	return c.Roots[0].Value, nil
}

func TestConstants(t *testing.T) {
	huge, _ := new(big.Int).SetString("18446744073709551616", 10)
	for pickle, want := range map[string]value.Value{
		"N.":                 value.None{},
		"\x88.":              value.Bool(true),
		"I01\n.":             value.Bool(true),
		"I1\n.":              value.Int(1),
		"J\xff\xff\xff\xff.": value.Int(-1),
		"\x8a\x00.":          value.Int(0),
		"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.":     value.Int(-1 << 63),
		"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.": value.Big{N: huge},
		"F1.5\n.":              value.Float(1.5),
		"V\\u20ac\n.":          value.Str("€"),
		"X\x02\x00\x00\x00ab.": value.Str("ab"),
		"S'a\\x41\\n'\n.":      value.Str2("aA\n"),
		"U\x01\xff.":           value.Str2("\xff"),
		"C\x02\x00\xff.":       value.Bytes("\x00\xff"),
		"(K\x01K\x02t.":        &value.Tuple{Items: []value.Value{value.Int(1), value.Int(2)}},
		"(K\x01K\x02l.":        &value.List{Items: []value.Value{value.Int(1), value.Int(2)}},
		"](K\x01K\x02e.":       &value.List{Items: []value.Value{value.Int(1), value.Int(2)}},
		"c_codecs\nencode\nX\x03\x00\x00\x00\xc3\xbfaX\x06\x00\x00\x00latin1\x86R.": value.Bytes("\xffa"),
		"c__builtin__\nbytes\n)R.":           value.Bytes(""),
		"ctorch\nSize\nK\x02K\x03\x86\x85R.": value.Size{2, 3},
		"ctorch\nfloat16\n.":                 value.DType(10),
	} {
		got, err := load(t, pickle, sandboxload.Options{})
		if err != nil {
			t.Errorf("%q: %v", pickle, err)
		} else if show(got) != show(want) {
			t.Errorf("%q is %s, want %s", pickle, show(got), show(want))
		}
	}
}

// TestKeys: keys compare as in Python; the last value wins, in the first
// one's position.
func TestKeys(t *testing.T) {
	for pickle, want := range map[string]string{
		"}(K\x01K\x02\x88K\x03u.":                                                          "{1: 3}",
		"}(K\x01K\x02G\x3f\xf0\x00\x00\x00\x00\x00\x00K\x04u.":                             "{1: 4}",
		"}(X\x01\x00\x00\x00aK\x01U\x01aK\x02u.":                                           "{'a': 2}",
		"}(K\x01K\x02\x86K\x01K\x01K\x02\x86K\x09u.":                                       "{(1, 2): 9}",
		"}(K\x01K\x01K\x02K\x02K\x01K\x03u.":                                               "{1: 3, 2: 2}",
		"}(C\x01aK\x01X\x01\x00\x00\x00aK\x02u.":                                           "{b'a': 1, 'a': 2}",
		"}(G\x7f\xf8\x00\x00\x00\x00\x00\x00K\x01G\x7f\xf8\x00\x00\x00\x00\x00\x00K\x02u.": "{nan: 1, nan: 2}",
		"ccollections\nOrderedDict\n(](](U\x01aK\x01eetR.":                                 "{'a': 1}",
		"(K\x01K\x02K\x01K\x03d.":                                                          "{1: 3}",
	} {
		got, err := load(t, pickle, sandboxload.Options{})
		if err != nil {
			t.Errorf("%q: %v", pickle, err)
		} else if show(got) != want {
			t.Errorf("%q is %s, want %s", pickle, show(got), want)
		}
	}
}

// TestRefused: each is turned away as what it is, soon, and never panics.
func TestRefused(t *testing.T) {
	tuples := func(n int) string { return "K\x01\x85" + strings.Repeat("2\x86", n) }
	for _, c := range []struct {
		name, pickle string
		kind         fault.Kind
	}{
		{"dangerous global", "cos\nsystem\nX\x02\x00\x00\x00id\x85R.", fault.Refused},
		{"renamed global", "cposix\nsystem\n.", fault.Refused},
		{"extension", "\x80\x02\x82\x01.", fault.Refused},
		{"computed name", "\x80\x04cfoo\nbar\n)R\x8c\x01a\x93.", fault.Refused},
		{"build on a class", "cfoo\nBar\n}X\x01\x00\x00\x00aK\x01sb.", fault.Refused},
		{"other codec", "c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00zlib\x86R.", fault.Refused},
		{"text beyond latin1", "c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x82\xacX\x06\x00\x00\x00latin1\x86R.", fault.Malformed},
		{"rebuild through a type", "ctorch._tensor\n_rebuild_from_type_v2\n(cfoo\nbar\ncfoo\nBaz\n)NtR.", fault.Refused},
		{"tensor of no storage", "ctorch._utils\n_rebuild_tensor\n(NK\x00))tR.", fault.Malformed},
		{"storage outside of torch", "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQ.", fault.Malformed},
		{"list as key", "}]K\x01s.", fault.Malformed},
		{"list in a tuple key", "}]\x85K\x01s.", fault.Malformed},
		{"append to a tensor class", "ctorch\nSize\n)RK\x01a.", fault.Malformed},
		{"set item in a dtype", "ctorch\nfloat32\nK\x01K\x01s.", fault.Malformed},
		{"call of a list", "])R.", fault.Malformed},
		{"arguments that are a list", "cfoo\nBar\n]R.", fault.Malformed},
		{"arguments that are computed", "cfoo\nBar\ncfoo\nBaz\n)RR.", fault.Unsupported},
		{"array longer than its data", "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR(K\x01K\x05\x85cnumpy\ndtype\n(X\x02\x00\x00\x00f4K\x00K\x01tR\x89C\x04abcdtb.", fault.Malformed},
		{"array of negative shape", "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR(K\x01J\xff\xff\xff\xff\x85cnumpy\ndtype\n(X\x02\x00\x00\x00f4K\x00K\x01tR\x89C\x00tb.", fault.Malformed},
		{"allocating constructor", "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nJ\xff\xff\xff\x7f\x85C\x01btR.", fault.Malformed},
		{"bytearray by length", "c__builtin__\nbytearray\nJ\xff\xff\xff\x7f\x85R.", fault.Malformed},
		{"key of 2^64 items", "}" + tuples(64) + "K\x01s.", fault.Unsupported},
		{"deep tuples", "]" + strings.Repeat(")\x85", 1) + strings.Repeat("\x85", 5000) + "a.", fault.Limit},
		{"copies of a large dict", copiesBomb(), fault.Limit},
		{"nothing", "", fault.Unsupported},
		{"no stop", "\x80\x02K\x01", fault.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := load(t, c.pickle, sandboxload.Options{})
			if !fault.Is(err, c.kind) {
				t.Errorf("%v, want %v", err, c.kind)
			}
			if d := time.Since(start); d > 30*time.Second {
				t.Errorf("took %v", d)
			}
			if err != nil && (len(err.Error()) > 1000 || strings.Contains(err.Error(), "\n")) {
				t.Errorf("not one short line: %q", err)
			}
		})
	}
}

// copiesBomb asks for a dict of 20,000 keys to be copied 20,000 times.
func copiesBomb() string {
	var b bytes.Buffer
	b.WriteString("](}(")
	for i := range 20_000 {
		b.WriteString("M")
		b.WriteByte(byte(i))
		b.WriteByte(byte(i >> 8))
		b.WriteString("N")
	}
	b.WriteString("uq\x01")
	for range 20_000 {
		b.WriteString("ccollections\nOrderedDict\nh\x01\x85R")
	}
	b.WriteString("e.")
	return b.String()
}

// TestDisarm: what is dangerous stays an inert record.
func TestDisarm(t *testing.T) {
	got, err := load(t, "cos\nsystem\nX\x02\x00\x00\x00id\x85R.", sandboxload.Options{Disarm: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := "os.system('id')"; show(got) != want {
		t.Errorf("%s, want %s", show(got), want)
	}
}

// TestDeepList: containers may nest as deep as they like while they are
// loaded; only walks are bounded.
func TestDeepList(t *testing.T) {
	const n = 60_000
	if _, err := load(t, strings.Repeat("]", n)+strings.Repeat("a", n-1)+".", sandboxload.Options{}); err != nil {
		t.Fatal(err)
	}
}

// TestShared: what is shared stays shared, and a cycle stays a cycle.
func TestShared(t *testing.T) {
	got, err := load(t, "]q\x00h\x00a.", sandboxload.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, ok := got.(*value.List)
	if !ok || len(l.Items) != 1 || l.Items[0] != value.Value(l) {
		t.Errorf("a list that holds itself became %T", got)
	}
}
