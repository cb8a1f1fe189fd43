package opcode

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"depickle/scan/fault"
)

// oracle reads one pickle per line, in hex, and says what CPython makes of it.
const oracle = `
import pickle, struct, sys, warnings
warnings.simplefilter("ignore")
if pickle.Unpickler is pickle._Unpickler:
    sys.exit("no C unpickler")
def show(v):
    if isinstance(v, bool): return "bool %d" % v
    if isinstance(v, int): return "int %x" % v
    if isinstance(v, float): return "float " + struct.pack(">d", v).hex()
    if isinstance(v, str): return "text " + v.encode("utf-8", "surrogatepass").hex()
    if isinstance(v, bytes): return "bytes " + v.hex()
    return repr(v)
print(sys.version_info[0] * 100 + sys.version_info[1])
for line in sys.stdin:
    try:
        print(show(pickle.loads(bytes.fromhex(line.strip()), encoding="bytes")))
    except Exception:
        print("refused")
`

// TestCPython compares literals with what a real CPython makes of them.
// DEPICKLE_PYTHON names the interpreter.
func TestCPython(t *testing.T) {
	python := os.Getenv("DEPICKLE_PYTHON")
	if python == "" {
		t.Skip("DEPICKLE_PYTHON is not set")
	}
	cases := literals()
	var in strings.Builder
	for _, c := range cases {
		in.WriteString(hex.EncodeToString([]byte(c)) + "\n")
	}
	cmd := exec.Command(python, "-c", oracle)
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	version, err := strconv.Atoi(lines.Text())
	if err != nil {
		t.Fatal(err)
	}
	compared, refused := 0, 0
	for _, c := range cases {
		if !lines.Scan() {
			t.Fatal("the oracle stopped early")
		}
		theirs := strings.TrimSpace(lines.Text())
		got, note := ours(c)
		if got == theirs {
			compared++
			if got == "refused" {
				refused++
			}
			continue
		}
		// A note announces the difference: the version is another, or refuses
		// what the other kind accepts.
		if note != "" && (version >= 314 || theirs == "refused" && strings.Contains(note, "is refused to CPython up to 3.13")) {
			continue
		}
		if got == "limit" && (theirs == "refused" || version < 311) {
			continue
		}
		t.Errorf("%q: %s, CPython %d says %s (note %q)", c, got, version, theirs, note)
	}
	t.Logf("%d of %d literals alike, %d of them refused", compared, len(cases), refused)
	if compared < len(cases)/2 || refused < len(cases)/50 {
		t.Error("too few to prove anything")
	}
}

// ours says what the decoder makes of a pickle of one literal.
func ours(pickle string) (what, note string) {
	ops, err := decode([]byte(pickle))
	if fault.Is(err, fault.Limit) {
		return "limit", ""
	}
	if err != nil {
		return "refused", ""
	}
	op := ops[0]
	if op.Code == None {
		// PUT in one spelling and GET in the other find each other.
		if ops[1].Int != ops[3].Int {
			return "refused", ops[1].Note
		}
		return "None", ops[1].Note
	}
	switch op.Code {
	case Int, Long, Long1, Long4, BinInt:
		switch {
		case op.IsBool:
			return fmt.Sprintf("bool %d", op.Int), op.Note
		case op.Big != nil:
			return "int " + op.Big.Text(16), op.Note
		}
		return fmt.Sprintf("int %x", op.Int), op.Note
	case Float, BinFloat:
		return fmt.Sprintf("float %016x", math.Float64bits(op.Float)), op.Note
	}
	s, err := Text(op.Code, op.Data)
	if err != nil {
		return "refused", ""
	}
	kind := "text"
	if op.Code == String || op.Code == BinString || op.Code == ShortBinString {
		kind = "bytes"
	}
	return strings.TrimSpace(kind + " " + hex.EncodeToString([]byte(s))), op.Note
}

// literals are pickles of one literal each: every short line over the
// characters that matter, longer ones at random, from a fixed seed.
func literals() []string {
	var out []string
	add := func(lines []string) {
		for _, s := range lines {
			out = append(out, "I"+s+"\n.", "L"+s+"\n.", "L"+s+"L\n.", "F"+s+"\n.", "Np8\n0g"+s+"\n.")
			// CPython's memo is an array: it allocates what PUT asks for.
			if strings.IndexFunc(s, func(r rune) bool { return r >= '2' && r <= '9' }) < 0 && len(s) < 6 {
				out = append(out, "Np"+s+"\n0g0\n.", "Np"+s+"\n0g1\n.")
			}
		}
	}
	add(short("0 1 8 9 x X o b e a _ - + . L", 3))
	add(short("0 1 _ - + \x00 \t \r \v \f i n", 3))
	r := rand.New(rand.NewSource(1))
	alphabets := []string{"0123456789", "0123456789_", "01x", "0b1_", "0o7", "-+ 0123456789xabcdefABCDEF_", "0123456789.e+-", "infaty-+NAIFTY", "00011789\x00"}
	for range 4000 {
		add([]string{random(r, alphabets[r.Intn(len(alphabets))], 1+r.Intn(24))})
	}
	add([]string{strings.Repeat("1", 4299), strings.Repeat("1", 4300), strings.Repeat("1", 4301), strings.Repeat("0", 4301), "0x" + strings.Repeat("f", 5000),
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0777777777777777777777", "01777777777777777777777",
		"1.7976931348623157e308", "1.7976931348623159e308", "4.9e-324", "2e-324", "2.2250738585072011e-308", "1e23", "9007199254740993", "123456789012345678901234567890.5e-10"})
	for range 20_000 {
		out = append(out, "V"+random(r, `\\\\uuuU000dDe8901fg`+"a\xe9\xff\x00", 1+r.Intn(16))+"\n.")
		s := random(r, `\\\\\x4g01789nqa'"`+"\xff", r.Intn(12))
		out = append(out, "S'"+s+"'\n.", "S"+s+"\n.")
		n := r.Intn(12)
		out = append(out, "\x8a"+string([]byte{byte(n)})+random(r, "\x00\xff\x80\x7f\x01", n)+".")
		text := random(r, "a\xc3\xa9\xed\xa0\x80\xbf\xf0\x9f\x98\x80\xf4\xe2", r.Intn(6))
		out = append(out, "X"+string([]byte{byte(len(text)), 0, 0, 0})+text+".")
	}
	return out
}

// short is every text of at most n of the characters.
func short(alphabet string, n int) []string {
	out, last := []string{""}, []string{""}
	chars := strings.Split(alphabet, " ")
	if strings.Contains(alphabet, "\x00") {
		chars = append(chars, " ")
	}
	for range n {
		var next []string
		for _, s := range last {
			for _, c := range chars {
				next = append(next, s+c)
			}
		}
		out, last = append(out, next...), next
	}
	return out
}

func random(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.Intn(len(alphabet))]
	}
	return string(b)
}
