// Package provenance has the digests by which anyone can check which bytes
// became which, and the conversion record that names them. This is their
// specification; testdata/tools/verify.py is a second implementation of it, in
// Python without a library, and TestDocumentedVectors holds the first one to
// the vectors below.
//
// The package moves no tensor data and opens no file. It says what a digest is
// over; whether files agree with it is for package verify, and none of it
// proves who wrote a file: whoever can replace the files can replace the
// record.
//
// Below, u64le is eight bytes, little endian, and text(s) is u64le of the
// length of s in bytes, then its bytes in UTF-8. All digests are SHA-256,
// written as 64 hexadecimal digits in lower case; another spelling is an error,
// so that digests may be compared as text.
//
// # What is protected by what
//
//	content_sha256   names, dtypes, shapes and bytes of all tensors
//	source_sha256    every byte of the source
//	header_sha256    every byte of the output in front of its tensors
//	output's sha256  every byte of the output
//	tensor's sha256  the bytes of one tensor
//	record_sha256    every byte of the record
//
// The output's header names the first two, in its metadata; the record names
// all. So the record protects the output, and itself; without one, content_sha256
// protects the tensors, and nothing protects what the header says beside: the
// version, and which source it was. Package verify lists that in full. None of
// them protects against one who writes output and record anew.
//
// # Logical tensors
//
// Digests of weights are over logical tensors: every name that a state_dict
// has. Of a SafeTensors file they are the entries of its header, and the names
// that were dropped because another tensor has the same elements. Those stand
// in the header's __metadata__: a pair of it is a dropped name, and the tensor
// that stands for it, if and only if the value is the name of a tensor, the key
// is not, and the key is neither "format" nor begins with "depickle.".
//
// Of a set of shards the logical tensors are those of all its files together.
// Names that were dropped may stand in the metadata of any of them or, as
// huggingface_hub writes it, in the index under "metadata"; by the same rule,
// with the tensors of the whole set.
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
// Name, dtype and shape are those of the file's header, and the bytes those
// that it gives the tensor. A tensor without elements has the SHA-256 of
// nothing. A dropped name counts under its own name, with dtype, shape and bytes
// of the tensor that stands for it, just as if it had been written twice.
// Vectors:
//
//	no tensors
//		155b4cf8d70fca6899bd6783cebac0f53cacddeab3ceb3861a776481af36c08b
//	"w", F32, [2 3], bytes 00 01 02 … 17
//		46c0ed5e3c547c04507d60b8bade6be6aae15b3707e8d43466b389fa4c7e6caf
//	that, and "b.é", U8, [], byte 07, and "Z", BF16, [0], no bytes
//		1fecb4815d20576fa8e609fbf5827d65911e34e916943e101d310e0301e04ff7
//	"w" as above, and "v" that was dropped for it
//		4757549c8c1de21b65ef0ae75519b4a90cc6392ab8233d9b192585b986299664
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
// # The header's metadata
//
//	format                   "pt"
//	depickle.version         the version that wrote the file
//	depickle.source_sha256   of the source
//	depickle.content_sha256  of the file; in a shard that of its set
//	any other key            a dropped name
//
// # The conversion record
//
// X.safetensors.json, beside X.safetensors: JSON in UTF-8, no byte order mark.
// Members stand in the order of the example below, all of them always. Strings
// have the shortest escapes of RFC 8785. Text in UTF-8 stands as it is; each
// byte of a source's text that is not UTF-8 as \xNN. Numbers are whole, without
// fraction or exponent; they reach 2^63-1, beyond what a reader that keeps
// numbers as doubles can tell apart.
//
//	schema         "depickle.record/1"
//	version        of depickle
//	source         the file that was converted: its name without directories,
//	               size in bytes, SHA-256, and format: "torch-zip",
//	               "torch-legacy" or "pickle"
//	output         the SafeTensors file: name, size, SHA-256 of the whole file,
//	               header_sha256 and content_sha256
//	options        text to text, the keys sorted by bytes. Always root ("auto",
//	               "none" or a JSON Pointer), aliases ("copy" or "drop") and
//	               values ("none", "plain" or "all"); "true" for strict,
//	               disarm, ignore_crc and allow_empty if given; max_output in
//	               bytes if given
//	policy_sha256  of the tables by which globals were judged
//	severity       clean, suspicious or dangerous
//	verdict        the same, or inconclusive
//	complete       whether every byte of the source was accounted for
//	findings       what the scan found: its kind (id), severity (that of the
//	               record, note or inconclusive), message, member of the
//	               archive, "" for none, and offset there in bytes, -1 for none
//	globals        every global that the pickles name: module and name as
//	               Python 3 has them, tier (tensor, data, unknown or dangerous)
//	               and count of how often
//	root           where in the source the names begin, a JSON Pointer (RFC
//	               6901); "" for the whole file
//	candidates     other parts with tensors: path, and the option that takes it
//	tensors        those of the output, in the order of its data: name, path in
//	               the source as a JSON Pointer, dtype and shape as in the
//	               header, SHA-256 of the bytes
//	aliases        names that are the same view of the same storage as a tensor:
//	               name, and of, which is among the tensors. An alias that is
//	               not among the tensors itself was dropped, and the header's
//	               metadata name it
//	not_selected   tensors of the source outside of the root: path, dtype as
//	               torch or numpy names it, shape and reason
//	skipped        tensors under the root without elements in the file: path,
//	               kind and reason
//	values         the values that are no tensors, in the form that package
//	               tagged specifies; null for none
//	warnings       lines of text
//	record_sha256  over the record itself
//
// Lists are in the order in which the source has things, but for globals, by
// module and name, tensors, and aliases, by name.
//
// The writer puts each member, and each item of a list, on a line of its own,
// so that a record can be searched by line; the example shows the spaces.
// Readers must take any, but at the end: record_sha256 is the last member, and
// its 64 digits are followed by a quote, a newline, a brace and a newline, and
// by nothing. It is over the file's bytes from first to last, with these 64
// digits as zeros. The same conversion gives the same bytes.
//
// [Decode] takes that form and no other. A member that is unknown, missing, in
// other letter case, twice or out of order, text that is not UTF-8, data that
// follows and a digest that does not match are errors. A record with more
// members is of another schema; whatever its schema, a record that ends in that
// way and whose digest does not match was changed.
//
// A record has at most [MaxRecord] bytes, texts of at most [MaxText] and values
// of at most [MaxValues] bytes, 64 options, and tensors of 64 dimensions.
// Memory of reading follows the record's size, unless [DecodeBounded] is told
// how much to keep; that of writing is constant.
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
