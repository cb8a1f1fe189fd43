package hostile

import "strings"

// geometry are tensors whose arguments do not fit each other.
func geometry() []Vector {
	w := func(tensor string) func() Data { return holding(dict(str("w"), tensor)) }
	utils := func(name string, args ...string) string { return call(global("torch._utils", name), args...) }
	two, one := tuple(num(2)), tuple(num(1))
	hooks := call(global("collections", "OrderedDict"))
	meta := func(d string) func() Data {
		return w(utils("_rebuild_tensor_v2", floats(), num(0), two, one, "\x89", hooks, d))
	}
	dims := func(n int, of string) string { return tuple(strings.Repeat(of, n)) }
	return []Vector{
		refused("geometry-outside", "one element behind the storage", "reaches outside of its storage", w(rebuild(floats(), num(1), two, one))),
		refused("geometry-strides-missing", "more sizes than strides", "different lengths", w(rebuild(floats(), num(0), tuple(num(1), num(2)), one))),
		refused("geometry-rank-65", "65 dimensions", "64 dimensions", w(rebuild(floats(), num(0), dims(65, num(1)), dims(65, num(1))))),
		fine("geometry-rank-64", "64 dimensions", w(rebuild(floats(), num(0), dims(64, num(1)), dims(64, num(1))))),
		failed("geometry-rank-5000", "5,000 dimensions", "4096 dimensions", w(rebuild(floats(), num(0), dims(5000, "K\x01"), dims(5000, "K\x01")))),
		failed("geometry-rank-100k", "100,000 dimensions", "limit", w(rebuild(floats(), num(0), dims(100_000, "K\x01"), dims(100_000, "K\x01")))),
		refused("geometry-product", "64 dimensions of 2^31 elements seen once", "overflows", w(rebuild(floats(), num(0), dims(64, whole(power(31))), dims(64, num(0))))),
		refused("geometry-nested", "a tuple for a dimension", "no int", w(rebuild(floats(), num(0), tuple(two), one))),
		refused("geometry-no-storage", "a dict for a storage", "no storage", w(rebuild("}", num(0), two, one))),
		refused("geometry-of-tensor", "a tensor for a storage", "no storage", w(rebuild(vector("0", 2), num(0), two, one))),
		refused("geometry-arguments-3", "three arguments", "has 3 arguments", w(utils("_rebuild_tensor_v2", floats(), num(0), two))),
		refused("geometry-arguments-9", "nine arguments", "has 9 arguments", w(utils("_rebuild_tensor_v2", floats(), num(0), two, one, "\x89", hooks, "N", "N", "N"))),
		refused("geometry-v3-wider", "a dtype wider than the storage has bytes for", "reaches outside of its storage", w(utils("_rebuild_tensor_v3",
			storage("UntypedStorage", str("0"), num(8)), num(0), two, one, "\x89", hooks, global("torch", "float64")))),
		refused("geometry-v3-no-dtype", "a dtype that is none", "dtype", w(utils("_rebuild_tensor_v3",
			storage("UntypedStorage", str("0"), num(8)), num(0), two, one, "\x89", hooks, "N"))),
		late("geometry-conj", "floats that are to be conjugated", "not complex", meta(dict(str("conj"), "\x88"))),
		late("geometry-metadata", "metadata that nobody knows", "has the metadata", meta(dict(str("evil"), "\x88"))),
		odd("geometry-metadata-list", "metadata that is no dict", "", meta("]")),
		late("geometry-sparse", "a tensor that SafeTensors has no form for", "sparse", w(utils("_rebuild_sparse_tensor", "N", tuple()))),
		late("geometry-meta", "a tensor without elements, that claims exabytes", "no tensors to convert", w(utils("_rebuild_meta_tensor_no_storage",
			global("torch", "float32"), tuple(whole(power(62)), whole(power(62))), tuple(num(1), num(1)), "\x89"))),
		refused("geometry-parameter", "a parameter of what is no tensor", "no tensor", w(utils("_rebuild_parameter", "N", "\x89", hooks))),
		late("geometry-bare-storage", "a storage that is no tensor's", "no tensors", w(floats())),
	}
}

