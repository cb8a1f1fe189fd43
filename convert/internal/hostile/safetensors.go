package hostile

import "strings"

// broken is a file that breaks the format's rules.
func broken(name, why, says string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Says: says, Make: make, Output: true, Scan: Failed, Convert: Failed, Verify: Refused}
}

// unread is an output that cannot be judged: over a limit, or nobody's.
func unread(name, why, says string, make func() Data) Vector {
	v := broken(name, why, says, make)
	v.Verify = Failed
	return v
}

// outputs are SafeTensors files whose tensors lie.
func outputs() []Vector {
	entries := func(name, why, says, header string) Vector {
		return broken("output-"+name, why, says, func() Data { return safetensors("{"+ours()+","+header+"}", bytesOf(eight)) })
	}
	one := func(name, why, says, dtype, shape, offsets string) Vector {
		return entries(name, why, says, `"w":{"dtype":`+dtype+`,"shape":`+shape+`,"data_offsets":`+offsets+`}`)
	}
	whole, offsets := "whole numbers below 2^63", "two whole numbers"
	return []Vector{
		{Name: "output-benign", Why: "a file in order", Make: output, Output: true, Scan: Failed, Convert: Failed, Verify: OK},
		entries("hole", "data without an owner", "leaves a hole", `"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`),
		entries("hole-between", "the same between two", "leaves a hole", `"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}`),
		entries("overlap", "two owners", "before the tensor in front of it ends", `"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}`),
		entries("same", "one range for two", "before the tensor in front of it ends", `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`),
		entries("twice", "one name for two", "stands twice", entryOfW+","+entryOfW),
		entries("twice-escaped", "the same, spelled differently", "stands twice", entryOfW+`,"\u0077":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}`),
		entries("metadata-twice", "two kinds of metadata", "stands twice", `"__metadata__":{},`+entryOfW),
		entries("field-unknown", "a field that nobody knows", "unknown field", `"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"evil":1}`),
		entries("field-case", "a field in other letter case", "unknown field", `"w":{"DTYPE":"F32","shape":[2],"data_offsets":[0,8]}`),
		entries("field-twice", "a field that stands twice", "stands twice", `"w":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}`),
		entries("field-missing", "a field that is missing", "is missing", `"w":{"dtype":"F32","shape":[2]}`),
		entries("entry-list", "a list for an entry", "not an object", `"w":[0,8]`),
		one("dtype-unknown", "a dtype that the format lacks", "none of the format's", `"F33"`, "[2]", "[0,8]"),
		one("dtype-null", "null for a dtype", "", "null", "[2]", "[0,8]"),
		one("shape-negative", "a size below zero", whole, `"F32"`, "[-2]", "[0,8]"),
		one("shape-float", "a size with a fraction", whole, `"F32"`, "[2.0]", "[0,8]"),
		one("shape-exponent", "a size with an exponent", whole, `"F32"`, "[2e0]", "[0,8]"),
		one("shape-2^63", "a size that is negative in 64 bits", whole, `"F32"`, "[9223372036854775808]", "[0,8]"),
		one("shape-2^64+2", "a size that wraps", whole, `"F32"`, "[18446744073709551618]", "[0,8]"),
		one("shape-megabyte", "a size of a million digits", whole, `"F32"`, "["+strings.Repeat("9", 1_000_000)+"]", "[0,8]"),
		one("shape-product", "sizes whose product wraps", "overflows", `"F32"`, "[4611686018427387905,4]", "[0,8]"),
		one("shape-bytes", "sizes whose bytes wrap", "overflows", `"F32"`, "[4611686018427387906]", "[0,8]"),
		one("shape-bits", "sizes whose bits wrap", "overflows", `"F32"`, "[576460752303423490]", "[0,8]"),
		one("shape-more", "more elements than data", "where the shape needs", `"F32"`, "[3]", "[0,8]"),
		one("shape-less", "fewer elements than data", "where the shape needs", `"F32"`, "[1]", "[0,8]"),
		one("shape-null", "null for a shape", whole, `"F32"`, "null", "[0,8]"),
		one("shape-nested", "a list of lists for a shape", whole, `"F32"`, "[[2]]", "[0,8]"),
		one("offsets-backward", "an end before its begin", "before it begins", `"F32"`, "[2]", "[8,0]"),
		one("offsets-three", "three offsets", offsets, `"F32"`, "[2]", "[0,8,8]"),
		one("offsets-one", "one offset", offsets, `"F32"`, "[2]", "[8]"),
		one("offsets-negative", "an offset below zero", offsets, `"F32"`, "[2]", "[-8,0]"),
		one("offsets-2^63", "an offset that is negative in 64 bits", offsets, `"F32"`, "[2]", "[0,9223372036854775808]"),
		one("offsets-past-end", "data behind the file", "", `"U8"`, "[9223372036854775807]", "[0,9223372036854775807]"),
		one("unaligned", "half a byte", "no whole number of bytes", `"F4"`, "[3]", "[0,8]"),
		unread("output-rank-65", "65 dimensions", "64 dimensions", func() Data { return safetensors(ranked(65), bytesOf(eight)) }),
		unread("output-rank-million", "a million dimensions", "64 dimensions", func() Data { return safetensors(ranked(1_000_000), bytesOf(eight)) }),
		broken("output-trailing", "bytes behind the last tensor", "goes on", func() Data { return join(output(), bytesOf("evil")) }),
		broken("output-truncated", "data that end early", "past the end of the file", func() Data { return output().cut(output().Len() - 1) }),
		broken("output-changed", "one bit of the data", "content_sha256", func() Data {
			return safetensors("{"+ours()+","+entryOfW+"}", bytesOf(eight[:7]+"\x41"))
		}),
		broken("output-renamed", "another name", "content_sha256", func() Data {
			return safetensors("{"+ours()+","+strings.Replace(entryOfW, `"w"`, `"v"`, 1)+"}", bytesOf(eight))
		}),
		broken("output-alias-added", "metadata that names a tensor once more", "content_sha256", func() Data {
			return safetensors("{"+strings.Replace(ours(), `"format"`, `"evil":"w","format"`, 1)+","+entryOfW+"}", bytesOf(eight))
		}),
		unread("output-no-digest", "a file that names no digest", "names no content_sha256", func() Data { return safetensors("{"+entryOfW+"}", bytesOf(eight)) }),
	}
}

