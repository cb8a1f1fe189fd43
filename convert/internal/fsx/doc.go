// Package fsx is where the library touches files: it opens the source, and
// brings an output under its name as a whole or not at all.
//
// An output is written into a temporary file beside its place, under a name
// that nothing reads. [Group.Publish] gives it its name in one step, after
// which the directory is synced; until then the old state stands. Without
// force that step fails when something else has taken the name in the
// meantime, however late.
//
// # What it trusts and defends against
//
// Trusted: the directory that the caller names, and whoever may write there;
// such a person can replace any file at any time. Not trusted: what already
// stands at a name. Only a regular file, or a link to one, is ever replaced,
// and a link is replaced itself, never what it points at. A source must be a
// regular file: a FIFO would block, a device may act when it is opened.
//
// One step without overwriting needs the file system's help: renameat2 or
// renamex_np, else a hard link. Where there is neither, as on FAT and some
// network shares, the name is taken by an empty file first and that is
// replaced: a crash between the two leaves an empty file.
//
// Temporary files of a process that was killed stay: ".NAME.depickle-HEX".
//
// Errors are an [Error] that says what failed, where, and what to do; it wraps
// the system's error, so that errors.Is works with io/fs's. What a source is
// not is a fault.Error of kind Unsupported.
//
// Sources: rename(2), link(2), fsync(2), statvfs(3) of Linux and Darwin,
// MoveFileEx and GetDiskFreeSpaceEx of Windows.
package fsx
