package machine

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// show writes a value as the tests expect it.
func show(m *Machine, v Value) string {
	switch v.Kind {
	case None:
		return "None"
	case Bool, Int:
		return fmt.Sprintf("%d", v.Num)
	case BigInt:
		return v.Node.Mark.(*big.Int).String()
	case Float:
		return fmt.Sprint(v.Float64())
	case Str, Str2:
		s, ok := m.Text(v)
		return fmt.Sprintf("%q/%v", s, ok)
	case Tuple, FrozenSet:
		var parts []string
		for _, it := range v.Node.Items {
			parts = append(parts, show(m, it))
		}
		return "(" + strings.Join(parts, " ") + ")"
	case Global:
		if v.Node.Opaque {
			return "?"
		}
		return v.Node.Module + "." + v.Node.Name
	case Object:
		if callee, ok := v.Callee(); ok {
			return show(m, callee) + "()"
		}
		return "object"
	}
	return strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(v.Kind.String(), "a "), "an "), " object", "")
}

// trace writes what is not Plain in a run, one event after the other.
func trace(t *testing.T, data string) string {
	t.Helper()
	var lines []string
	err := run(t, data, limit.Limits{}, func(m *Machine, ev *Event) {
		switch ev.What {
		case Found:
			lines = append(lines, "found "+show(m, ev.Result))
		case Called:
			how := "call"
			if c := ev.Op.Code; c == opcode.NewObj || c == opcode.NewObjEx {
				how = "new"
			}
			line := how + " " + show(m, ev.Callee) + show(m, ev.Args)
			if ev.KW.Kind != None {
				line += " with " + show(m, ev.KW)
			}
			lines = append(lines, line)
		case Built:
			lines = append(lines, "build "+show(m, ev.Target)+" of "+show(m, ev.State))
		case Stored:
			line := "store in " + show(m, ev.Target) + ":"
			for _, it := range ev.Items {
				line += " " + show(m, it)
			}
			if ev.Op.Note != "" {
				line += " !"
			}
			lines = append(lines, line)
		case Persist:
			lines = append(lines, "persist "+show(m, ev.State))
		case Extended:
			lines = append(lines, fmt.Sprintf("extended %d", ev.Op.Int))
		case Ended:
			lines = append(lines, "end "+show(m, ev.Result))
		}
	})
	if err != nil {
		lines = append(lines, err.Error())
	}
	return strings.Join(lines, "; ")
}