// ranked is a header of a tensor of n dimensions.
func ranked(n int) string {
	return `{"w":{"dtype":"F32","shape":[` + strings.Repeat("1,", n-1) + `2],"data_offsets":[0,8]}}`
}

// headers are SafeTensors files whose header is no such thing.
func headers() []Vector {
	text := func(name, why, says, header string) Vector {
		return broken("header-"+name, why, says, func() Data { return safetensors(header, bytesOf(eight)) })
	}
	syntax := "not strict JSON"
	length := func(name string, n uint64, says string) Vector {
		return broken("header-length-"+name, "a header that is not there", says, func() Data {
			return join(bytesOf(u64(n)+"{"+ours()+","+entryOfW+"}"), bytesOf(eight))
		})
	}
	all := []Vector{
		unread("header-empty-file", "a file of no bytes", "an empty file", func() Data { return nil }),
		broken("header-7-bytes", "a file of seven bytes", "no room for a header", func() Data { return bytesOf("1234567") }),
		length("0", 0, "begin with a brace"),
		length("1", 1, syntax),
		length("100MB", 100_000_000, "past the end of the file"),
		length("100MB+1", 100_000_001, "over the format's limit"),
		text("no-brace", "a list", "begin with a brace", `["w"]`),
		text("space-first", "space before the brace", "begin with a brace", " {"+entryOfW+"}"),
		text("bom", "a byte order mark", "begin with a brace", "\ufeff{"+entryOfW+"}"),
		text("after", "something behind the object", "follows the header", "{"+entryOfW+"}{}"),
		text("nul-padding", "NULs behind the object", "follows the header", "{"+entryOfW+"}\x00\x00\x00\x00\x00\x00\x00\x00"),
		text("utf8", "a name that is no UTF-8", syntax, "{\"\xff\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"),
		text("surrogate", "half of a pair in a name", syntax, `{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`),
		text("comma", "a comma too many", syntax, "{"+entryOfW+",}"),
		text("comment", "a comment", syntax, "{/**/"+entryOfW+"}"),
		text("nan", "NaN for metadata", syntax, `{"__metadata__":NaN}`),
		text("metadata-number", "a number in the metadata", "map of strings", `{"__metadata__":{"a":1},`+entryOfW+"}"),
		text("metadata-list", "a list for metadata", "map of strings", `{"__metadata__":[],`+entryOfW+"}"),
		text("metadata-twice", "a key of metadata twice", "stands twice", `{"__metadata__":{"a":"1","a":"2"},`+entryOfW+"}"),
		text("deep-metadata", "metadata a million deep", "map of strings", `{"__metadata__":`+strings.Repeat("[", 1_000_000)+strings.Repeat("]", 1_000_000)+"}"),
		text("deep-shape", "a shape a million deep", "shape is not", `{"w":{"dtype":"F32","shape":`+strings.Repeat("[", 1_000_000)+"}"),
		text("deep-objects", "objects a million deep", "", strings.Repeat(`{"a":`, 1_000_000)),
		text("unclosed", "a header that ends early", syntax, "{"+entryOfW),
		unread("header-long-dtype", "a dtype of ten megabytes", "limit", func() Data {
			return safetensors(`{"w":{"dtype":"`+strings.Repeat("F", 10<<20)+`","shape":[2],"data_offsets":[0,8]}}`, bytesOf(eight))
		}),
		unread("header-long-name", "a name of 30 MB", "limit", func() Data {
			return safetensors(`{"`+strings.Repeat("n", 30<<20)+`":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, bytesOf(eight))
		}),
		unread("header-spaces-50MB", "50 MB of padding", "names no content_sha256", func() Data {
			return join(bytesOf(u64(50<<20)+"{"+entryOfW+"}"), times(50<<20-int64(len(entryOfW))-2, " "), bytesOf(eight))
		}),
		// As many as 128 MiB allow, at 64 MiB and 1 KiB for each.
		unread("header-empty-tensors-60k", "60,000 tensors without data", "names no content_sha256", func() Data {
			return safetensors("{"+repeat(60_000, func(i int) string {
				return `"` + decimal(i) + `":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`
			})+entryOfW+"}", bytesOf(eight))
		}),
		unread("header-metadata-500k", "half a million keys of metadata", "limit", func() Data {
			return safetensors(`{"__metadata__":{`+repeat(500_000, func(i int) string { return `"` + decimal(i) + `":"",` })+`"a":""},`+entryOfW+"}", bytesOf(eight))
		}),
		broken("header-aliases-50k", "50,000 keys of metadata that name a tensor once more", "content_sha256", func() Data {
			return safetensors(strings.Replace("{"+ours()+","+entryOfW+"}", `"format":"pt"`,
				repeat(50_000, func(i int) string { return `"` + decimal(i) + `":"w",` })+`"format":"pt"`, 1), bytesOf(eight))
		}),
	}
	for _, v := range wild {
		all = append(all, length(v.name, v.n, "over the format's limit"))
	}
	return all
}
