// Package verify reads outputs back: their structure by the strict reader,
// their digests, and their elements against the source by a second copier that
// shares no arithmetic with the one that wrote them.
//
// What it says is what it checked. Files that agree with each other prove
// nothing of where they came from; only the source does.
//
// # What is protected
//
// With its record no byte of an output can change unnoticed, nor of the record:
// the record's digest is over all of it, and it names the SHA-256 of the whole
// output. That holds against accidents. Whoever can write both can make
// another pair that agrees.
//
// Without a record the header alone says what the file must be. Then content_sha256
// protects names, dtypes, shapes and bytes of all tensors, those that were
// dropped for another among them; and the format leaves no byte of the file
// unaccounted for. Not protected are, in the header:
//
//   - the value of depickle.version;
//   - the value of depickle.source_sha256, which must be 64 digits, unless the
//     source is there to compare;
//   - metadata under other keys, which depickle does not write;
//   - the layout: the order of tensors and of the JSON's members, spaces, and
//     which of several spellings a character has ("\u001f" and "\u001F").
//
// With the source every element is compared. If the version that verifies is
// the one that wrote the record, all else that the record says of the source is
// derived from it once more and must be the same; of another version's record
// the tensors alone are compared.
//
// # What it trusts and bounds
//
// Output, record and source are read as hostile. Time is linear in their sizes,
// memory in the names and in the source's pickles, as in a conversion. It
// trusts the machine that it runs on, and does not defend against files that
// are changed while it reads them, but for the source.
package verify
