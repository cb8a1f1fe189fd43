package convert_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A pickle out of the grammar below names only what is allowed, and gives it
// arguments that are often right and often not: where judge and loader could
// part is where most of these pickles end.

// author writes one pickle.
type author struct {
	rng   *rand.Rand
	slots int
}

func (a *author) one(choices ...string) string { return choices[a.rng.IntN(len(choices))] }

func le(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }

func (a *author) text(s string) string {
	switch a.rng.IntN(100) {
	case 0:
		return a.one("X\x01\x00\x00\x00\xff", "S'\\x1'\n", "V\\ud8\n", "\x8c\x02\xc3(", "S'a\n")
	case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
		return "S'" + s + "'\n"
	}
	return "X" + le(uint32(len(s))) + s
}

func (a *author) data(n int) string {
	b := strings.Repeat("x", n)
	switch a.rng.IntN(8) {
	case 0:
		return "X" + le(uint32(n)) + b
	case 1:
		return "U" + string(rune(n)) + b
	case 2:
		return "S'" + b + "'\n"
	case 3:
		return "c_codecs\nencode\n(" + a.text(b) + a.text(a.one("latin1", "latin1", "utf8")) + "tR"
	case 4:
		return "c__builtin__\nbytearray\n(C" + string(rune(n)) + b + "tR"
	}
	return "C" + string(rune(n)) + b
}

