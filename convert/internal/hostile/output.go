package hostile

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// safetensors is a file of that header, padded as the format has it, and data.
func safetensors(header string, data Data) Data {
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	return join(bytesOf(u64(uint64(len(header)))+header), data)
}

// digest is the SHA-256 of bytes, in hex.
func digest(d Data) string { return hex.EncodeToString(d.summed(sha256.New())) }

// sourceDigest stands for the SHA-256 of a source that nobody has.
const sourceDigest = "5555555555555555555555555555555555555555555555555555555555555555"

// contentOfW is content_sha256 of one tensor "w" of two float32, as package
// provenance specifies it.
func contentOfW(data string) string {
	h := sha256.New()
	bytesOf("depickle.content.v1\x00" + u64(1) + u64(1) + "w" + u64(3) + "F32" + u64(1) + u64(2)).WriteTo(h)
	sum := sha256.Sum256([]byte(data))
	h.Write(sum[:])
	return hex.EncodeToString(h.Sum(nil))
}

// ours is the metadata that depickle writes for the tensor "w".
func ours() string {
	return `"__metadata__":{"depickle.content_sha256":"` + contentOfW(eight) + `","depickle.source_sha256":"` + sourceDigest +
		`","depickle.version":"0.1.0","format":"pt"}`
}

const entryOfW = `"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`

// output is a converted file in order.
func output() Data { return safetensors("{"+ours()+","+entryOfW+"}", bytesOf(eight)) }

// recordOf is the text of the record of output, with its digest still zeros.
func recordText() string {
	out := output()
	whole := out.String()
	head := whole[:len(whole)-len(eight)]
	return `{
  "schema": "depickle.record/1",
  "version": "0.1.0",
  "source": {"name": "model.pt", "size": 12, "sha256": "` + sourceDigest + `", "format": "torch-zip"},
  "output": {"name": "model.safetensors", "size": ` + decimal(int(out.Len())) + `, "sha256": "` + digest(out) +
		`", "header_sha256": "` + digest(bytesOf(head)) + `", "content_sha256": "` + contentOfW(eight) + `"},
  "options": {"aliases": "copy", "root": "auto", "values": "plain"},
  "policy_sha256": "` + sourceDigest + `",
  "severity": "clean",
  "verdict": "clean",
  "complete": true,
  "findings": [],
  "globals": [],
  "root": "",
  "candidates": [],
  "tensors": [
    {"name": "w", "path": "/w", "dtype": "F32", "shape": [2], "sha256": "` + digest(bytesOf(eight)) + `"}
  ],
  "aliases": [],
  "not_selected": [],
  "skipped": [],
  "values": null,
  "warnings": [],
  "record_sha256": "` + zeroDigest + `"
}
`
}

const zeroDigest = "0000000000000000000000000000000000000000000000000000000000000000"

// sealed gives a record the digest that it should have.
func sealed(record string) Data {
	at := strings.LastIndex(record, zeroDigest)
	if at < 0 {
		return bytesOf(record)
	}
	return bytesOf(record[:at] + digest(bytesOf(record)) + record[at+len(zeroDigest):])
}
