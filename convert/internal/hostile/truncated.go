package hostile

import "fmt"

// whole files that are cut off at every byte by the tests, and at some by the
// vectors below. Each is one stream or one archive, so that no part of it is a
// file in order.
func cuttable() map[string]Data {
	return map[string]Data{
		"zip":      plainCheckpoint().data(),
		"deflated": altered(func(a *archive) { a.members[0] = a.members[0].compress(); a.members[2] = a.members[2].compress() })(),
		"zip64":    altered(func(a *archive) { a.wide = true; a.members[0].desc = true })(),
		"legacy":   legacyCheckpoint().bytes(),
		"numpy":    pickle(dict(str("w"), array(tuple(num(2)), "<f4", "\x89", raw(eight))))(),
		"proto4":   bytesOf(proto4(dict(str("w"), array(tuple(num(2)), "<f4", "\x89", "\x8e"+u64(8)+eight)))),
	}
}

// truncated are files that end early: at each eighth, and by the last byte.
func truncated() []Vector {
	var all []Vector
	for _, name := range []string{"zip", "deflated", "zip64", "legacy", "numpy", "proto4"} {
		size := cuttable()[name].Len()
		for _, at := range []int64{size / 8, size / 2, size * 7 / 8, size - 1} {
			all = append(all, failed(fmt.Sprintf("truncated-%s-%d", name, at), "a file that ends early", "",
				func() Data { return cuttable()[name].cut(at) }))
		}
	}
	return all
}
