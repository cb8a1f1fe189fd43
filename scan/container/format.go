package container

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Format is what a file is.
type Format string

// The formats. The first three are converted.
const (
	TorchZip    Format = "torch-zip"
	TorchLegacy Format = "torch-legacy"
	Pickle      Format = "pickle"
	TorchScript Format = "torchscript"
	Zip         Format = "zip"
	Tar         Format = "tar"
	TorchTar    Format = "torch-tar"
	Npy         Format = "npy"
	Empty       Format = "empty"
	LFSPointer  Format = "git-lfs-pointer"
	HTML        Format = "html"
	SafeTensors Format = "safetensors"
	GGUF        Format = "gguf"
	HDF5        Format = "hdf5"
	ONNX        Format = "onnx"
	Msgpack     Format = "msgpack"
	TensorFlow  Format = "tensorflow"
	SevenZip    Format = "7z"
	Compressed  Format = "compressed"
	Lua         Format = "torch7"
	Unknown     Format = "unknown"
)

// Converted reports whether depickle extracts tensors from the format.
func (f Format) Converted() bool {
	return f == TorchZip || f == TorchLegacy || f == Pickle
}

func (s *Source) open() error {
	head := make([]byte, min(s.base.Len, 512))
	if err := s.at(head, 0); err != nil {
		return err
	}
	switch {
	case len(head) == 0:
		s.Format, s.Note = Empty, "an empty file (0 bytes); the download or copy did not finish"
		return nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		// torch takes the zip reader by the first four bytes alone, and numpy by
		// either.
		return s.openZip()
	}
	if err := s.openOther(head); err != nil {
		return err
	}
	return s.zipBehind()
}

// openOther opens what does not begin as a zip archive.
func (s *Source) openOther(head []byte) error {
	if err := s.openKnown(head); err != nil || s.Format != "" {
		if err != nil {
			return err
		}
		return s.guess()
	}
	return s.openPickles()
}

// openKnown opens a file whose first bytes leave little doubt, and leaves the
// format empty for any other.
func (s *Source) openKnown(head []byte) error {
	switch {
	case bytes.HasPrefix(head, []byte(npyMagic)):
		return s.openNpy()
	case isTar(head):
		return s.openTar()
	case isSevenZip(head):
		return s.openSevenZip()
	}
	if c := s.codec(head); c != nil {
		s.openCompressed(c)
		return nil
	}
	s.Format, s.Note = sniffStrong(head, s.base.Len)
	return nil
}

// guess adds the file as a pickle though it is something else: a pickle may
// begin with another format's magic ("GGUF" is BINFLOAT), or be the name of a
// tar's first member. Few bytes are a SafeTensors header by chance, so there it
// must be a pickle that does something.
func (s *Source) guess() error {
	if s.Format == SafeTensors {
		if is, _ := s.decodes(s.Reader(s.base.Space), s.base.Off, s.base.Off+s.base.Len); !is {
			return nil
		}
	}
	st := Stream{Index: len(s.Streams), Role: Guess, Extent: s.base}
	found, err := s.stop(s.base)
	if err != nil && unreadable(err) {
		return err
	}
	if found.note(&st, err); !fault.Is(err, fault.Limit) {
		st.Extent, st.Err, st.Room = s.base, nil, 0 // the judge sees how far it gets
	}
	s.Streams = append(s.Streams, st)
	return nil
}

// sniffStrong names the formats whose first bytes leave little doubt.
func sniffStrong(head []byte, size int64) (Format, string) {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case has("version https://git-lfs"):
		return LFSPointer, lfsNote(head)
	case has("GGUF"):
		return GGUF, "a GGUF file (llama.cpp); it holds no pickle"
	case has("\x89HDF\r\n\x1a\n"):
		return HDF5, "an HDF5 file (Keras, TensorFlow); it holds no pickle"
	case has("Salted__"):
		return Unknown, "encrypted (openssl enc); decrypt it first"
	case has("-----BEGIN PGP"), has("age-encryption.org/"):
		return Unknown, "encrypted; decrypt it first"
	case has("\xfd7zXZ\x00"):
		return Compressed, "compressed with xz; decompress it first"
	case has("\x04\x22\x4d\x18"):
		return Compressed, "compressed with lz4; decompress it first"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return Unknown, "a damaged tar archive: the checksum of its first header is wrong"
	case isHTML(head):
		return HTML, "an HTML page, not a checkpoint; the download got a login or error page"
	case isSafeTensors(head, size):
		return SafeTensors, "SafeTensors already; there is nothing to convert"
	}
	return "", ""
}

// sniffWeak guesses at what did not decode as a pickle.
func sniffWeak(head []byte) (Format, string) {
	switch {
	case bytes.HasPrefix(head, []byte("\x08")) && (bytes.Contains(head, []byte("onnx")) || bytes.Contains(head, []byte("pytorch"))):
		return ONNX, "an ONNX model; it holds no pickle"
	case bytes.Contains(head, []byte("tensorflow")), bytes.HasPrefix(head, []byte("\x08\x01\x12")), bytes.HasPrefix(head, []byte("\x0a\x0b\x0a")):
		return TensorFlow, "a TensorFlow file; it holds no pickle"
	case len(head) > 1 && (head[0]&0xf0 == 0x80 || head[0] == 0xde || head[0] == 0xdf) && (head[1]&0xe0 == 0xa0 || head[1] == 0xd9):
		return Msgpack, "a msgpack file (Flax); it holds no pickle"
	case bytes.HasPrefix(head, []byte("\x04\x00\x00\x00\x01\x00\x00\x00")):
		return Lua, "a Torch7 (Lua) file; it holds no pickle"
	}
	return Unknown, "no checkpoint that depickle knows"
}

func isHTML(head []byte) bool {
	text := strings.ToLower(string(bytes.TrimLeft(head, " \t\r\n\ufeff")))
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<?xml", "<body"} {
		if strings.HasPrefix(text, tag) {
			return true
		}
	}
	return false
}

// isSafeTensors looks at the length of the header and the brace behind it.
func isSafeTensors(head []byte, size int64) bool {
	if len(head) < 10 || head[8] != '{' {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n <= 100_000_000 && int64(n) <= size-8
}

// rounded is a size in larger units, behind one in bytes.
func rounded(n int64) string {
	if n < 1024 {
		return ""
	}
	return " (" + limit.Size(n) + ")"
}

// lfsNote reads the size that a git-LFS pointer stands for.
func lfsNote(head []byte) string {
	for _, line := range strings.Split(string(head), "\n") {
		if digits, ok := strings.CutPrefix(line, "size "); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64); err == nil && n >= 0 {
				return fmt.Sprintf("a git-LFS pointer to a file of %d bytes%s; run git lfs pull to get it", n, rounded(n))
			}
		}
	}
	return "a git-LFS pointer; run git lfs pull to get the file"
}
