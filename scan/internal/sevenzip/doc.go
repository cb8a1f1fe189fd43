// Package sevenzip reads the headers of 7z archives: which members there are,
// and where the folders that hold them lie in the file. It unpacks nothing:
// whoever opens an archive does, also where its header is packed.
//
// It is one of our own since the library that there is (bodgit/sevenzip 1.6.5)
// allocates what a header of 50 bytes claims, 2^32 files or a dictionary of
// 4 GiB, and needs sixty modules for what is not wanted here.
//
// # What it trusts
//
// Nothing: every count, size and offset is a claim. Memory follows
// Options.Members and Options.Names, never a number in the header, and time
// follows the bytes of the header. What was read in front of an error is
// returned with the error, so that it is judged too.
//
// # What it does not read
//
// Folders whose coders are no chain (BCJ2), which have an error in their
// place; headers that stand outside of the header (additional streams), which
// no known program writes; dates.
//
// Sources: DOC/7zFormat.txt and DOC/Methods.txt of the LZMA SDK 24.09.
package sevenzip
