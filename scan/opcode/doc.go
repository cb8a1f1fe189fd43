// Package opcode reads the opcodes of a pickle, all 68 of protocols 0 to 5, as
// CPython's C unpickler does. Start with [NewDecoder] and call Next until it
// gives [Stop] or an error; [Text] and [TextReader] decode what Next leaves
// raw.
//
// It gives no meaning to what it reads: stack, memo and globals are the
// machine's.
//
// # Security
//
// Nothing in the bytes is trusted. Every length is compared with the data
// before anything is read, payloads longer than 64 KiB are extents and never
// bytes in memory, lines that hold a number or a name are bounded, and so are
// the digits of an integer, since converting them takes quadratic time. A
// decoder holds one window of 64 KiB and a bounded table of names.
//
// Where readers of pickles disagree about a literal, the opcode is read as
// CPython up to 3.13 reads it (as later ones do if those refuse it), and
// Op.Note says what the others see: a scanner that reads a line differently,
// or stops at it, misses what follows. Op.Frame does the same for framing.
// The text of a payload is not checked until it is decoded.
//
// Sources: Modules/_pickle.c (load_* and _Unpickler_*), Lib/pickletools.py,
// Objects/longobject.c (PyLong_FromString), Python/pystrtod.c,
// Objects/bytesobject.c (PyBytes_DecodeEscape), Objects/unicodeobject.c
// (PyUnicode_DecodeRawUnicodeEscape), PEP 3154 for framing; cpython issues
// 126992 and 135241 (integers), 126996 (NUL), 154848 (frames).
package opcode
