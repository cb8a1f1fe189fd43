package hostile

// legacy are files of torch before 1.6 whose pickles lie.
func legacy() []Vector {
	system := proto2(global("os", "system") + tuple(str("id")) + "R")
	protocol := "a protocol other than 1001"
	keys := func(k string) func() Data { return legacyAltered(func(f *legacyFile) { f.keys = proto2(k) }) }
	return []Vector{
		late("legacy-magic-twice", "the magic number for a protocol", protocol, legacyAltered(func(f *legacyFile) { f.protocol = legacyMagic })),
		late("legacy-protocol-1002", "a protocol that nobody wrote", protocol, legacyAltered(func(f *legacyFile) { f.protocol = proto2("M\xea\x03") })),
		late("legacy-protocol-list", "a protocol that is no number", protocol, legacyAltered(func(f *legacyFile) { f.protocol = proto2("]") })),
		failed("legacy-magic-alone", "nothing behind the magic number", "", func() Data { return bytesOf(legacyMagic) }),
		refused("legacy-protocol-calls", "a protocol that is computed", "os.system", legacyAltered(func(f *legacyFile) { f.protocol = system })),
		refused("legacy-sysinfo-calls", "type sizes that are computed", "os.system", legacyAltered(func(f *legacyFile) { f.sysInfo = system })),
		refused("legacy-keys-call", "keys that are computed", "os.system", legacyAltered(func(f *legacyFile) { f.keys = system })),
		fine("legacy-sysinfo-big-endian", "a machine that claims to be big-endian: torch ignores it", legacyAltered(func(f *legacyFile) {
			f.sysInfo = proto2(dict(str("little_endian"), "\x89"))
		})),
		failed("legacy-no-keys", "the list of keys is missing", "", legacyAltered(func(f *legacyFile) { f.keys, f.data = "", nil })),
		failed("legacy-keys-empty", "a storage that no key names", "does not hold every storage", keys("]")),
		failed("legacy-keys-unknown", "a key that nobody declared", "no persistent id declares", keys(list(str("0"), str("1")))),
		failed("legacy-keys-twice", "a key that stands twice", "listed twice", keys(list(str("0"), str("0")))),
		refused("legacy-keys-dict", "keys in a dict", "no plain list of strings", keys(dict(str("0"), "N"))),
		refused("legacy-keys-none", "None for keys", "no plain list of strings", keys("N")),
		refused("legacy-keys-nested", "a list for a key", "no plain list of strings", keys(list(list(str("0"))))),
		late("legacy-keys-int", "a number for a key that the object has as text", "torch tells apart", keys(list(num(0)))),
		fine("legacy-keys-ints", "numbers for keys", legacyAltered(func(f *legacyFile) {
			f.object = proto2(dict(str("w"), rebuild(storage("FloatStorage", num(0), num(2)), num(0), tuple(num(2)), tuple(num(1)))))
			f.keys = proto2(list(num(0)))
		})),
		failed("legacy-keys-million", "a million keys that nobody declared", "", legacyAltered(func(f *legacyFile) {
			f.keys = "\x80\x02](" + repeat(1_000_000, func(i int) string { return "K" + string([]byte{byte(i)}) }) + "e."
		})),
		refused("legacy-keys-long", "a key of 100,000 bytes", "no plain list of strings", keys(list(str(times(100_000, "k").String())))),
	}
}

// legacyStorages are such files whose storages lie.
func legacyStorages() []Vector {
	count := func(n int64) func() Data {
		return legacyAltered(func(f *legacyFile) { f.data = bytesOf(elements(n, eight)) })
	}
	// declared has a storage of that many elements in object and count.
	declared := func(n int64, numel string) func() Data {
		return legacyAltered(func(f *legacyFile) {
			f.object = proto2(dict(str("w"), rebuild(storage("FloatStorage", str("0"), numel), num(0), tuple(num(2)), tuple(num(1)))))
			f.data = bytesOf(elements(n, eight))
		})
	}
	object := func(o string) func() Data { return legacyAltered(func(f *legacyFile) { f.object = proto2(o) }) }
	view := func(key string, off, n int32) string {
		return tuple(str("storage"), global("torch", "FloatStorage"), str("0"), str("cpu"), num(2), tuple(str(key), num(off), num(n))) + "Q"
	}
	of := func(storage string) string { return rebuild(storage, num(0), tuple(num(1)), tuple(num(1))) }
	double := rebuild(storage("DoubleStorage", str("0"), num(1)), num(0), tuple(num(1)), tuple(num(1)))
	return []Vector{
		refused("legacy-count-1", "a count that is another", "should have 2 elements", count(1)),
		refused("legacy-count-negative", "a negative count", "should have 2 elements", count(-1)),
		refused("legacy-count-2^63-1", "the largest count", "should have 2 elements", count(1<<63-1)),
		refused("legacy-count-wraps", "a count that wraps in bytes", "should have 2 elements", count(1<<62+2)),
		failed("legacy-numel-2^40", "a terabyte, declared twice", "truncated", declared(1<<40, whole(power(40)))),
		refused("legacy-numel-2^62", "bytes that overflow, declared twice", "overflows", declared(1<<62, whole(power(62)))),
		refused("legacy-numel-negative", "less than nothing, declared twice", "negative", declared(-2, num(-2))),
		refused("legacy-two-dtypes", "one storage as floats and as doubles", "two types or sizes",
			object(dict(str("a"), vector("0", 2), str("b"), double))),
		refused("legacy-two-sizes", "one storage with two sizes", "two types or sizes", object(dict(str("a"), vector("0", 2), str("b"), vector("0", 1)))),
		failed("legacy-trailing", "bytes behind the last storage", "bytes follow the last storage", legacyAltered(func(f *legacyFile) { f.data = join(f.data, bytesOf("evil")) })),
		failed("legacy-trailing-zeros", "zeros behind the last storage", "bytes follow the last storage", legacyAltered(func(f *legacyFile) { f.data = join(f.data, times(1<<20, "\x00")) })),
		failed("legacy-storage-missing", "a file that ends before its storage", "ends before the storage", legacyAltered(func(f *legacyFile) { f.data = nil })),
		failed("legacy-storage-short", "a file that ends inside of its storage", "truncated", legacyAltered(func(f *legacyFile) { f.data = bytesOf(elements(2, eight[:5])) })),
		refused("legacy-view-outside", "a view that leaves its storage", "reaches outside of it", object(dict(str("w"), of(view("v", 1, 2))))),
		refused("legacy-view-negative", "a view before its storage", "reaches outside of it", object(dict(str("w"), of(view("v", -1, 2))))),
		refused("legacy-view-wraps", "a view whose end wraps", "reaches outside of it", object(dict(str("w"), of(
			tuple(str("storage"), global("torch", "FloatStorage"), str("0"), str("cpu"), num(2), tuple(str("v"), whole(power(62)), whole(power(62))))+"Q")))),
		refused("legacy-view-twice", "one view with two places", "declared twice", object(dict(str("a"), of(view("v", 0, 1)), str("b"), of(view("v", 1, 1))))),
		refused("legacy-view-tuple", "a view of two numbers", "not (key, offset, numel)", object(dict(str("w"), of(
			tuple(str("storage"), global("torch", "FloatStorage"), str("0"), str("cpu"), num(2), tuple(num(0), num(1)))+"Q")))),
		fine("legacy-view", "a view in order", object(dict(str("w"), of(view("v", 1, 1))))),
	}
}
