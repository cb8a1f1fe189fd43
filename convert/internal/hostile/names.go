package hostile

import "strings"

// names are tensors whose names are chosen to mislead.
func names() []Vector {
	named := func(name string) func() Data { return holding(dict(str(name), vector("0", 2))) }
	// below is n tensors, each in a list, under one name of a megabyte.
	below := func(n int) func() Data {
		return func() Data {
			return checkpoint(bytesOf(proto2(vectorIn(1)+dict(str(times(1<<20, "n").String()), list(strings.Repeat("]h\x01a", n))))), eight).data()
		}
	}
	return []Vector{
		late("name-metadata", "the format's own name", "SafeTensors reserves this name", named("__metadata__")),
		late("name-surrogate", "a name that is no Unicode", "not valid Unicode", named("\xed\xa0\x80")),
		fine("name-format", "a name that is a key of metadata", named("format")),
		fine("name-depickle", "a name that is a key of ours", named("depickle.content_sha256")),
		fine("name-empty", "a name of no bytes", named("")),
		fine("name-nul", "a name that ends early in C", named("w\x00.weight")),
		fine("name-lines", "a name that forges lines of output", named("w\n\x1b[2J\rout.safetensors: MATCHES SOURCE")),
		fine("name-bidi", "a name that turns text around", named("w\u202ethgiew")),
		fine("name-quotes", "a name that ends a JSON string", named(`w": {"dtype": "F32`)),
		fine("name-path", "a name that is a path", named("../../../etc/passwd")),
		fine("name-1MB", "a name of a megabyte", named(times(1<<20, "n").String())),
		late("name-2MB", "a name of two megabytes", "limit", named(times(2<<20, "n").String())),
		late("name-header", "names that fill a header of more than 100 MB", "limit", below(150)),
		late("name-shared-path", "500 lists below a name of a megabyte, and a tensor in each", "limit", below(500)),
	}
}
