package hostile

import "strings"

// zipMembers are archives on whose members readers differ.
func zipMembers() []Vector {
	extra := func(name, data string) func() Data {
		return altered(func(a *archive) { a.members = append(a.members, member{name: name, data: bytesOf(data)}) })
	}
	system := global("posix", "system") + tuple(str("id")) + "R"
	return []Vector{
		refused("zip-two-objects", "readers take the first or the last data.pkl", "two members have this name",
			extra("archive/data.pkl", proto2(system))),
		refused("zip-case-twin", "torch's reader ignores case", "differs only in case", extra("archive/DATA.PKL", proto2("N"))),
		refused("zip-two-storages", "the same of a storage", "two members have this name", extra("archive/data/0", "abcdefgh")),
		refused("zip-storage-twin", "storage keys that differ in case", "differs only in case", func() Data {
			a := checkpoint(bytesOf(proto2(dict(
				str("a"), rebuild(storage("FloatStorage", str("k"), num(2)), num(0), tuple(num(2)), tuple(num(1))),
				str("b"), rebuild(storage("FloatStorage", str("K"), num(2)), num(0), tuple(num(2)), tuple(num(1)))))))
			a.members = append(a.members, member{name: "archive/data/k", data: bytesOf(eight)}, member{name: "archive/data/K", data: bytesOf(eight)})
			return a.data()
		}),
		refused("zip-hidden-pickle", "a second pickle that torch never opens", "posix.system", extra("archive/evil.pkl", proto2(system))),
		refused("zip-unnamed-pickle", "the same under a plain name", "posix.system", extra("archive/readme", proto2(system))),
		refused("zip-old-pickle", "the same in protocol 0", "posix.system", extra("archive/notes", "cposix\nsystem\n(S'id'\ntR.")),
		failed("zip-no-object", "an archive of something else", "without a data.pkl", altered(func(a *archive) { a.members = a.members[1:] })),
		late("zip-torchscript", "TorchScript is code", "TorchScript", extra("archive/constants.pkl", proto2(")"))),
		failed("zip-object-empty", "a data.pkl of no bytes", "no STOP was read", func() Data { return checkpoint(nil, eight).data() }),
		failed("zip-object-html", "a web page for an object", "", func() Data { return checkpoint(bytesOf("<html>no</html>"), eight).data() }),
		failed("zip-object-trailing", "bytes behind the object's STOP", "bytes that no part of the format explains",
			func() Data { return checkpoint(bytesOf(proto2(weights())+"rest"), eight).data() }),
		failed("zip-byteorder", "neither little nor big", "the byte order is neither", altered(func(a *archive) { a.members[1].data = bytesOf("middle") })),
		failed("zip-no-storage", "an object without its elements", "no member for this storage", altered(func(a *archive) {
			a.members = append(a.members[:2:2], a.members[3])
		})),
		refused("zip-storage-short", "fewer elements than the object says", "should have 8 bytes", altered(func(a *archive) { a.members[2].data = bytesOf("1234") })),
		refused("zip-storage-long", "more elements than the object says", "should have 8 bytes", altered(func(a *archive) { a.members[2].data = bytesOf(zeros(1 << 16)) })),
		inert("zip-name-nul", "a name that ends early in C", extra("archive/x\x00y", "x")),
		inert("zip-name-parent", "a name that leaves the archive", extra("archive/../../etc/x", "x")),
		inert("zip-name-root", "an absolute name", extra("/etc/x", "x")),
		inert("zip-name-backslash", "a name that is a path on Windows", extra(`archive\..\x`, "x")),
		inert("zip-name-other", "Info-ZIP's field has another name", altered(func(a *archive) {
			other := "\x01\x00\x00\x00\x00archive/evil.pkl"
			a.members[3].more = string(le.AppendUint16(le.AppendUint16(nil, 0x7075), uint16(len(other)))) + other
		})),
		fine("zip-name-lines", "a name with line feeds and escapes, to forge lines of output", extra("archive/a\ndepickle: clean\x1b[2J\r", "x")),
		fine("zip-name-long", "a name of 65,535 bytes", extra("archive/"+strings.Repeat("n", 1<<16-9), "x")),
		fine("zip-name-empty", "a member without a name", extra("", "x")),
		refused("zip-same-name-100k", "100,000 members of one name", "two members have this name", func() Data {
			a := plainCheckpoint()
			for range 100_000 {
				a.members = append(a.members, member{name: "archive/version", data: bytesOf("3\n")})
			}
			return a.data()
		}),
		refused("zip-one-header-50k", "50,000 entries of one header", "overlaps the one before it", oneHeader(50_000)),
		failed("zip-one-header-300k", "300,000 entries of one header, more than such a file may have", "members or storages", oneHeader(300_000)),
	}
}

// oneHeader has n entries that name the same header.
func oneHeader(n int) func() Data {
	return func() Data {
		a := plainCheckpoint()
		for range n {
			a.members = append(a.members, member{name: "archive/version", data: bytesOf("3\n"), same: true})
		}
		a.wide = true
		return a.data()
	}
}

