// Package provenance has the digests by which anyone can check which bytes
// became which, and the conversion record that names them.
//
// It moves no tensor data and opens no file. It says what a digest is over;
// whether files agree with it is for package verify, and none of it proves who
// wrote a file: whoever can replace the files can replace the record.
//
// Below, u64le is eight bytes, little endian, and text(s) is u64le of the
// length of s in bytes, then its bytes in UTF-8. All digests are SHA-256,
// written as 64 hexadecimal digits in lower case.
//
// # content_sha256
//
// The identity of weights, whatever their layout, sharding, aliasing or
// metadata. It is over
//
//	"depickle.content.v1" and a zero byte
//	u64le: the number of logical tensors
//	for each of them, by the bytes of their names:
//		text(name)
//		text(dtype), as SafeTensors spells it
//		u64le: the number of dimensions
//		u64le: each dimension
//		32 bytes: SHA-256 of the tensor's bytes, C order, little endian
//
// A logical tensor is every name that a state_dict has: an alias counts under
// its own name, whether or not its bytes were written twice. Vectors:
//
//	no tensors
//		155b4cf8d70fca6899bd6783cebac0f53cacddeab3ceb3861a776481af36c08b
//	"w", F32, [2 3], bytes 00 01 02 … 17
//		46c0ed5e3c547c04507d60b8bade6be6aae15b3707e8d43466b389fa4c7e6caf
//	that, and "b.é", U8, [], byte 07, and "Z", BF16, [0], no bytes
//		1fecb4815d20576fa8e609fbf5827d65911e34e916943e101d310e0301e04ff7
//
// # source_sha256
//
// Of one file it is the SHA-256 of its bytes. Of a set, such as shards, it is
// over
//
//	"depickle.source.v1" and a zero byte
//	for each file, by the bytes of their names:
//		text(name), relative to the set's root, with slashes
//		32 bytes: SHA-256 of the file
//
// Vector:
//
//	"a/c.bin" without a byte, "b.bin" of the bytes "abc"
//		6b64fecf643c6e52a728238ce013c7ea093fb752b770ba58efbdb35d8ffd09d3
//
// # header_sha256
//
// Over a SafeTensors file's bytes 0 to 8+N, the length and the JSON with its
// padding. It covers metadata, names and offsets, and no data. Vector:
//
//	{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
//		a1842e97b9b1ea4e44ac1f66c9d2895477258f233b9238a3214ec8e1b0d460db
//
// # The conversion record
//
// X.safetensors.json, JSON in UTF-8, no byte order mark. Members stand in the
// order of the example, all of them always; the options' keys are sorted by
// bytes. Every item of a list stands on a line of its own, so that a record
// can be searched by line. Strings have the shortest escapes of RFC 8785.
// Numbers are whole, without fraction or exponent; they reach 2^63-1, beyond
// what a reader that keeps numbers as doubles can tell apart. An offset of -1
// is none. A file's name has no directory. values is any JSON, null for none:
// the caller gives it its meaning. not_selected are tensors outside of the
// root, candidates other roots, skipped whatever else was left out.
//
// record_sha256 is over the file's bytes from first to last, with the 64
// digits of record_sha256 itself as zeros. The file ends with it: the digits,
// a quote, newline, brace, newline.
//
// [Decode] takes that form and no other. A member that is unknown, missing, in
// other letter case, twice or out of order, text that is not UTF-8, data that
// follows and a digest that does not match are errors. A record with more
// members is of another schema. Memory of reading follows the record's size,
// at most [MaxRecord]; that of writing is constant.
//
// Example, of a file of the 12 bytes "source bytes":
//
//	{
//	  "schema": "depickle.record/1",
//	  "version": "0.1.0",
//	  "source": {"name": "model.pt", "size": 12, "sha256": "4d4823794cbed3c4ee0bbc684c8f66e1dfd5afa6f078d494ce254ec5a4671753", "format": "torch zip"},
//	  "output": {"name": "model.safetensors", "size": 120, "sha256": "02fe76315865fe82f9626d95798e237c42573cf1e491785059fe69a582427c5e", "header_sha256": "a1842e97b9b1ea4e44ac1f66c9d2895477258f233b9238a3214ec8e1b0d460db", "content_sha256": "46c0ed5e3c547c04507d60b8bade6be6aae15b3707e8d43466b389fa4c7e6caf"},
//	  "options": {"aliases": "copy", "values": "plain"},
//	  "policy_sha256": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812",
//	  "severity": "suspicious",
//	  "verdict": "suspicious",
//	  "complete": true,
//	  "findings": [
//	    {"id": "unknown-global", "severity": "suspicious", "message": "not in any tier", "member": "archive/data.pkl", "offset": 17}
//	  ],
//	  "globals": [
//	    {"module": "mylib", "name": "Config", "tier": "unknown", "count": 1}
//	  ],
//	  "root": "/state_dict",
//	  "candidates": [
//	    {"path": "/ema", "option": "--root /ema"}
//	  ],
//	  "tensors": [
//	    {"name": "w", "path": "/state_dict/w", "dtype": "F32", "shape": [2, 3], "sha256": "1d64add2a6388367c9bc2d1f1b384b069a6ef382cdaaa89771dd103e28613a25"}
//	  ],
//	  "aliases": [],
//	  "not_selected": [
//	    {"path": "/ema/w", "dtype": "F32", "shape": [2, 3], "reason": "outside of the root"}
//	  ],
//	  "skipped": [
//	    {"path": "/hook", "kind": "global", "reason": "not a tensor"}
//	  ],
//	  "values": {"epoch": 3},
//	  "warnings": [
//	    "the source holds more than weights"
//	  ],
//	  "record_sha256": "be9a2d06f0a1bf5ba58aca5e1ce9a86607da571476d58de81babb824427f41ad"
//	}
package provenance