// aliases are small files that ask for large outputs.
func aliases() []Vector {
	expanded := func(size ...string) func() Data {
		return holding(dict(str("w"), rebuild(floats(), num(0), tuple(size...), strings.Repeat("0", 0)+tuple(strings.Repeat(num(0), len(size))))))
	}
	// many has n keys for what stands in slot 1.
	many := func(n int, item string) Data {
		return bytesOf(proto2(vectorIn(1) + "}(" + repeat(n, func(i int) string { return num(int32(i)) + item }) + "u"))
	}
	output := "the output would have"
	return []Vector{
		late("alias-expanded-2^60", "two elements seen 2^60 times", output, expanded(whole(power(60)))),
		late("alias-expanded-2^62", "so often that the bytes wrap to nothing", "", expanded(whole(power(62)))),
		late("alias-expanded-2^61", "so often that the bytes are negative", "", expanded(whole(power(61)))),
		late("alias-expanded-matrix", "the same in two dimensions", "", expanded(whole(power(31)), whole(power(31)))),
		late("alias-expanded-1GiB", "two elements seen 2^28 times", output, expanded(whole(power(28)))),
		late("alias-sum-wraps", "four tensors whose bytes add up to nothing", "", holding("}("+repeat(4, func(i int) string {
			return str(decimal(i)) + rebuild(floats(), num(0), tuple(whole(power(60))), tuple(num(0)))
		})+"u")),
		late("alias-1000-of-1MiB", "1 MiB under a thousand names", output, func() Data {
			return checkpoint(bytesOf(proto2(vector("0", 1<<18)+"q\x010}("+repeat(1000, func(i int) string { return num(int32(i)) + "h\x01" })+"u")), zeros(1<<20)).data()
		}),
		failed("alias-million-names", "one tensor under a million names", "limit", func() Data {
			return checkpoint(many(1_000_000, "h\x01"), eight).data()
		}),
		failed("alias-million-tensors", "a million tensors of one storage", "limit", func() Data {
			return checkpoint(bytesOf(proto2(rebuildParts()+"]("+
				times(1_000_000, "h\x02h\x03R").String()+"e")), eight).data()
		}),
		failed("alias-million-parameters", "a million parameters of one tensor", "limit", func() Data {
			return checkpoint(bytesOf(proto2(vectorIn(1)+global("torch._utils", "_rebuild_parameter")+"q\x020h\x01\x89N\x87q\x030]("+
				times(1_000_000, "h\x02h\x03R").String()+"e")), eight).data()
		}),
		fine("alias-20k-names", "one tensor under 20,000 names", func() Data { return checkpoint(many(20_000, "h\x01"), eight).data() }),
		failed("alias-arrays-million", "a million empty arrays", "limit", func() Data {
			return join(bytesOf("\x80\x02"+global("numpy", "ndarray")+"q\x010"+global("numpy.core.multiarray", "_reconstruct")+"q\x020h\x01K\x00\x85"+raw("b")+"\x87q\x030]("),
				times(1_000_000, "h\x02h\x03R"), bytesOf("e."))
		}),
	}
}

// vectorIn leaves the tensor of two floats in a memo slot, and nothing on the
// stack.
func vectorIn(slot byte) string { return vector("0", 2) + "q" + string([]byte{slot}) + "0" }

// rebuildParts leaves the rebuild function in slot 2, and its arguments, a
// tensor of one float, in slot 3.
func rebuildParts() string {
	return global("torch._utils", "_rebuild_tensor_v2") + "q\x020" +
		tuple(floats(), num(0), tuple(num(1)), tuple(num(1)), "\x89", call(global("collections", "OrderedDict"))) + "q\x030"
}
