// Package container knows the files that checkpoints come in: which format
// one is, by its content and never by its name; where its pickle streams,
// members and storages lie, as extents. [Open] makes a [Source], which scan
// judges and sandboxload loads. Files inside of a file, members of an archive
// and what is compressed, are its parts: [Source.Open] makes a Source of each.
//
// # What it trusts
//
// Nothing that a file declares: sizes, offsets and counts are checked against
// the file before they cost memory. A page that was read and reads differently
// later is an error of kind fault.Changed, so that what was judged is what is
// loaded; [Witness] proves the same of a pass over the whole file. What is odd
// about a file but does not stop it from being read is kept as an [Oddity] for
// the judge.
//
// # What is bounded
//
// The members of an archive, its directory, what it inflates to and how deep
// checkpoints lie inside of one another, by limit.Limits. What is inflated or
// transcoded goes into a temporary file that has no name where the system
// allows that, and that [Source.Close] frees. Memory does not follow the
// members' sizes; the digests of pages that were read take 32 MiB at most.
//
// # What it does not do
//
// It does not judge, and looks into pickles no further than their opcodes, to
// find where they end. A file may be of two formats at once: it is taken for
// what torch would take it for, by its first bytes, and the zip archive that
// another reader finds at its end is a part. Reads of [Source.Bulk] are not
// remembered.
//
// Sources: PKWARE's APPNOTE 6.3.10 and CPython's Lib/zipfile for zip; torch/serialization.py and
// caffe2/serialize/inline_container.cc for what torch writes and reads;
// numpy/lib/format.py for .npy; POSIX ustar and pax for tar; the LZMA SDK for 7z;
// joblib/numpy_pickle_compat.py for its old zlib files.
package container