func TestEvents(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		// Constants.
		{"N.", "end None"},
		{"\x88.", "end 1"}, {"\x89.", "end 0"}, {"I01\n.", "end 1"},
		{"K\xff.", "end 255"}, {"M\xff\xff.", "end 65535"}, {"J\xff\xff\xff\xff.", "end -1"}, {"I-7\n.", "end -7"}, {"L8L\n.", "end 8"},
		{"\x8a\x00.", "end 0"}, {"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", "end 18446744073709551616"}, {"\x8b\x02\x00\x00\x00\x00\x80.", "end -32768"},
		{"F1.5\n.", "end 1.5"}, {"G\x3f\xf8\x00\x00\x00\x00\x00\x00.", "end 1.5"},
		{"X\x01\x00\x00\x00a.", `end "a"/true`}, {"\x8c\x02\xc3\xa9.", `end "é"/true`}, {"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.", `end "a"/true`},
		{"V\\u00e9\n.", `end "é"/true`}, {"S'\\x41'\n.", `end "A"/true`}, {"U\x01\xff.", `end "\xff"/true`}, {"T\x01\x00\x00\x00a.", `end "a"/true`},
		{"C\x01a.", "end bytes"}, {"B\x01\x00\x00\x00a.", "end bytes"}, {"\x8e\x01\x00\x00\x00\x00\x00\x00\x00a.", "end bytes"},
		{"\x96\x01\x00\x00\x00\x00\x00\x00\x00a.", "end bytearray"},

		// Containers.
		{").", "end ()"}, {"(K\x01K\x02t.", "end (1 2)"}, {"K\x01\x85.", "end (1)"}, {"K\x01K\x02\x86.", "end (1 2)"}, {"K\x01K\x02K\x03\x87.", "end (1 2 3)"},
		{"].", "end list"}, {"}.", "end dict"}, {"\x8f.", "end set"}, {"(K\x01l.", "end list"}, {"(K\x01K\x02d.", "end dict"}, {"(K\x01\x91.", "end (1)"},

		// Stack and memo.
		{"K\x01K\x020.", "end 1"}, {"K\x012\x86.", "end (1 1)"}, {"K\x01(K\x02K\x031.", "end 1"}, {"K\x01(0.", "end 1"}, {"K\x01((00.", "end 1"},
		{"K\x01p7\n0g7\n.", "end 1"}, {"K\x01q\x070h\x07.", "end 1"}, {"K\x01r\x07\x00\x00\x000j\x07\x00\x00\x00.", "end 1"},
		{"\x80\x02\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", "end None"},

		// Globals and calls.
		{"ca\nb.c\n.", "found a.b.c; end a.b.c"},
		{"\x8c\x01a\x8c\x01b\x93.", "found a.b; end a.b"}, {"U\x01aU\x01b\x93.", "found a.b; end a.b"}, {"S'a'\nV\\u0062\n\x93.", "found a.b; end a.b"},
		{"ca\nb\n)R\x8c\x01b\x93.", "found a.b; call a.b(); found ?; end ?"},
		{"\x8c\x01aNQ\x93.", "persist None; found ?; end ?"},
		{"cos\nname\n\x8c\x06system\x93.", "found os.name; found ?; end ?"},
		{"ca\nb\nK\x01\x85R.", "found a.b; call a.b(1); end a.b()"},
		{"ca\nb\n)\x81.", "found a.b; new a.b(); end a.b()"},
		{"ca\nb\n)}\x92.", "found a.b; new a.b() with dict; end a.b()"},
		{"(K\x01ia\nb\n.", "call a.b(1); end a.b()"},
		{"(ca\nb\nK\x01o.", "found a.b; call a.b(1); end a.b()"},
		{"ca\nb\nca\nc\nR.", "found a.b; found a.c; call a.ba.c; end a.b()"},
		{"ca\nb\nNQR.", "found a.b; persist None; call a.bpersistent; end a.b()"},
		{"ca\nb\n)NQ\x92.", "found a.b; persist None; new a.b() with persistent; end a.b()"},
		{"\x82\x05.", "extended 5; end object"}, {"\x83\x05\x01.", "extended 261; end object"}, {"\x84\x05\x00\x00\x01.", "extended 16777221; end object"},
		{"Px\n.", `persist "x"/true; end persistent`}, {"K\x05Q.", "persist 5; end persistent"},

		// State.
		{"ca\nb\n)R}b.", "found a.b; call a.b(); build a.b() of dict; end a.b()"},
		{"ca\nb\nNb.", "found a.b; build a.b of None; end a.b"}, {"NQNb.", "persist None; build persistent of None; end persistent"},
		{"]Nb.", "end list"}, {"]N}\x86b.", "end list"}, {"K\x01ca\nb\nb.", "found a.b; end 1"}, {"]Nca\nb\n\x86b.", "found a.b; end list"},

		// Items.
		{"]K\x01a.", "store in list: 1; end list"}, {"](K\x01K\x02e.", "store in list: 1 2; end list"}, {"](e.", "store in list:; end list"},
		{"}K\x01K\x02s.", "store in dict: 1 2; end dict"}, {"}(K\x01K\x02u.", "store in dict: 1 2; end dict"}, {"\x8f(K\x01\x90.", "store in set: 1; end set"},
		{"N(e.", "store in None:; end None"}, {"N(u.", "store in None:; end None"}, {"N(\x90.", "store in None:; end None"},
		{"ca\nb\n)R(K\x01K\x02u.", "found a.b; call a.b(); store in a.b(): 1 2; end a.b()"},
		{"ca\nb\nK\x01a.", "found a.b; store in a.b: 1; end a.b"}, {"NQK\x01K\x02s.", "persist None; store in persistent: 1 2; end persistent"},
		// What C runs and no pickler writes.
		{"]K\x00K\x01s.", "store in list: 0 1 !; end list"}, {"]\x88K\x01s.", "store in list: 1 1 !; end list"}, {"]ca\nb\nK\x01s.", "found a.b; store in list: a.b 1 !; end list"},
		{"\x96\x00\x00\x00\x00\x00\x00\x00\x00K\xffa.", "store in bytearray: 255 !; end bytearray"},
		{"\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x00K\x01s.", "store in bytearray: 0 1 !; end bytearray"},
	} {
		if got := trace(t, c.data); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.data, got, c.want)
		}
	}
}

