package hostile

import (
	"bytes"
	"compress/flate"
)

// squeezed is chunk n times, deflated: the chunk is compressed once, up to a
// byte boundary, and what came out repeated, which is a valid stream.
func squeezed(n int64, chunk string) Data {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // the level is one it knows
	w.Write([]byte(chunk))
	w.Flush()
	return join(times(n, b.String()), bytesOf(lastBlock))
}

// lastBlock ends a deflate stream: a stored block of no bytes.
const lastBlock = "\x01\x00\x00\xff\xff"

// compress makes a member deflated.
func (m member) compress() member {
	m.raw, m.way = squeezed(1, m.data.String()), deflate
	return m
}
