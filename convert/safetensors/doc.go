// Package safetensors is the SafeTensors format alone: a strict [Reader], and a
// [Writer] that lays a file out as the reference writer does it. It opens no
// file, and works over io.ReaderAt and io.WriterAt. Who moves the tensors' bytes
// by other means has [Read] and [Header.Encode] for the header.
//
// A file is eight bytes with the header's length N as u64le, N bytes of JSON
// padded with spaces, then the tensors' bytes without holes:
//
//	{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}
//
// # What it trusts and bounds
//
// The reader trusts nothing. Lengths are checked against the file's size
// before anything is read, every sum and product is checked for overflow, and
// the header is read as a stream, so memory follows the header's bytes and not
// what they declare. At most [MaxTensors], [MaxMetadata] and, for a name or
// text, [MaxText] are read, and the names and texts of a file are bounded
// together: about 64 MiB and 1 KiB per tensor is what a header can cost. It refuses what the format's documentation refuses and,
// beyond that, whatever two readers could understand differently: one name
// twice (also of tensors without data, which the reference reader lets pass),
// unknown fields and fields in other letter case, and bytes after the header's
// object that are no spaces. More than [MaxRank] dimensions are unsupported.
//
// The writer trusts its caller with the elements and with nothing else: every
// tensor gets exactly its bytes, or there is no file. The header's length is
// written last, so that whatever interrupts it leaves what no reader takes.
//
// # What it does not defend against
//
// It does not judge the tensors' bytes: every bit pattern is a valid element.
// A file that changes under a Reader
// reads as it is then. A Writer syncs nothing, and does not compare what it
// wrote: that is for the caller, as package convert does it.
//
// # Determinism
//
// [NewHeader] and [Header.Encode] depend on their arguments alone. Keys follow
// the order of the data, metadata comes first with its keys sorted by bytes,
// strings have the shortest escapes of RFC 8785. The reference writer keeps
// metadata in a hash map and so writes two keys in any order.
//
// Sources: the safetensors repository's README.md (Format) and
// safetensors/src/tensor.rs (Dtype, prepare, read_metadata, validate);
// huggingface_hub/constants.py (SAFETENSORS_MAX_HEADER_LENGTH).
package safetensors
