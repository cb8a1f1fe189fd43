package hostile

// deflated are archives whose compressed data lie.
func deflated() []Vector {
	object := func(change func(*member)) func() Data {
		return altered(func(a *archive) {
			a.members[0] = a.members[0].compress()
			change(&a.members[0])
		})
	}
	elements := func(change func(*member)) func() Data {
		return altered(func(a *archive) {
			a.members[2] = a.members[2].compress()
			change(&a.members[2])
		})
	}
	sized := func(full uint32) func(*member) {
		return func(m *member) { both(m, at32(22, full), at32(24, full)) }
	}
	broken := func(m *member) { m.raw = bytesOf("\x07no deflate") }
	cutOff := func(m *member) { m.raw = m.raw.cut(m.raw.Len() / 2) }
	trailing := func(m *member) { m.raw = join(m.raw, bytesOf("evil")) }
	wrong := func(m *member) { both(m, at32(14, 7), at32(16, 7)) }
	full := uint32(plainCheckpoint().members[0].data.Len())
	return []Vector{
		failed("deflate-object-longer", "an object that holds less than declared", "declares", object(sized(full+9))),
		failed("deflate-object-shorter", "an object that holds more than declared", "", object(sized(full-9))),
		failed("deflate-object-empty", "an object declared to have no bytes", "", object(sized(0))),
		failed("deflate-object-4GiB", "more than the compressed bytes can hold", "declares", object(sized(1<<32-2))),
		failed("deflate-object-broken", "no deflate at all", "damaged", object(broken)),
		failed("deflate-object-cut", "a stream that ends early", "damaged", object(cutOff)),
		failed("deflate-object-trailing", "bytes behind the stream's end", "bytes that no part of the format explains", object(trailing)),
		odd("deflate-object-crc", "a wrong CRC", "its CRC is wrong", object(wrong)),
		refused("deflate-storage-longer", "elements declared to be more", "should have 8 bytes", elements(sized(16))),
		late("deflate-storage-broken", "elements that are no deflate", "damaged", elements(broken)),
		late("deflate-storage-cut", "elements that end early", "damaged", elements(cutOff)),
		late("deflate-storage-crc", "elements with a wrong CRC", "its CRC is wrong", elements(wrong)),
		late("deflate-storage-holds-more", "more elements than declared", "", elements(func(m *member) {
			m.raw, m.size = squeezed(1, zeros(1<<20)), 8
		})),
		late("deflate-storage-holds-less", "fewer elements than declared", "declares 8 bytes", elements(func(m *member) {
			m.raw, m.size = squeezed(1, "1234"), 8
		})),
		fine("deflate-empty-blocks", "a megabyte of blocks without data before the elements", elements(func(m *member) {
			m.raw = join(times(200_000, "\x00\x00\x00\xff\xff"), m.raw)
		})),
		failed("deflate-empty-blocks-only", "ten megabytes of blocks without data", "declares", object(func(m *member) {
			m.raw = join(times(2_000_000, "\x00\x00\x00\xff\xff"), bytesOf(lastBlock))
		})),
		failed("deflate-distance", "a match before the start of the data", "damaged", object(func(m *member) {
			m.raw = bytesOf("\x4b\x04\x52\x00\x00") // a fixed block: one literal, then a match far behind it
		})),
	}
}

// bombs are archives of kilobytes and megabytes that stand for gigabytes.
func bombs() []Vector {
	// bomb is a deflated member of n times a megabyte of text.
	bomb := func(name string, n int64, text string) member {
		chunk := times((1<<20)/int64(len(text)), text).String()
		return member{name: name, raw: squeezed(n, chunk), way: deflate, noCRC: true, size: n * int64(len(chunk))}
	}
	object := func(m member) func() Data {
		return func() Data {
			a := plainCheckpoint()
			a.members[0] = m
			return a.data()
		}
	}
	return []Vector{
		failed("bomb-object-none", "a megabyte of deflate for 900 million NONE", "", object(bomb("archive/data.pkl", 900, "N"))),
		failed("bomb-object-pop", "900 million opcodes that do nothing", "", object(bomb("archive/data.pkl", 900, "N0"))),
		failed("bomb-object-mark", "900 million MARKs", "", object(bomb("archive/data.pkl", 900, "("))),
		failed("bomb-object-zeros", "an object of 3 GiB of zeros", "", object(bomb("archive/data.pkl", 3<<10, "\x00"))),
		failed("bomb-object-lists", "500 million empty lists", "", object(bomb("archive/data.pkl", 500, "]"))),
		failed("bomb-hidden-pickle", "a pickle beside the object that inflates to 3 GiB", "", func() Data {
			a := plainCheckpoint()
			a.members = append(a.members, bomb("archive/evil.pkl", 3<<10, "N0"))
			return a.data()
		}),
		failed("bomb-byteorder", "a byte order of 3 GiB", "the byte order is neither", func() Data {
			a := plainCheckpoint()
			a.members[1] = bomb("archive/byteorder", 3<<10, "l")
			return a.data()
		}),
		fine("bomb-unread", "a member of 3 GiB that nobody needs to read", func() Data {
			a := plainCheckpoint()
			a.members = append(a.members, bomb("archive/notes", 3<<10, "\x00"))
			return a.data()
		}),
		late("bomb-storage", "a storage that inflates to 3 GiB", "limit", func() Data {
			a := checkpoint(bytesOf(proto2(dict(str("w"), vector("0", 3<<28)))))
			a.members = append(a.members, bomb("archive/data/0", 3<<10, "\x00"))
			return a.data()
		}),
		late("bomb-storages", "forty storages that inflate to 100 MiB each", "limit", func() Data {
			a := checkpoint(bytesOf(proto2("}(" + repeat(40, func(i int) string { return str(decimal(i)) + vector(decimal(i), 25<<20) }) + "u")))
			for i := range 40 {
				a.members = append(a.members, bomb("archive/data/"+decimal(i), 100, "\x00"))
			}
			return a.data()
		}),
		refused("bomb-overlapping", "1,000 entries of one member of 3 GiB", "overlaps the one before it", func() Data {
			a := plainCheckpoint()
			m := bomb("", 3<<10, "\x00")
			for i := range 1000 {
				m.name, m.same = "archive/data/"+decimal(i+1), i > 0
				a.members = append(a.members, m)
			}
			return a.data()
		}),
		fine("bomb-nested-zip", "an archive inside of a storage, which nobody opens", func() Data {
			inner := archive{members: []member{bomb("bomb", 3<<10, "\x00")}}.data()
			a := plainCheckpoint()
			a.members = append(a.members, member{name: "archive/data/1", data: inner})
			return a.data()
		}),
	}
}
