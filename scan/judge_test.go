package scan_test

import (
	"reflect"
	"strings"
	"testing"

	"depickle/scan"
)

// Each finding with its place, severity and what it does to completeness, in
// pickles written by hand.
func TestFindings(t *testing.T) {
	const eval = "c__builtin__\neval\n"
	for _, c := range []struct {
		name     string
		pickle   string
		findings []string
		complete bool
	}{
		{"nothing", "N.", nil, true},
		{"data", proto2("}(" + str("a") + num(1) + str("b") + "]K\x01aX\x01\x00\x00\x00cGQ\xec\xb8\x1e\x85\xeb\x01@" + "u"), nil, true},

		// Dangerous globals by each opcode that reaches or calls one.
		{"GLOBAL", "cos\nsystem\n.", []string{"dangerous global-dangerous @0"}, true},
		{"REDUCE", "cos\nsystem\n(S'id'\ntR.", []string{"dangerous global-dangerous @0"}, true},
		{"INST", "(S'id'\nios\nsystem\n.", []string{"dangerous global-dangerous @7"}, true},
		{"OBJ", "(cos\nsystem\nS'id'\no.", []string{"dangerous global-dangerous @1"}, true},
		{"NEWOBJ", "cos\nsystem\n(S'id'\nt\x81.", []string{"dangerous global-dangerous @0"}, true},
		{"NEWOBJ_EX", "cos\nsystem\n)}\x92.", []string{"dangerous global-dangerous @0"}, true},
		{"STACK_GLOBAL", "\x80\x04\x8c\x02os\x8c\x06system\x93.", []string{"dangerous global-dangerous @14"}, true},
		{"STACK_GLOBAL of strings", "S'os'\nS'system'\n\x93.", []string{"dangerous global-dangerous @16"}, true},
		{"popped", "cos\nsystem\n(S'id'\ntR0N.", []string{"dangerous global-dangerous @0"}, true},
		{"renamed", "c__builtin__\neval\n(S'1'\ntR.", []string{"dangerous global-dangerous @25"}, true},
		{"renamed, protocol 4", "\x80\x04" + stack("__builtin__", "eval") + ".", []string{"dangerous global-dangerous @27"}, true},
		{"unknown", "cmodels.yolo\nModel\n)R.", []string{"suspicious global-unknown @0"}, true},
		{"twice is once", "cm\nA\ncm\nA\ncm\nB\n\x87.", []string{"suspicious global-unknown @0", "suspicious global-unknown @10"}, true},

		// Names that hide.
		{"dotted", "\x80\x04" + stack("pathlib", "os.system") + ".", []string{"dangerous global-dangerous @28"}, true},
		{"dotted, unknown", "\x80\x04" + stack("m", "A.B") + ".", []string{"suspicious global-unknown @16"}, true},
		{"dotted torch", "\x80\x04" + stack("torch", "nn.Linear") + ".", []string{"dangerous global-dangerous @26"}, true},
		{"computed name", "S'os'\ncm\nf\n)R\x93.", []string{"suspicious global-unknown @6", "dangerous global-computed @13"}, true},
		{"computed module", "cm\nf\n)RS'system'\n\x93.", []string{"suspicious global-unknown @0", "dangerous global-computed @17"}, true},
		{"extension 1", "\x82\x01.", []string{"dangerous extension @0"}, true},
		{"extension 2", "\x83\x01\x00.", []string{"dangerous extension @0"}, true},
		{"extension 4", "\x84\x01\x00\x00\x00.", []string{"dangerous extension @0"}, true},

		// The memo, as the C unpickler keeps it.
		{"stored, popped, fetched", "S'os'\np5\n0g5\nS'system'\n\x93.", []string{"dangerous global-dangerous @23"}, true},
		{"a slot is used again", "S'm'\np0\n0S'os'\np0\n0g0\nS'system'\n\x93.", []string{"dangerous global-dangerous @32"}, true},
		{"MEMOIZE counts slots", "S'm'\np0\n0S'os'\n\x940h\x01S'system'\n\x93.", []string{"dangerous global-dangerous @29"}, true},
		{"an empty slot", "cm\nA\nh\x07.", []string{"suspicious global-unknown @0", "inconclusive malformed @5"}, false},

		// What loaders do with kinds they do not expect.
		{"BUILD on a global", "ccollections\nOrderedDict\n}b.", []string{"dangerous build-on-global @26"}, true},
		{"BUILD on an unknown global", "cm\nA\n}b.", []string{"suspicious global-unknown @0", "dangerous build-on-global @6"}, true},
		{"APPEND to a global", "ccollections\nOrderedDict\nNa.", []string{"dangerous store-wrong-kind @26"}, true},
		{"SETITEM on a size", call(global("torch", "Size"), tuple(num(1))) + "K\x00K\x01s.", []string{"dangerous store-wrong-kind @26"}, true},
		{"APPEND to an OrderedDict", "ccollections\nOrderedDict\n)RNa.", []string{"dangerous store-wrong-kind @28"}, true},
		{"SETITEM on a set", "c__builtin__\nset\n)RNNs.", []string{"dangerous store-wrong-kind @21"}, true},
		{"ADDITEMS to a list", "c__builtin__\nlist\n)R(N\x90.", []string{"dangerous store-wrong-kind @22"}, true},
		{"SETITEM on bytes", call(global("_codecs", "encode"), str("a"), str("latin1")) + "NNs.", []string{"dangerous store-wrong-kind @38"}, true},
		{"nothing stored", "ccollections\nOrderedDict\n(e.", nil, true},
		{"the right kinds", "ccollections\nOrderedDict\n)RNNsc__builtin__\nset\n)R(N\x90c__builtin__\nlist\n)RNa\x87.", nil, true},
		{"BUILD on a set", "c__builtin__\nset\n)R}b.", []string{"suspicious build-wrong-kind @20"}, true},
		{"BUILD of None on a set", "c__builtin__\nset\n)RNb.", nil, true},
		{"BUILD on a list", "]}b.", []string{"inconclusive malformed @2"}, false},
		{"calls a result", "ccollections\nOrderedDict\n)R)R.", []string{"suspicious call-of-result @28"}, true},

		// Persistent ids that are none of torch's.
		{"PERSID", "Pos.system\n.", []string{"suspicious persistent-id @0"}, true},
		{"BINPERSID", "N\x85Q.", []string{"suspicious persistent-id @2"}, true},
		{"module outside of a legacy file", tuple(str("module"), global("m", "A"), str(""), str("")) + "Q.",
			[]string{"suspicious global-unknown @12", "suspicious persistent-id @28"}, true},

		// Literals and frames on which readers differ.
		{"base 0", "I0x10\n.", []string{"suspicious literal-ambiguous @0"}, true},
		{"LONG in base 0", "L0x10L\n.", []string{"suspicious literal-ambiguous @0"}, true},
		{"plain literals", "(I10\nL10L\nI00\nI01\nL100000000000000000000L\nt.", nil, true},
		{"a payload across its frame", "\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x04abcd.", []string{"dangerous frame-straddle @11"}, true},
		{"a frame inside of a frame", "\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00N.",
			[]string{"dangerous frame-straddle @11"}, true},
		{"a name across its frame that is none", "\x80\x04\x95\x04\x00\x00\x00\x00\x00\x00\x00c\xeda\x00os\nsystem\nX\x04\x00\x00\x00true\x85R.",
			[]string{"dangerous frame-straddle @11", "inconclusive malformed @11"}, false},
		{"a number across its frame that is none", "\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00Ixx1\n0cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
			[]string{"dangerous frame-straddle @11", "inconclusive malformed @11"}, false},
		{"a number in its frame that is none", "\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00Ixx1\n.", []string{"inconclusive malformed @11"}, false},
		{"a read-only buffer of bytes", "\x80\x05C\x01a\x980cos\nsystem\n\x8c\x04true\x85R.", []string{"suspicious buffer-alone @5", "dangerous global-dangerous @7"}, true},
		{"a read-only buffer of an int", "\x80\x05K\x01\x98.", []string{"inconclusive malformed @4"}, false},
		{"a frame that fits", "\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", nil, true},

		// Truncated, broken and followed by something.
		{"truncated", "cos\nsystem\n(S'id'\ntR", []string{"inconclusive not-a-checkpoint @0", "dangerous global-dangerous @0"}, false},
		{"truncated, protocol 2", "\x80\x02cos\nsystem\n(", []string{"dangerous global-dangerous @2", "inconclusive malformed @14"}, false},
		{"broken behind the payload", eval + "(S'1'\ntR\xff", []string{"inconclusive not-a-checkpoint @0", "dangerous global-dangerous @25"}, false},
		{"a second pickle", "N.cos\nsystem\n.", []string{"dangerous global-dangerous @2"}, true},
		{"a memo across pickles", "S'os'\np0\n.g0\nS'system'\n\x93.", []string{"inconclusive malformed @10", "dangerous global-dangerous @23"}, false},
		{"a memo that counts on", "\x80\x04\x8c\x02os\x94.\x80\x04\x8c\x04math\x940h\x00\x8c\x06system\x93.", []string{"suspicious global-unknown @28", "dangerous global-dangerous @28"}, true},
		{"memos apart", "S'a'\np0\n.S'b'\np0\n0g0\n.", nil, true},
		{"garbage after STOP", "N.\xff\xff", []string{"inconclusive bytes-unaccounted @2"}, false},
		{"a broken pickle after STOP", "N.cos\nsystem\n(\xff", []string{"inconclusive bytes-unaccounted @2", "dangerous global-dangerous @2"}, false},
		{"text that is none", "X\x01\x00\x00\x00\xff.", []string{"inconclusive malformed @0"}, false},
		{"an escape that is cut off", "S'\\x1'\n.", []string{"inconclusive malformed @0"}, false},
		{"a surrogate", "X\x03\x00\x00\x00\xed\xa0\x80.", nil, true},
		{"escapes", "S'\\xff\\n'\nV\\u20ac\n\x86.", nil, true},

		{"laughs", laughs(12), []string{"suspicious expansion @97", "suspicious expansion @109"}, true},
		{"few laughs", laughs(4), nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, []byte(c.pickle))
			if c.findings == nil {
				c.findings = []string{}
			}
			if got := found(r); !reflect.DeepEqual(got, c.findings) {
				t.Errorf("got %q, want %q", got, c.findings)
				for _, f := range r.Findings {
					t.Logf("%s: %s", f.ID, f.Message)
				}
			}
			if r.Complete != c.complete {
				t.Errorf("complete: %v, want %v", r.Complete, c.complete)
			}
			verdict(t, r)
		})
	}
}

