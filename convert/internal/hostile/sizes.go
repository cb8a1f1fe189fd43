package hostile

import "math/big"

// claims are numbers that no field of a tensor can have.
var claims = []struct {
	name string
	n    *big.Int
}{
	{"negative", big.NewInt(-1)},
	{"2^31", power(31)},
	{"2^32", power(32)},
	{"2^62", power(62)},
	{"2^63-1", new(big.Int).Sub(power(63), big.NewInt(1))},
	{"-2^63", new(big.Int).Neg(power(63))},
	{"2^63", power(63)},
	{"2^64-1", new(big.Int).Sub(power(64), big.NewInt(1))},
	{"2^64", power(64)},
	{"2^64+2", new(big.Int).Add(power(64), big.NewInt(2))},
	{"2^1000", power(1000)},
}

// sizes are tensors whose offset, size, stride or storage is a number that
// cannot be.
func sizes() []Vector {
	w := func(storage, offset, size, stride string) func() Data {
		return holding(dict(str("w"), rebuild(storage, offset, size, stride)))
	}
	one := tuple(num(1))
	var all []Vector
	for _, c := range claims {
		n := whole(c.n)
		all = append(all,
			refused("size-offset-"+c.name, "where the elements begin", "", w(floats(), n, tuple(num(2)), one)),
			refused("size-size-"+c.name, "how many there are", "", w(floats(), num(0), tuple(n), one)),
			refused("size-sizes-"+c.name, "how many there are, in two dimensions", "", w(floats(), num(0), tuple(n, num(4)), tuple(num(1), num(1)))),
			refused("size-stride-"+c.name, "how far apart they are", "", w(floats(), num(0), tuple(num(2)), tuple(n))),
			refused("size-numel-"+c.name, "how many the storage has", "", w(storage("FloatStorage", str("0"), n), num(0), tuple(num(2)), one)),
		)
	}
	for _, v := range []struct{ name, n string }{{"none", "N"}, {"float", "G@" + zeros(7)}, {"str", str("2")}, {"bool", "\x88"}, {"list", "]"}} {
		all = append(all,
			refused("size-offset-"+v.name, "an offset that is no int", "", w(floats(), v.n, tuple(num(2)), one)),
			refused("size-size-"+v.name, "a size that is no int", "", w(floats(), num(0), tuple(v.n), one)),
			refused("size-stride-"+v.name, "a stride that is no int", "", w(floats(), num(0), tuple(num(2)), tuple(v.n))),
			refused("size-numel-"+v.name, "a number of elements that is none", "", w(storage("FloatStorage", str("0"), v.n), num(0), tuple(num(2)), one)),
		)
	}
	return append(all,
		refused("size-numel-0", "a storage of no elements", "", w(storage("FloatStorage", str("0"), num(0)), num(0), tuple(num(0)), one)),
		fine("size-stride-unused", "a stride that is never taken", w(floats(), num(0), tuple(num(1)), tuple(whole(power(62))))),
		fine("size-zero-of-2^62", "no elements, in 2^62 rows", w(floats(), num(0), tuple(whole(power(62)), num(0)), tuple(num(1), num(1)))),
	)
}

// storages are persistent ids that lie.
func storages() []Vector {
	of := func(s string) func() Data {
		return holding(dict(str("w"), rebuild(s, num(0), tuple(num(2)), tuple(num(1)))))
	}
	key := func(k string) func() Data { return of(storage("FloatStorage", k, num(2))) }
	form := "not (storage, class, key, location, numel)"
	long := func(n int64) string { return str(times(n, "k").String()) }
	return []Vector{
		failed("storage-key-empty", "a key of no bytes", "no member for this storage", key(str(""))),
		failed("storage-key-parent", "a key that leaves the archive's folder", "no member for this storage", key(str("../data.pkl/../0"))),
		failed("storage-key-root", "an absolute key", "no member for this storage", key(str("/etc/passwd"))),
		failed("storage-key-nul", "a key that ends early in C", "no member for this storage", key(str("0\x00"))),
		failed("storage-key-space", "a key with a space", "no member for this storage", key(str("0 "))),
		failed("storage-key-lines", "a key with line feeds and escapes", "no member for this storage", key(str("\n\x1b[2J\r\u202e"))),
		refused("storage-key-2000", "a key of 2,000 bytes", "key", key(long(2000))),
		refused("storage-key-10000", "a key of 10,000 bytes", form, key(long(10_000))),
		refused("storage-key-none", "None for a key", form, key("N")),
		refused("storage-key-list", "a list for a key", form, key("]")),
		fine("storage-key-int", "a number for a key", key(num(0))),
		failed("storage-key-object", "the object for a storage", "no member for this storage", key(str("../data.pkl"))),
		refused("storage-class-unknown", "a class that torch does not have", "no storage class of torch", of(storage("EvilStorage", str("0"), num(2)))),
		refused("storage-class-function", "a function for a class", "no storage class of torch", of(storage("relu", str("0"), num(2)))),
		refused("storage-class-str", "a str for a class", form, of(tuple(str("storage"), str("FloatStorage"), str("0"), str("cpu"), num(2))+"Q")),
		refused("storage-class-wider", "doubles where the bytes are for floats", "should have 16 bytes", of(storage("DoubleStorage", str("0"), num(2)))),
		refused("storage-two-dtypes", "one storage as floats and as ints", "two types or sizes", holding(dict(
			str("a"), vector("0", 2), str("b"), rebuild(storage("IntStorage", str("0"), num(2)), num(0), tuple(num(2)), tuple(num(1)))))),
		refused("storage-location", "None for a location", form, of(tuple(str("storage"), global("torch", "FloatStorage"), str("0"), "N", num(2))+"Q")),
		odd("storage-tuple-4", "a persistent id of four", "", of(tuple(str("storage"), global("torch", "FloatStorage"), str("0"), str("cpu"))+"Q")),
		inert("storage-tag", "another tag than storage", withTensor(tuple(str("module"), global("torch", "FloatStorage"), str("0"), str("cpu"), num(2))+"Q")),
		failed("storage-in-plain-pickle", "a storage outside of an archive", "a pickle outside of a torch file", pickle(weights())),
		failed("storage-ids-million", "a million storages that are not there", "", func() Data {
			return checkpoint(bytesOf("\x80\x02"+global("torch", "FloatStorage")+"q\x000"+str("storage")+"q\x010"+str("cpu")+"q\x020"+
				repeat(1_000_000, func(i int) string { return "(h\x01h\x00" + num(int32(i)) + "h\x02K\x02tQ0" })+"N."), eight).data()
		}),
	}
}
