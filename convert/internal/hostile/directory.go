package hostile

import "strings"

// zipDirectory are archives whose end record lies about the directory.
func zipDirectory() []Vector {
	end := func(change func([]byte)) func() Data { return altered(func(a *archive) { a.end = change }) }
	damaged := "a damaged zip archive"
	other := archive{members: []member{{name: "archive/data.pkl", data: bytesOf(proto2("N"))}}}.data().String()
	return []Vector{
		failed("directory-no-end", "an archive without its end record", "no end record", altered(func(a *archive) { a.end = at32(0, 0) })),
		odd("directory-count-1", "members that the end record leaves out", "the archive has no member for this storage", end(at16(10, 1))),
		odd("directory-count-0", "no member", "", end(at16(10, 0))),
		failed("directory-count-65535", "more members than fit", damaged, end(at16(10, 1<<16-1))),
		failed("directory-size-0", "a directory of no bytes", damaged, end(at32(12, 0))),
		failed("directory-size-2^31", "a directory of 2 GiB", damaged, end(at32(12, 1<<31))),
		failed("directory-size-2^32-1", "a directory of 4 GiB", damaged, end(at32(12, 1<<32-1))),
		failed("directory-offset-0", "a directory at the start of the file", damaged, end(at32(16, 0))),
		failed("directory-offset-2^31", "a directory behind the file", damaged, end(at32(16, 1<<31))),
		failed("directory-offset-2^32-1", "a directory behind the file", damaged, end(at32(16, 1<<32-1))),
		inert("directory-comment-cut", "a comment that reaches over the file", end(at16(20, 1<<16-1))),
		failed("directory-trailing", "bytes behind the end record", "bytes that no part of the format explains", altered(func(a *archive) { a.tail = "evil" })),
		failed("directory-gap", "bytes between directory and end record", "bytes that no part of the format explains", altered(func(a *archive) { a.gap = bytesOf("evil") })),
		failed("directory-between", "bytes between two members", "bytes that no part of the format explains", altered(func(a *archive) { a.members[2].lead = bytesOf("evil") })),
		odd("directory-two", "a second directory behind the first, which readers from the front do not see", "bytes that no part of the format explains", func() Data {
			first := plainCheckpoint().data().String()
			return bytesOf(first + shifted(other, uint32(len(first))))
		}),
		odd("directory-in-comment", "a second archive in the comment", "bytes that no part of the format explains", func() Data {
			a := plainCheckpoint()
			a.comment = strings.Repeat(" ", len(other))
			first := a.data().String()
			at := len(first) - len(other)
			return bytesOf(first[:at] + shifted(other, uint32(at)))
		}),
	}
}

// shifted is an archive of one member for a place further behind in a file.
func shifted(zip string, by uint32) string {
	b := []byte(zip)
	e := len(b) - endSize
	dir := le.Uint32(b[e+16:])
	le.PutUint32(b[dir+42:], by+le.Uint32(b[dir+42:]))
	le.PutUint32(b[e+16:], by+dir)
	return string(b)
}

// wild are numbers of 64 bits that overflow, wrap or are negative.
var wild = []struct {
	name string
	n    uint64
}{{"2^32", 1 << 32}, {"2^63-1", 1<<63 - 1}, {"2^63", 1 << 63}, {"2^64-8", 1<<64 - 8}, {"2^64-1", 1<<64 - 1}}

// zip64 are archives whose 64-bit numbers lie.
func zip64() []Vector {
	wide := func(change func(*archive)) func() Data {
		return altered(func(a *archive) {
			a.wide = true
			change(a)
		})
	}
	damaged := "a damaged zip archive"
	all := []Vector{
		odd("zip64-members-10^9", "a directory of 10^9 members", damaged, wide(func(a *archive) { a.end64 = at64(32, 1_000_000_000) })),
		failed("zip64-no-magic", "a locator that leads to nothing", damaged, wide(func(a *archive) { a.end64 = at32(0, 0) })),
		inert("zip64-disagrees", "the plain end record has another count", wide(func(a *archive) { a.end = at16(10, 3) })),
		failed("zip64-extra-short", "a zip64 field without its number", damaged, altered(func(a *archive) {
			a.members[2].central, a.members[2].more = at32(24, 1<<32-1), "\x01\x00\x04\x00"+u32(8)
		})),
		failed("zip64-extra-cut", "a zip64 field that reaches over its entry", damaged, altered(func(a *archive) {
			a.members[2].central, a.members[2].more = at32(24, 1<<32-1), "\x01\x00\xff\xff"
		})),
	}
	for _, v := range wild {
		all = append(all,
			odd("zip64-count-"+v.name, "a count that wraps", damaged, wide(func(a *archive) { a.end64 = at64(32, v.n) })),
			odd("zip64-size-"+v.name, "a directory's size that wraps", damaged, wide(func(a *archive) { a.end64 = at64(40, v.n) })),
			odd("zip64-offset-"+v.name, "a directory's place that wraps", damaged, wide(func(a *archive) { a.end64 = at64(48, v.n) })),
			failed("zip64-locator-"+v.name, "an end record's place that wraps", damaged, wide(func(a *archive) { a.locator = at64(8, v.n) })),
		)
		says := damaged
		if int64(v.n) >= 0 {
			says = "malformed: " // of that member alone
		}
		for _, f := range []struct {
			name string
			at   int
		}{{"full", 24}, {"compressed", 20}, {"header", 42}} {
			all = append(all, failed("zip64-"+f.name+"-"+v.name, "a member's number that wraps", says, altered(func(a *archive) {
				a.members[2].central, a.members[2].more = at32(f.at, 1<<32-1), wideField(v.n)
			})))
		}
	}
	return all
}
