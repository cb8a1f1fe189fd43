package hostile

import "strings"

// records are outputs in order beside a record that lies.
func records() []Vector {
	beside := func(name, why, says string, record func() Data) Vector {
		v := broken("record-"+name, why, says, output)
		v.Record = record
		return v
	}
	// changed replaces a text of the record, and seals it again.
	changed := func(name, why, says, old, now string) Vector {
		return beside(name, why, says, func() Data { return sealed(strings.Replace(recordText(), old, now, 1)) })
	}
	syntax := "not strict JSON"
	other := strings.Repeat("6", 64)
	benign := beside("benign", "a record in order", "", func() Data { return sealed(recordText()) })
	benign.Verify = OK
	all := []Vector{
		benign,
		beside("unsealed", "a record whose own digest is another", "", func() Data { return bytesOf(recordText()) }),
		beside("changed", "a record that was changed", "", func() Data {
			return bytesOf(strings.Replace(sealed(recordText()).String(), `"name": "model.pt"`, `"name": "model.qt"`, 1))
		}),
		beside("empty", "a record of no bytes", "", func() Data { return nil }),
		beside("truncated", "a record that ends early", syntax, func() Data { return sealed(recordText()).cut(500) }),
		beside("trailing", "something behind the record", "", func() Data { return join(sealed(recordText()), bytesOf("{}")) }),
		beside("list", "a list", "", func() Data { return bytesOf("[]") }),
		changed("tensor-digest", "a tensor with another digest", "", digest(bytesOf(eight)), other),
		changed("tensor-name", "a tensor with another name", "", `"name": "w"`, `"name": "v"`),
		changed("tensor-dtype", "a tensor with another dtype", "", `"dtype": "F32"`, `"dtype": "I32"`),
		changed("tensor-shape", "a tensor with another shape", "", `"shape": [2]`, `"shape": [1, 2]`),
		changed("tensor-twice", "a tensor that stands twice", "", `"tensors": [`, `"tensors": [
    {"name": "w", "path": "/w", "dtype": "F32", "shape": [2], "sha256": "`+digest(bytesOf(eight))+`"},`),
		changed("tensors-none", "no tensors", "", `    {"name": "w", "path": "/w", "dtype": "F32", "shape": [2], "sha256": "`+digest(bytesOf(eight))+"\"}\n", ""),
		changed("alias-added", "an alias that the header does not name", "", `"aliases": [],`, `"aliases": [
    {"name": "v", "of": "w"}
  ],`),
		changed("alias-of-nothing", "an alias of no tensor", "", `"aliases": [],`, `"aliases": [
    {"name": "v", "of": "u"}
  ],`),
		changed("output-digest", "another digest of the output", "", digest(output()), other),
		changed("output-size", "another size of the output", "", `"size": `+decimal(int(output().Len())), `"size": 7`),
		changed("output-content", "another digest of the content", "", contentOfW(eight), other),
		changed("source-digest", "another source", "different sources", sourceDigest, other),
		changed("size-negative", "a size below zero", "whole number in range", `"size": 12`, `"size": -12`),
		changed("size-exponent", "a size with an exponent", "whole number in range", `"size": 12`, `"size": 12e0`),
		changed("size-2^64", "a size that wraps", "whole number in range", `"size": 12`, `"size": 18446744073709551628`),
		changed("size-megabyte", "a size of a million digits", "whole number in range", `"size": 12`, `"size": `+strings.Repeat("9", 1_000_000)),
		changed("member-twice", "a member that stands twice", "stands twice", `"verdict": "clean",`, "\"verdict\": \"clean\",\n  \"verdict\": \"clean\","),
		changed("member-unknown", "a member that nobody knows", "", `"verdict": "clean",`, "\"verdict\": \"clean\",\n  \"evil\": 1,"),
		changed("member-missing", "a member that is missing", "", "  \"verdict\": \"clean\",\n", ""),
		changed("member-case", "a member in other letter case", "", `"verdict"`, `"Verdict"`),
		changed("member-order", "members in another order", "", "  \"severity\": \"clean\",\n  \"verdict\": \"clean\",", "  \"verdict\": \"clean\",\n  \"severity\": \"clean\","),
		changed("severity", "a severity that is none", "", `"severity": "clean"`, `"severity": "lovely"`),
		changed("digest-upper", "a digest in capitals", "64 digits in lower case", sourceDigest, strings.Repeat("A", 64)),
		changed("utf8", "text that is no UTF-8", syntax, "model.pt", "model\xff.pt"),
		changed("surrogate", "half of a pair", "", "model.pt", `model\ud800.pt`),
		changed("complete-string", "a string for true", "", `"complete": true`, `"complete": "true"`),
		changed("values-deep", "values a million deep", "", `"values": null`, `"values": `+strings.Repeat("[", 1_000_000)+strings.Repeat("]", 1_000_000)),
		changed("values-deep-objects", "objects 100,000 deep", "", `"values": null`, `"values": `+strings.Repeat(`{"a":`, 100_000)+"1"+strings.Repeat("}", 100_000)),
		changed("values-twice", "a key of values twice", "stands twice", `"values": null`, `"values": {"a": 1, "a": 2}`),
		changed("warning-lines", "a warning that forges lines of output", "", `"warnings": []`, `"warnings": 7`),
		changed("name-10MB", "a name of ten megabytes where a number should stand", "", `"size": 12`, `"size": "`+strings.Repeat("n", 10<<20)+`"`),
	}
	schema := changed("schema", "a record of another schema", "", "depickle.record/1", "depickle.record/9")
	schema.Verify = Failed
	return append(all, schema)
}
