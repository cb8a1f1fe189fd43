package hostile

import "strings"

// benign are files in order, made by the same builders as the hostile ones. A
// tool that refuses everything fails here.
func benign() []Vector {
	nested := `the same tensor below lists, dicts and an OrderedDict, as real ones have it`
	return []Vector{
		fine("benign-zip", "a checkpoint as torch writes it", altered(func(*archive) {})),
		fine("benign-legacy", "one of torch before 1.6", legacyAltered(func(*legacyFile) {})),
		fine("benign-deflated", "an archive packed again by zip", altered(func(a *archive) {
			for i := range a.members {
				a.members[i] = a.members[i].compress()
			}
		})),
		fine("benign-descriptors", "sizes behind the data, as torch writes them", altered(func(a *archive) {
			for i := range a.members {
				a.members[i].desc = true
			}
		})),
		fine("benign-zip64", "zip64 end records that agree with the plain one", altered(func(a *archive) { a.wide = true })),
		fine("benign-padding", "zeros between members, which align them", altered(func(a *archive) {
			a.members[2].lead = bytesOf(zeros(60))
		})),
		fine("benign-comment", "a comment of the longest size", altered(func(a *archive) { a.comment = strings.Repeat("c", 1<<16-1) })),
		fine("benign-nested", nested, holding(dict(
			str("a"), list(vector("0", 2), tuple(floatsAt(1))),
			str("b"), call(global("collections", "OrderedDict"))+"("+str("c")+floatsAt(0)+"u"))),
		fine("benign-empty-tensor", "a tensor without elements beside one with some", holding(dict(
			str("w"), vector("0", 2), str("e"), rebuild(floats(), num(0), tuple(num(0), num(7)), tuple(num(7), num(1)))))),
		fine("benign-stride-0", "one element seen twice", holding(dict(str("w"), rebuild(floats(), num(1), tuple(num(2)), tuple(num(0)))))),
		fine("benign-protocol-4", "protocol 4 with its frame", func() Data {
			return checkpoint(bytesOf(proto4(weights())), eight).data()
		}),
		fine("benign-protocol-0", "text opcodes and a text id", func() Data {
			body := "(dp0\nS'w'\np1\nctorch._utils\n_rebuild_tensor_v2\n(" + floats() +
				"I0\n(I2\nt(I1\ntI00\nccollections\nOrderedDict\n(tRtRs."
			return checkpoint(bytesOf(body), eight).data()
		}),
		fine("benign-numpy", "a plain pickle of a numpy array", pickle(dict(str("w"), array(tuple(num(2)), "<f4", "\x89", raw(eight))))),
		fine("benign-settings", "values that are no tensors", withTensor(dict(str("lr"), "G?PbM\xd2\xf1\xa9\xfc", str("n"), "N", str("s"), tuple("\x88", raw("x"))))),
		fine("benign-members-100k", "100,000 storages that a checkpoint may well have", func() Data {
			a := plainCheckpoint()
			for i := range 100_000 {
				a.members = append(a.members, member{name: "archive/data/" + decimal(i+1), data: bytesOf("1234")})
			}
			a.wide = true
			return a.data()
		}),
	}
}

// floatsAt is a tensor of one element of the storage of two.
func floatsAt(offset int32) string {
	return rebuild(floats(), num(offset), tuple(num(1)), tuple(num(1)))
}