// zipHeaders are archives whose local headers, directory entries and
// descriptors say different things, or things that cannot be.
func zipHeaders() []Vector {
	entry := func(change func([]byte)) func() Data {
		return altered(func(a *archive) { a.members[2].central = change })
	}
	header := func(change func([]byte)) func() Data {
		return altered(func(a *archive) { a.members[2].header = change })
	}
	all := []Vector{
		inert("zip-local-name", "the local header has another name", altered(func(a *archive) { a.members[2].local = "archive/data/9" })),
		inert("zip-local-method", "the local header says deflated", header(at16(8, deflate))),
		inert("zip-local-flags", "the local header says encrypted", header(at16(6, 1))),
		inert("zip-local-size", "the local header has another size", header(at32(22, 7))),
		inert("zip-local-crc", "the local header has another CRC", header(at32(14, 7))),
		inert("zip-local-wide", "the local header wants zip64 and has none", header(at32(18, 1<<32-1))),
		inert("zip-descriptor", "the descriptor has another size", altered(func(a *archive) {
			a.members[2].desc, a.members[2].after = true, at32(8, 7)
		})),
		odd("zip-object-crc", "the object is not what was written", "its CRC is wrong", altered(func(a *archive) { both(&a.members[0], at32(14, 7), at32(16, 7)) })),
		late("zip-storage-crc", "elements that are not what was written", "its CRC is wrong", altered(func(a *archive) { both(&a.members[2], at32(14, 7), at32(16, 7)) })),
		failed("zip-encrypted-object", "an object under a password", "encrypted", altered(func(a *archive) { both(&a.members[0], at16(6, 1), at16(8, 1)) })),
		failed("zip-encrypted-storage", "elements under a password", "encrypted", altered(func(a *archive) { both(&a.members[2], at16(6, 1), at16(8, 1)) })),
		failed("zip-strong", "strong encryption", "encrypted", altered(func(a *archive) { both(&a.members[2], at16(6, 1<<6), at16(8, 1<<6)) })),
		failed("zip-no-magic", "a header that is none", "local header is missing", header(at32(0, 0))),
		failed("zip-local-name-length", "a name that reaches over the file", "reaches past the end", header(at16(26, 1<<16-1))),
		failed("zip-local-extra-length", "extra fields that reach over the file", "reaches past the end", header(at16(28, 1<<16-1))),
		failed("zip-entry-no-magic", "an entry that is none", "directory is damaged", entry(at32(0, 0))),
		odd("zip-entry-name-length", "a name that reaches over the directory", "cut off", entry(at16(28, 1<<16-1))),
		failed("zip-entry-extra-length", "extra fields that reach over the directory", "cut off", entry(at16(30, 1<<16-1))),
		failed("zip-entry-comment-length", "a comment that reaches over the directory", "cut off", entry(at16(32, 1<<16-1))),
		refused("zip-header-of-another", "an entry that names another's header", "overlaps the one before it", altered(func(a *archive) { a.members[3].same = true })),
		refused("zip-quoted", "a member that holds the headers of the next, as the better zip bomb does", "overlaps the one before it", altered(func(a *archive) {
			both(&a.members[1], at32(18, 60), at32(20, 60))
			both(&a.members[1], at32(22, 60), at32(24, 60))
		})),
		refused("zip-into-directory", "a member that reaches into the directory", "overlaps", altered(func(a *archive) {
			both(&a.members[3], at32(18, 60), at32(20, 60))
			both(&a.members[3], at32(22, 60), at32(24, 60))
		})),
	}
	for _, way := range []uint16{1, 9, 12, 14, 93, 99, 1<<16 - 1} {
		all = append(all, failed("zip-method-"+decimal(int(way)), "a compression that is not read", "compressed by method",
			altered(func(a *archive) { a.members[2].way = way })))
	}
	for _, v := range []struct {
		name string
		n    uint32
	}{{"0", 0}, {"7", 7}, {"2^31-1", 1<<31 - 1}, {"2^31", 1 << 31}, {"2^32-2", 1<<32 - 2}, {"2^32-1", 1<<32 - 1}} {
		all = append(all,
			failed("zip-compressed-"+v.name, "a compressed size that is another", "", entry(at32(20, v.n))),
			failed("zip-size-"+v.name, "a size that is another", "", entry(at32(24, v.n))),
		)
		if v.n > 7 {
			all = append(all, failed("zip-offset-"+v.name, "a header that lies elsewhere", "", entry(at32(42, v.n))))
		}
	}
	return all
}

// both adds to what changes a member's header and entry.
func both(m *member, header, central func([]byte)) {
	h, c := m.header, m.central
	m.header = func(b []byte) {
		if h != nil {
			h(b)
		}
		header(b)
	}
	m.central = func(b []byte) {
		if c != nil {
			c(b)
		}
		central(b)
	}
}
