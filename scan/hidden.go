package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"

	"depickle/scan/container"
	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// A pickle may stand in bytes or text of another one, for a later load that
// the outer one arranges in a way that nobody sees, or that the program does
// by itself. It runs nothing there. But no checkpoint has a dangerous one.

const (
	// hiddenLeast is the shortest pickle that calls anything, in bytes.
	hiddenLeast = 12
	// hiddenText is the longest text that is decoded, in bytes.
	hiddenText = 1 << 20
)

// hidden judges a pickle that the opcode's bytes or text hold.
func (j *judge) hidden(ev *machine.Event) error {
	e := container.Extent{Space: j.st.Extent.Space, Off: ev.Op.Payload.Off, Len: ev.Op.Payload.Len}
	switch ev.Op.Code {
	case opcode.BinBytes, opcode.ShortBinBytes, opcode.BinBytes8, opcode.ByteArray8, opcode.BinString, opcode.ShortBinString:
		return j.hiddenIn(e, "bytes")
	case opcode.BinUnicode, opcode.ShortBinUnicode, opcode.BinUnicode8:
		return j.hiddenText(e, ev.Op.Data)
	}
	return nil
}

func (j *judge) hiddenIn(e container.Extent, what string) error {
	is, err := j.src.Decodes(e)
	if err != nil || !is {
		return err
	}
	in, err := j.src.Nested(e)
	if err != nil {
		return nil // too deep: bytes, then, as the outer one has them
	}
	inner := newJudge(j.ctx)
	inner.policy, inner.held = j.policy, j.m.Held()
	if err := inner.source(in); err != nil {
		return err
	}
	for _, f := range inner.findings {
		if f.Severity == Dangerous {
			j.find(Dangerous, "pickle-hidden", f.Global, what+" that hold a pickle, which "+f.Message)
			return nil
		}
	}
	return nil
}

// hiddenText decodes text that looks like base64 or hex of a pickle.
func (j *judge) hiddenText(e container.Extent, text []byte) error {
	if e.Len > hiddenText {
		return nil
	}
	if text == nil {
		text = make([]byte, e.Len)
		if _, err := j.src.Reader(e.Space).ReadAt(text, e.Off); err != nil && err != io.EOF {
			return err
		}
	}
	data := unwrapped(text)
	if data == nil {
		return nil
	}
	at, err := j.src.Spool(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil // no room: text, then
	}
	return j.hiddenIn(at, "text")
}

// unwrapped is what base64 or hex stands for, nil for other text and for what
// does not begin as a pickle does.
func unwrapped(text []byte) []byte {
	if head := text[:min(len(text), 8)]; !couldBegin(head) {
		return nil
	}
	text = bytes.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', ' ', '\t', '=':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, text)
	if data, err := hex.DecodeString(string(text)); err == nil {
		return begun(data)
	}
	data, err := base64.RawStdEncoding.DecodeString(string(text))
	if err != nil {
		return nil
	}
	return begun(data)
}

// couldBegin looks at the first characters, since nearly all text is none of
// this.
func couldBegin(head []byte) bool {
	if len(head) >= 2 && head[0] > ' ' && head[1] > ' ' && !wraps(head[0], head[1]) {
		return false
	}
	return decodes(head)
}

// decodes decodes the first characters.
func decodes(head []byte) bool {
	var data [6]byte // of each of very many texts: on the stack
	if n, err := hex.Decode(data[:], head); n == 4 && err == nil {
		return true
	}
	n, _ := base64.RawURLEncoding.Decode(data[:], head)
	if n == 0 {
		n, _ = base64.RawStdEncoding.Decode(data[:], head)
	}
	return begun(data[:n]) != nil
}

// wraps reports whether base64 or hex that begins with these two characters
// may be a pickle: it is asked of each text, most of which is neither.
func wraps(a, b byte) bool {
	high, low := sextets[a], sextets[b]
	if high == 0 || low == 0 {
		return false
	}
	first := (high-1)<<2 | (low-1)>>4
	return begun([]byte{first, 0}) != nil || isHex(a) && isHex(b)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// sextets are the values of base64's characters, of both alphabets, and one
// more; 0 for others.
var sextets = func() (table [256]byte) {
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = byte(i) + 1
	}
	table['-'], table['_'] = table['+'], table['/']
	return table
}()

// begun returns data that begins as a pickle: PROTO, or what protocols 0 and 1
// begin with.
func begun(data []byte) []byte {
	switch {
	case len(data) < 2:
	case data[0] == byte(opcode.Proto) && data[1] <= 5:
		return data
	case bytes.IndexByte([]byte("c(]})lid"), data[0]) >= 0:
		return data
	}
	return nil
}
