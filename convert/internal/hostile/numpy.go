package hostile

import "strings"

// array is a numpy array as pickles have it: shape, dtype, order and data.
func array(shape, dtype, fortran, data string) string {
	return reconstruct(tuple(num(0))) + tuple(num(1), shape, dtypeOf(str(dtype)), fortran, data) + "b"
}

func reconstruct(shape string) string {
	return call(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"), shape, raw("b"))
}

// dtypeOf is numpy.dtype(spec, align, copy), without a state.
func dtypeOf(spec string) string { return call(global("numpy", "dtype"), spec, "\x89", "\x88") }

// numpyArrays are plain pickles of arrays that lie.
func numpyArrays() []Vector {
	w := func(array string) func() Data { return pickle(dict(str("w"), array)) }
	size := "makes an array of another size than its data has"
	shaped := func(name, says string, dims ...string) Vector {
		return refused("numpy-shape-"+name, "a shape that its data do not have", says, w(array(tuple(dims...), "<f4", "\x89", raw(eight))))
	}
	typed := func(name, says, spec string) Vector {
		return late("numpy-dtype-"+name, "a dtype that is none", says, w(array(tuple(num(2)), spec, "\x89", raw(eight))))
	}
	all := []Vector{
		shaped("negative", "negative or overflows", num(-2)),
		shaped("wraps", "negative or overflows", whole(power(62)), num(4)),
		shaped("2^62", size, whole(power(62))),
		shaped("3", size, num(3)),
		shaped("empty-product", "negative or overflows", whole(power(62)), whole(power(62)), num(0)),
		shaped("rank-65", "negative or overflows", strings.Repeat(num(1), 64)+num(2)),
		odd("numpy-shape-2^64", "a size beyond 64 bits", "", w(array(tuple(whole(power(64))), "<f4", "\x89", raw(eight)))),
		odd("numpy-shape-str", "a size that is no number", "", w(array(tuple(str("2")), "<f4", "\x89", raw(eight)))),
		fine("numpy-zero-of-2^40", "no elements, in 2^40 rows", pickle(dict(str("w"), array(tuple(num(2)), "<f4", "\x89", raw(eight)),
			str("z"), array(tuple(whole(power(40)), num(0)), "<f4", "\x89", raw(""))))),
		fine("numpy-fortran", "columns first", w(array(tuple(num(1), num(2)), "<f4", "\x88", raw(eight)))),
		refused("numpy-fortran-outside", "columns first, and more than there are", size, w(array(tuple(num(2), num(2)), "<f4", "\x88", raw(eight)))),
		refused("numpy-reconstruct-shape", "an array that is allocated before its state", "an empty shape", w(reconstruct(tuple(whole(power(60)))))),
		refused("numpy-reconstruct-class", "a str for a class", "", w(call(global("numpy.core.multiarray", "_reconstruct"), str("ndarray"), tuple(num(0)), raw("b")))),
		refused("numpy-state-twice", "an array whose state is set twice", "after its state was set", w(array(tuple(num(2)), "<f4", "\x89", raw(eight))+
			tuple(num(1), tuple(num(1)), dtypeOf(str("<f4")), "\x89", raw(eight[:4]))+"b")),
		late("numpy-no-state", "an array without a state", "no tensors", w(reconstruct(tuple(num(0))))),
		refused("numpy-data-short", "fewer bytes than elements", size, w(array(tuple(num(2)), "<f4", "\x89", raw("1234")))),
		refused("numpy-data-long", "more bytes than elements", size, w(array(tuple(num(2)), "<f4", "\x89", raw(eight+"x")))),
		refused("numpy-data-none", "None for data", size, w(array(tuple(num(2)), "<f4", "\x89", "N"))),
		refused("numpy-data-unicode", "bytes that are characters above U+00FF", size, w(array(tuple(num(0)), "<f4", "\x89", call(global("_codecs", "encode"), str("\u0100"), str("latin1"))))),
		typed("empty", "unknown type", ""),
		typed("order-alone", "unknown type", "<"),
		typed("digits", "numpy dtype", "f99999999999999999999"),
		typed("negative", "numpy dtype", "f-4"),
		typed("emoji", "numpy dtype", "\U0001f984"),
		typed("megabyte", "numpy dtype", times(1<<20-8, "f").String()),
		typed("strings", "strings", "<U2"),
		typed("dates", "dates or times", "<M8"),
		typed("void", "structured", "V9223372036854775807"),
		typed("objects-as-bytes", "Python objects", "O"),
		late("numpy-dtype-int", "a number for a dtype", "", w(reconstruct(tuple(num(0)))+tuple(num(1), tuple(num(2)), dtypeOf(num(7)), "\x89", raw(eight))+"b")),
		odd("numpy-dtype-none", "None for a dtype", "", w(reconstruct(tuple(num(0)))+tuple(num(1), tuple(num(2)), "N", "\x89", raw(eight))+"b")),
		odd("numpy-dtype-fields", "a dtype of fields", "structured array", w(reconstruct(tuple(num(0)))+tuple(num(1), tuple(num(2)),
			dtypeOf(str("f4"))+tuple(num(3), str("<"), "N", tuple(str("x")), "}", num(-1), num(-1), num(0))+"b", "\x89", raw(eight))+"b")),
		late("numpy-objects-count", "a list of objects that is shorter than its shape", "another number", w(array(tuple(num(5)), "O", "\x89", list("N")))),
		refused("numpy-scalar-size", "a number of another size than its data", "", w(tuple(array(tuple(num(2)), "<f4", "\x89", raw(eight)),
			call(global("numpy.core.multiarray", "scalar"), dtypeOf(str("<f8")), raw("1234"))))),
		refused("numpy-frombuffer-shape", "a buffer that is smaller than the shape", size, w(call(global("numpy.core.numeric", "_frombuffer"),
			"\x96"+u64(8)+eight, dtypeOf(str("<f4")), tuple(whole(power(40))), str("C")))),
		late("numpy-masked", "an array under a mask", "masked array", w(call(global("numpy.ma.core", "_mareconstruct"),
			global("numpy.ma.core", "MaskedArray"), global("numpy", "ndarray"), tuple(num(0)), raw("b")))),
	}
	return all
}
