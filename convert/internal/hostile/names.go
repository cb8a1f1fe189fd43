package hostile

import "strings"

// names are tensors whose names are chosen to mislead.
func names() []Vector {
	of := func(name string) func() Data { return holding(dict(str(name), vector("0", 2))) }
	// below is n tensors, each in a list, under one name of a megabyte.
	below := func(n int) func() Data {
		return func() Data {
			return checkpoint(bytesOf(proto2(vectorIn(1)+dict(str(times(1_000_000, "n").String()), list(strings.Repeat("]h\x01a", n))))), eight).data()
		}
	}
	return []Vector{
		late("name-metadata", "the format's own name", "SafeTensors reserves this name", of("__metadata__")),
		late("name-surrogate", "a name that is no Unicode", "not valid Unicode", of("\xed\xa0\x80")),
		named("name-format", "a name that is a key of metadata", "format", of("format")),
		named("name-depickle", "a name that is a key of ours", "depickle.content_sha256", of("depickle.content_sha256")),
		named("name-empty", "a name of no bytes", "", of("")),
		named("name-nul", "a name that ends early in C", `w\u0000.weight`, of("w\x00.weight")),
		named("name-lines", "a name that forges lines of output", `w\n\u001b[2J\rout.safetensors: MATCHES SOURCE`, of("w\n\x1b[2J\rout.safetensors: MATCHES SOURCE")),
		named("name-bidi", "a name that turns text around", "w\u202ethgiew", of("w\u202ethgiew")),
		named("name-quotes", "a name that ends a JSON string", `w\": {\"dtype\": \"F32`, of(`w": {"dtype": "F32`)),
		named("name-path", "a name that is a path", "../../../etc/passwd", of("../../../etc/passwd")),
		named("name-4096", "a name of 4 KiB", strings.Repeat("n", 4096), of(strings.Repeat("n", 4096))),
		named("name-4097", "a name of a byte more", strings.Repeat("n", 4097), of(strings.Repeat("n", 4097))),
		named("name-1MB", "a name of a megabyte", strings.Repeat("n", 1_000_000), of(times(1_000_000, "n").String())),
		late("name-2MB", "a name of two megabytes", "limit", of(times(2<<20, "n").String())),
		late("name-header", "names that fill a header of more than 100 MB", "limit", below(150)),
		late("name-shared-path", "500 lists below a name of a megabyte, and a tensor in each", "limit", below(500)),
	}
}
