package hostile

import "strings"

// foreign are files that are no checkpoints.
func foreign() []Vector {
	is := func(name, says string, d Data) Vector {
		return failed("foreign-"+name, "a file that is no checkpoint", says, func() Data { return d })
	}
	return []Vector{
		is("empty", "an empty file", nil),
		is("stop", "the stack is empty", bytesOf(".")),
		is("proto-alone", "", bytesOf("\x80")),
		is("zero-byte", "no checkpoint that depickle knows", bytesOf("\x00")),
		is("zeros-10MB", "no checkpoint that depickle knows", times(10<<20, "\x00")),
		is("ones-10MB", "no checkpoint that depickle knows", times(10<<20, "\xff")),
		is("spaces-10MB", "no checkpoint that depickle knows", times(10<<20, " ")),
		is("html", "an HTML page", bytesOf("<!DOCTYPE html><html><body>Not found</body></html>")),
		is("lfs", "git lfs pull", bytesOf("version https://git-lfs.github.com/spec/v1\noid sha256:"+strings.Repeat("0", 64)+"\nsize 9223372036854775807\n")),
		is("lfs-negative", "git lfs pull", bytesOf("version https://git-lfs.github.com/spec/v1\nsize -99999999999999999999\n")),
		is("json", "no checkpoint that depickle knows", bytesOf(`{"model": [1, 2, 3]}`)),
		is("gguf", "GGUF", bytesOf("GGUF\x03\x00\x00\x00"+u64(1<<63)+u64(1<<62))),
		is("npy", ".npy", bytesOf("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,), }\n")),
		is("gzip", "gzip", bytesOf("\x1f\x8b\x08\x00"+zeros(60))),
		is("zlib", "zlib", bytesOf("\x78\x9c\x03\x00\x00\x00\x00\x01")),
		is("hdf5", "HDF5", bytesOf("\x89HDF\r\n\x1a\n"+zeros(100))),
		is("tar", "tar archive", bytesOf(strings.Repeat("a", 257)+"ustar"+zeros(1000))),
		is("encrypted", "encrypted", bytesOf("Salted__"+zeros(100))),
		is("safetensors", "SafeTensors already", bytesOf(u64(2)+"{}")),
		is("zip-magic", "the zip archive has no end record", bytesOf("PK\x03\x04"+zeros(1<<20))),
		is("zip-end-alone", "a zip archive without members", bytesOf("PK\x05\x06"+zeros(18))),
		odd("foreign-exe-before-zip", "an archive behind a program: another one, for readers of zips", "no checkpoint that depickle knows", func() Data { return join(bytesOf("MZ"+zeros(100)), plainCheckpoint().data()) }),
		odd("foreign-pickle-before-zip", "an archive behind a pickle, likewise", "bytes that no part of the format explains", func() Data { return join(bytesOf("\x80\x02N."), plainCheckpoint().data()) }),
		is("text-12MB", "no checkpoint that depickle knows", times(1<<20, "lorem ipsum\n")),
	}
}