func (a *author) num() string {
	return a.one("K\x00", "K\x01", "K\x02", "K\x04", "K\x08", "J\xff\xff\xff\xff", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f",
		"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "I01\n", "G\x00\x00\x00\x00\x00\x00\x00\x00", "N")
}

// small is an int that is mostly in range.
func (a *author) small() string {
	if a.rng.IntN(12) == 0 {
		return a.num()
	}
	return "K" + string(rune(a.rng.IntN(5)))
}

func (a *author) shape() string {
	s := "("
	for range a.rng.IntN(3) {
		s += a.small()
	}
	s += "t"
	switch a.rng.IntN(12) {
	case 0:
		return "ctorch\nSize\n(" + s + "tR"
	case 1:
		return "](" + strings.TrimPrefix(strings.TrimSuffix(s, "t"), "(") + "e"
	}
	return s
}

func (a *author) storage() string {
	key := a.one("0", "1", "2")
	class := map[string]string{"0": "FloatStorage", "1": "ByteStorage", "2": "ComplexFloatStorage"}[key]
	numel := map[string]string{"0": "K\x04", "1": "K\x08", "2": "K\x02"}[key]
	if a.rng.IntN(25) == 0 {
		numel = a.small()
	}
	if a.rng.IntN(25) == 0 {
		class = a.one("UntypedStorage", "IntStorage", "_UntypedStorage", "Tensor")
	}
	view := ""
	if a.rng.IntN(4) == 0 {
		view = a.one("N", "("+a.text("v")+a.one("K\x00", "K\x01", a.small())+"K\x01t", "("+a.text("w")+"K\x00K\x01t")
	}
	return "(" + a.text("storage") + "ctorch\n" + class + "\n" + a.text(key) + a.one(a.text("cpu"), a.text("cpu"), a.num()) + numel + view + "tQ"
}

// part is a view of a storage, which may have been declared otherwise before.
func (a *author) part() string {
	return "(" + a.text("storage") + "ctorch\nFloatStorage\n" + a.text("0") + a.text("cpu") + "K\x04(" + a.text(a.one("v", "v", "w")) +
		a.one("K\x00", "K\x01") + a.one("K\x01", "K\x02") + "ttQ"
}

func (a *author) dtype() string {
	return "ctorch\n" + a.one("float32", "uint8", "int16", "bool", "int3", "complex64") + "\n"
}

func (a *author) numpyDType() string {
	s := "cnumpy\ndtype\n(" + a.text(a.one("f4", "<f4", ">i2", "b1", "O8", "U2", "float64", "f16", "")) + "I00\nI01\ntR"
	if a.rng.IntN(3) == 0 {
		s += "(K\x03" + a.text(a.one("<", ">", "|", "x")) + "NN" + a.one("N", "N", "N", "K\x01") + "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
	}
	return s
}

// tensor is what makes a tensor, more or less.
func (a *author) tensor(depth int) string {
	v2 := "(" + a.storage() + a.small() + a.shape() + a.shape() + "I00\n" + a.any(depth)
	switch a.rng.IntN(9) {
	case 0:
		return "ctorch._utils\n_rebuild_tensor_v2\n" + v2 + a.one("", "}", "N", "}"+a.text("conj")+"I01\ns", "K\x01") + "tR"
	case 1:
		return "ctorch._utils\n_rebuild_tensor_v3\n" + v2 + a.dtype() + "tR"
	case 2:
		return "ctorch._utils\n_rebuild_tensor\n(" + a.storage() + a.small() + a.shape() + a.shape() + "tR"
	case 3:
		return "ctorch._utils\n_rebuild_parameter\n(" + a.tensorOrNot(depth) + "I01\n" + a.any(depth) + "tR"
	case 4:
		return "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n" + v2 + "t" + a.any(depth) + "tR"
	case 5:
		return "ctorch\nFloatTensor\n)" + a.one("R", "\x81") + a.one("", "("+a.storage()+a.small()+a.shape()+a.shape()+"tb", a.any(depth)+"b")
	case 6:
		return "ctorch._utils\n_rebuild_meta_tensor_no_storage\n(" + a.dtype() + a.shape() + a.shape() + "I00\ntR"
	case 7:
		return "ctorch._utils\n_rebuild_device_tensor_from_numpy\n(" + a.tensorOrNot(depth) + a.dtype() + a.text("xla:0") + "I00\ntR"
	}
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + a.storage() + "K\x00(K\x02t(K\x01tI00\n}tR"
}

func (a *author) tensorOrNot(depth int) string {
	if a.rng.IntN(6) == 0 {
		return a.any(depth)
	}
	if a.rng.IntN(3) == 0 {
		return a.array(depth)
	}
	return a.tensor(depth - 1)
}

func (a *author) array(depth int) string {
	n := a.rng.IntN(3)
	shape := "(K" + string(rune(n)) + "t"
	size := n * 4
	if a.rng.IntN(6) == 0 {
		size++
	}
	switch a.rng.IntN(4) {
	case 0:
		return "cnumpy.core.numeric\n_frombuffer\n(" + a.data(size) + a.numpyDType() + a.one(shape, shape, a.shape()) + a.text(a.one("C", "F", "K")) + "tR"
	case 1:
		return "cnumpy.core.multiarray\nscalar\n(" + a.numpyDType() + a.data(a.rng.IntN(9)) + "tR"
	}
	state := "(K\x01" + a.one(shape, shape, a.shape()) + a.numpyDType() + "I00\n" + a.one(a.data(size), a.data(size), "]"+a.any(depth)+"a") + "tb"
	return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + a.one("(K\x00t", "(K\x00t", a.shape()) + a.data(1) + "tR" +
		state + a.one("", "", "", "", state)
}

func (a *author) many(depth int) string {
	s := ""
	for range a.rng.IntN(3) {
		s += a.any(depth)
	}
	return s
}

// any is any value.
func (a *author) any(depth int) string {
	if depth <= 0 {
		return a.one(a.num(), a.text("a"), a.data(a.rng.IntN(9)), "}", "]", ")", "N")
	}
	depth--
	switch a.rng.IntN(20) {
	case 0:
		return a.num()
	case 1:
		return a.text("abc")
	case 2:
		return a.data(a.rng.IntN(9))
	case 3:
		return "(" + a.many(depth) + a.one("t", "l", "t", "\x91")
	case 4:
		return "](" + a.many(depth) + "e"
	case 5:
		return "}(" + a.text("k") + a.any(depth) + a.one(a.any(depth), a.text("j")) + a.any(depth) + "u"
	case 6:
		return "c" + a.one("collections\nOrderedDict", "collections\nCounter", "collections\ndefaultdict", "__builtin__\ndict", "__builtin__\nlist",
			"__builtin__\nset", "__builtin__\ntuple", "__builtin__\nfrozenset", "__builtin__\nbytes", "__builtin__\nbytearray", "argparse\nNamespace",
			"datetime\ndate", "torch\ndevice", "torch\nSize", "pathlib\nPosixPath", "numpy\nfloat32", "torch.nn.parameter\nParameter",
			"torch.nn.modules.linear\nLinear", "torch\nfloat32", "__builtin__\nint") + "\n(" + a.many(depth) + "t" + a.one("R", "R", "\x81")
	case 7:
		return a.any(depth) + a.any(depth) + "b"
	case 8:
		return a.any(depth) + a.any(depth) + "a"
	case 9:
		return a.any(depth) + a.any(depth) + a.any(depth) + "s"
	case 10:
		return "\x8f(" + a.many(depth) + "\x90"
	case 11:
		return "ccopy_reg\n_reconstructor\n(c" + a.one("torch.nn.modules.linear\nLinear", "argparse\nNamespace", "collections\nOrderedDict", "torch\nTensor", "torch\nSize",
			"__builtin__\nbytearray", "torch._utils\n_rebuild_tensor_v2", "numpy\ndtype", "__builtin__\nlist") +
			"\nc__builtin__\n" + a.one("object\nN", "object\nN", "dict\n}", "list\n]", "int\n"+a.num()) + "tR" + a.one("", "}b")
	case 12:
		a.slots++
		return fmt.Sprintf("%sp%d\n", a.any(depth), a.slots-1)
	case 13:
		if a.slots == 0 {
			return "N"
		}
		return fmt.Sprintf("g%d\n", a.rng.IntN(a.slots))
	case 14:
		return a.one(a.storage(), "("+a.part()+a.part()+"t")
	case 15, 16:
		return a.array(depth)
	case 17:
		return a.any(depth) + "0" + a.any(depth)
	}
	return a.tensor(depth)
}

// grammar is a torch file, or a plain pickle, out of the grammar.
func grammar(t testing.TB, rng *rand.Rand) []byte {
	a := &author{rng: rng}
	pickle := "\x80\x02" + a.any(1+rng.IntN(4)) + "."
	if rng.IntN(4) == 0 {
		return []byte(pickle)
	}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range [][2]string{{"a/data.pkl", pickle}, {"a/data/0", strings.Repeat("0", 16)}, {"a/data/1", strings.Repeat("1", 8)},
		{"a/data/2", strings.Repeat("2", 16)}} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m[0], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestAgreeGrammar holds judge and loader against each other on pickles out of
// the grammar.
func TestAgreeGrammar(t *testing.T) {
	clean, n := 0, 5000
	for i := range n {
		file := grammar(t, rand.New(rand.NewPCG(uint64(i), 3)))
		if agree(t, fmt.Sprint("seed ", i), file) {
			clean++
		}
		if t.Failed() {
			break
		}
	}
	t.Logf("%d of %d are clean", clean, n)
	if clean < n/10 && !t.Failed() {
		t.Errorf("only %d of %d are clean: the grammar breaks everything", clean, n)
	}
}

// FuzzAgreeGrammar is TestAgreeGrammar without end.
func FuzzAgreeGrammar(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(func(t *testing.T, seed uint64) {
		agree(t, "grammar", grammar(t, rand.New(rand.NewPCG(seed, 3))))
	})
}