// TestMalformed: what C refuses is refused at the opcode that C refuses.
func TestMalformed(t *testing.T) {
	for _, c := range []struct {
		data string
		off  int64
		text string
	}{
		{"", 0, "STOP"}, {"N", 1, "STOP"}, {".", 0, "the stack is empty"}, {"(.", 1, "the stack is empty"}, {"N(.", 2, "the stack is empty"},
		{"0.", 0, "the stack is empty"}, {"N(00", 4, "STOP"}, {"N(000", 4, "the stack is empty"}, {"1.", 0, "there is no mark"}, {"2.", 0, "the stack is empty"}, {"N(2.", 2, "the stack is empty"},
		{"t", 0, "there is no mark"}, {"l", 0, "there is no mark"}, {"d", 0, "there is no mark"}, {"\x91", 0, "there is no mark"}, {"o", 0, "there is no mark"}, {"ia\nb\n", 0, "there is no mark"},
		{"e", 0, "there is no mark"}, {"u", 0, "there is no mark"}, {"\x90", 0, "there is no mark"}, {"(e", 1, "nothing below the mark"}, {"N((e", 3, "nothing below the mark"},
		{"\x85", 0, "the stack is empty"}, {"N\x86", 1, "the stack is empty"}, {"N(N\x86", 3, "the stack is empty"}, {"NN\x87", 2, "the stack is empty"},
		{"(o", 1, "the class is missing"}, {"(K\x01o", 3, "an int is called"}, {"K\x01)R", 3, "an int is called"}, {")\x81", 1, "the stack is empty"}, {"ca\nb\n]R", 6, "arguments are a list"},
		{"ca\nb\n)N\x92", 7, "keywords are None"}, {"ca\nb\n)]\x92", 7, "keywords are a list"}, {"]R", 1, "the stack is empty"}, {"(ca\nb\n)(R", 8, "the stack is empty"},
		{"K\x01\x8c\x01b\x93", 5, "needs two strs, has an int and a str"}, {"C\x01aC\x01b\x93", 6, "needs two strs, has bytes and bytes"}, {"\x8c\x01a\x93", 3, "the stack is empty"},
		{"g0\n", 0, "memo slot 0 is empty"}, {"h\x00", 0, "memo slot 0 is empty"}, {"j\x00\x00\x00\x00", 0, "memo slot 0 is empty"}, {"Nq\x01h\x00", 3, "memo slot 0 is empty"},
		{"p0\n", 0, "the stack is empty"}, {"(p0\n", 1, "the stack is empty"}, {"N(q\x00", 2, "the stack is empty"}, {"\x94", 0, "the stack is empty"},
		{"Q", 0, "the stack is empty"}, {"N(Q", 2, "the stack is empty"},
		{"Nb", 1, "the stack is empty"}, {"N(Nb", 3, "the stack is empty"}, {"]}b", 2, "a list has no state"}, {"K\x01K\x01b", 4, "an int has no state"},
		{"]N}K\x01K\x01s\x86b", 9, "a list has no state"}, {"]N(K\x01K\x01d\x86b", 9, "a list has no state"}, {"]NN\x86b", 4, "a list has no state"},
		{"a", 0, "the stack is empty"}, {"Na", 1, "the stack is empty"}, {"N(Na", 3, "the stack is empty"}, {"NNa", 2, "the target is None"}, {"}NN(s", 4, "the stack is empty"}, {"NNNs", 3, "the target is None"},
		{"](K\x01u", 4, "odd number of items"}, {"}(K\x01u", 4, "odd number of items"}, {"(K\x01d", 3, "odd number of items"}, {"ca\nb\n(K\x01u", 8, "odd number of items"},
		{"}]Ns", 3, "a list cannot be a key"}, {"}}Ns", 3, "a dict cannot be a key"}, {"}\x8fNs", 3, "a set cannot be a key"}, {"}\x96\x00\x00\x00\x00\x00\x00\x00\x00Ns", 11, "a bytearray cannot be a key"},
		{"}]\x85Ns", 4, "a tuple cannot be a key"}, {"}(N(N]ttNs", 9, "a tuple cannot be a key"}, {"(]Nd", 3, "a list cannot be a key"}, {"(]\x91", 2, "a list cannot be a key"}, {"\x8f(]\x90", 3, "a list cannot be a key"},
		{"](N\x90", 3, "the target is a list"}, {"N(N\x90", 3, "the target is None"}, {"](NNu", 4, "None is no index"}, {"]\x8c\x01aNs", 5, "a str is no index"}, {"\x8fNNs", 3, "the target is a set"},
		{"\x96\x00\x00\x00\x00\x00\x00\x00\x00Na", 10, "None cannot be a byte"}, {"\x96\x00\x00\x00\x00\x00\x00\x00\x00M\x00\x01a", 12, "an int cannot be a byte"}, {"\x96\x00\x00\x00\x00\x00\x00\x00\x00K\x00Ns", 12, "None cannot be a byte"},
		{"C\x01aK\x00K\x00s", 7, "the target is bytes"},
		{"\x97", 0, "out-of-band buffer"}, {"K\x01\x98", 2, "is no buffer"},
		{"X\x01\x00\x00\x00\xff.", 0, "does not decode"}, {"V\\u12\n.", 0, "does not decode"}, {"S'\\x'\n.", 0, "does not decode"},
		{"\x80\x06", 0, "protocol 6"}, {"\xff", 0, "no opcode"}, {"\x82\x00", 0, "not positive"},
	} {
		err := run(t, c.data, limit.Limits{}, nil)
		var f *fault.Error
		if kind(err) != fault.Malformed {
			t.Errorf("%q: %v", c.data, err)
			continue
		}
		f = err.(*fault.Error)
		if f.Offset != c.off || !strings.Contains(f.Text, c.text) {
			t.Errorf("%q: %v at %d, want %q at %d", c.data, f, f.Offset, c.text, c.off)
		}
	}
}