// laughs is n lists of ten times the one before.
func laughs(n int) string {
	s := "(l" // an empty list
	for range n {
		s = "(l(" + s + strings.Repeat("2", 9) + "e"
	}
	return s + "."
}

// verdict checks what a report concludes from its findings.
func verdict(t *testing.T, r *scan.Report) {
	t.Helper()
	severity, complete := scan.Clean, true
	for _, f := range r.Findings {
		switch f.Severity {
		case scan.Note: // counts for nothing
		case scan.Inconclusive:
			complete = false
		default:
			severity = max(severity, f.Severity)
		}
	}
	want := severity
	if severity != scan.Dangerous && !complete {
		want = scan.Inconclusive
	}
	if r.Severity != severity || r.Complete != complete || r.Verdict != want {
		t.Errorf("severity %s, complete %v, verdict %s; want %s, %v, %s", r.Severity, r.Complete, r.Verdict, severity, complete, want)
	}
	if all := r.Coverage.Accounted == r.Coverage.Bytes; complete && !all {
		t.Errorf("complete, and %d of %d bytes are accounted for", r.Coverage.Accounted, r.Coverage.Bytes)
	}
	if w := r.Worst(); (w == nil) != (len(r.Findings) == 0) {
		t.Errorf("worst is %v of %d findings", w, len(r.Findings))
	}
}