// TestSlots: MEMOIZE counts the slots in use, and only slots that are fetched
// are kept.
func TestSlots(t *testing.T) {
	type put struct {
		slot int64
		kept bool
	}
	for _, c := range []struct {
		data string
		want []put
	}{
		{"N\x94\x94\x94.", []put{{0, false}, {1, false}, {2, false}}},
		{"Nq\x05\x94\x94.", []put{{5, false}, {1, false}, {2, false}}},
		{"Nq\x00q\x00\x94.", []put{{0, false}, {0, false}, {1, false}}},
		{"Np1\n\x94\x94.", []put{{1, false}, {1, false}, {1, false}}}, // MEMOIZE takes slot 1 twice, as C does
		{"Np900000000\nq\x00\x94g900000000\n.", []put{{900000000, true}, {0, false}, {2, false}}},
		{"N\x94h\x01.", []put{{0, false}}},
		{"N\x94h\x00.", []put{{0, true}}},
	} {
		var got []put
		run(t, c.data, limit.Limits{}, func(_ *Machine, ev *Event) {
			switch ev.Op.Code {
			case opcode.Put, opcode.BinPut, opcode.LongBinPut, opcode.Memoize:
				got = append(got, put{ev.Slot, ev.Kept})
			}
		})
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q: %v, want %v", c.data, got, c.want)
		}
	}
}

// TestSparse: slots far apart are kept too, and the last value wins.
func TestSparse(t *testing.T) {
	var b strings.Builder
	slots := []int64{0, 1, 63, 64, 65535, 65536, 1 << 20, 1<<26 - 1, 1 << 26, 1 << 40, math.MaxInt64}
	for i, s := range slots {
		fmt.Fprintf(&b, "I%d\np%d\n0K\x07p%d\n0I%d\np%d\n0", i, s, s, i, s)
	}
	b.WriteString("(")
	for _, s := range slots {
		fmt.Fprintf(&b, "g%d\n", s)
	}
	b.WriteString("t.")
	if got, want := trace(t, b.String()), "end (0 1 2 3 4 5 6 7 8 9 10)"; got != want {
		t.Errorf("got %s", got)
	}
}

// TestPopMark: POP says when it took a mark.
func TestPopMark(t *testing.T) {
	var got []bool
	run(t, "N(00N.", limit.Limits{}, func(_ *Machine, ev *Event) {
		if ev.Op.Code == opcode.Pop {
			got = append(got, ev.PopMark)
		}
	})
	if fmt.Sprint(got) != "[true false]" {
		t.Error(got)
	}
}

// TestIdentity: references share their node, and each global has its own.
func TestIdentity(t *testing.T) {
	run(t, "]q\x000h\x00h\x00\x86.", limit.Limits{}, func(_ *Machine, ev *Event) {
		if items, ok := ev.Result.Tuple(); ev.What == Ended && (!ok || items[0].Node == nil || items[0].Node != items[1].Node) {
			t.Error("two references to one list differ")
		}
	})
	run(t, "ca\nb\nca\nb\n\x86.", limit.Limits{}, func(_ *Machine, ev *Event) {
		if items, _ := ev.Result.Tuple(); ev.What == Ended && items[0].Node == items[1].Node {
			t.Error("two mentions of a global share a node")
		}
	})
}