// A thousand small findings hide no bad one, and not that the file is broken.
func TestManyFindings(t *testing.T) {
	var b strings.Builder
	for i := range 1500 {
		b.WriteString("cm\nA")
		b.WriteString(strings.Repeat("x", i))
		b.WriteString("\n0")
	}
	r := judge(t, []byte(b.String()+"cos\nsystem\n)R\xff"))
	if r.Severity != scan.Dangerous || r.Complete {
		t.Errorf("severity %s, complete %v", r.Severity, r.Complete)
	}
	if n := len(r.Findings); n != 1002 {
		t.Errorf("%d findings", n)
	}
	if n := len(r.Globals); n != 1501 {
		t.Errorf("%d globals", n)
	}
}

// Messages show names of the file quoted and cut, unless they are plain.
func TestMessages(t *testing.T) {
	for _, c := range []struct{ pickle, message string }{
		{"cos\nsystem\n.", "names os.system, which runs commands or reaches the operating system"},
		{"cpty\nspawn\n.", "names pty.spawn, which runs commands (GHSA-vqmv-47xg-9wpr)"},
		{"cm\nA\n.", "names m.A, which is not known to be harmless"},
		{"cm\n\x1b[2J\n.", `names "m.\x1b[2J", which is not known to be harmless`},
		{"cm\n" + strings.Repeat("A", 200) + "\n.", `names "m.` + strings.Repeat("A", 94) + `"… (202 bytes), which is not known to be harmless`},
	} {
		r := judge(t, []byte(c.pickle))
		if w := r.Worst(); w == nil || w.Message != c.message {
			t.Errorf("%q: %v, want %q", c.pickle, w, c.message)
		}
	}
}

func TestGlobals(t *testing.T) {
	r := judge(t, []byte(proto2(global("torch", "FloatStorage")+global("__builtin__", "set")+global("m", "A")+global("m", "A")+global("os", "x")+"t")))
	want := []scan.GlobalCount{
		{Module: "__builtin__", Name: "set", Tier: "tensor", Count: 1},
		{Module: "m", Name: "A", Tier: "unknown", Count: 2},
		{Module: "os", Name: "x", Tier: "dangerous", Count: 1},
		{Module: "torch", Name: "FloatStorage", Tier: "tensor", Count: 1},
	}
	if !reflect.DeepEqual(r.Globals, want) {
		t.Errorf("got %v, want %v", r.Globals, want)
	}
}
