package codec

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"depickle/scan/container"
	"depickle/scan/fault"

	"github.com/ulikunitz/xz/lzma"
)

// raw packs bytes with LZMA2, or with LZMA without its header.
func raw(t *testing.T, text string, two bool) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	if two {
		w, err = lzma.Writer2Config{DictCap: 1 << 16}.NewWriter2(&b)
	} else {
		w, err = lzma.WriterConfig{DictCap: 1 << 16, Size: int64(len(text)), SizeInHeader: true}.NewWriter(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if two {
		return b.String()
	}
	return b.String()[lzmaHeader:]
}

func properties(dict uint32) []byte { return binary.LittleEndian.AppendUint32([]byte{0x5d}, dict) }

// TestPacked: what a 7z archive has, whatever dictionary it says, is unpacked
// to its end, and what stands behind it is left.
func TestPacked(t *testing.T) {
	text := strings.Repeat("hello, world; ", 5000)
	n := int64(len(text))
	for _, c := range []struct {
		name string
		open func(*bufio.Reader, container.Packed) (io.Reader, error)
		data string
		p    container.Packed
	}{
		{"lzma", openPackedLZMA, raw(t, text, false), container.Packed{Properties: properties(1 << 16), Size: n, Window: n}},
		{"lzma, 4 GiB", openPackedLZMA, raw(t, text, false), container.Packed{Properties: properties(1<<32 - 1), Size: n, Window: n}},
		{"lzma2", openPackedLZMA2, raw(t, text, true), container.Packed{Properties: []byte{8}, Size: n, Window: n}},
		{"lzma2, 4 GiB", openPackedLZMA2, raw(t, text, true), container.Packed{Properties: []byte{40}, Size: n, Window: n}},
	} {
		buf := bufio.NewReader(strings.NewReader(c.data + "behind"))
		r, err := c.open(buf, c.p)
		if err != nil {
			t.Fatal(c.name, err)
		}
		got, err := io.ReadAll(r)
		rest, _ := io.ReadAll(buf)
		if err != nil || string(got) != text || string(rest) != "behind" {
			t.Errorf("%s: %d bytes, %v, %q left", c.name, len(got), err, rest)
		}
		for _, bad := range [][]byte{nil, {41}, {0xe1, 0, 0, 0, 0}, properties(0)[:4]} {
			if _, err := c.open(bufio.NewReader(strings.NewReader(c.data)), container.Packed{Properties: bad, Size: n, Window: n}); err == nil {
				t.Errorf("%s: properties %x", c.name, bad)
			}
		}
	}
	if err := plainLZMA(4*9 + 1); !fault.Is(err, fault.Unsupported) {
		t.Errorf("lc=1, lp=4: %v", err)
	}
}

// TestPackedDamaged: what stands in front of damage is given, since a loader has
// run it by then.
func TestPackedDamaged(t *testing.T) {
	noise := make([]byte, 20_000)
	for i := range noise {
		noise[i] = "0123456789abcdef"[rand.IntN(16)]
	}
	data := raw(t, string(noise), true)
	p := container.Packed{Properties: []byte{8}, Size: int64(len(noise)), Window: int64(len(noise))}
	r, err := openPackedLZMA2(bufio.NewReader(strings.NewReader(data[:len(data)/2])), p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err == nil || len(got) < len(noise)/2-2*atOnce || !bytes.HasPrefix(noise, got) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestShortened: a window that is smaller than what the data reaches back to is
// a limit, and not damage.
func TestShortened(t *testing.T) {
	noise := make([]byte, 6000)
	for i := range noise {
		noise[i] = byte(rand.IntN(256))
	}
	text := string(noise) + string(noise)
	p := container.Packed{Properties: properties(1 << 16), Size: int64(len(text)), Window: 5000}
	one, err := openPackedLZMA(bufio.NewReader(strings.NewReader(raw(t, text, false))), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Window = int64(len(text))
	got, err := io.ReadAll(shortened(one, 1<<16, 5000, p))
	if !fault.Is(err, fault.Limit) || len(got) > len(noise) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestDelta: the filter adds what stood so far in front.
func TestDelta(t *testing.T) {
	r, err := openDelta(bufio.NewReader(strings.NewReader("\x01\x02\x03\x04\xff")), container.Packed{Properties: []byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "\x01\x02\x04\x06\x03" {
		t.Errorf("%x, %v", got, err)
	}
}

// TestBCJ: calls and jumps become relative again; those inside of each other as
// liblzma has it, of which testdata/sevenzip/good_bcj.7z has more.
func TestBCJ(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"\xe8\x05\x00\x00\x00", "\xe8\x00\x00\x00\x00"},
		{"\x90\xe9\x06\x01\x00\x00\x90", "\x90\xe9\x00\x01\x00\x00\x90"},
		{"\xe8\x05\x00\x00\xff\x90", "\xe8\x00\x00\x00\xff\x90"},
		{"\xe8\x00\x00\x00\xff\x90", "\xe8\xfb\xff\xff\x00\x90"}, // of 25 bits
		{"\xe8\x05\x00\x00\x01", "\xe8\x05\x00\x00\x01"},         // too far for a target
		{"\xe8\x05\x00\x00", "\xe8\x05\x00\x00"},                 // cut off
		{"", ""},
	} {
		r, err := openBCJ(bufio.NewReader(strings.NewReader(c.in)), container.Packed{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != c.want {
			t.Errorf("%x: %x, %v; want %x", c.in, got, err, c.want)
		}
	}
}

// FuzzPacked: no coder panics, gives more than it was asked for without an end,
// or takes more memory than its input may fill.
func FuzzPacked(f *testing.F) {
	f.Add(uint8(0), "\x5d\x00\x00\x01\x00", "\x00\x00\x00\x00\x00\x00")
	f.Add(uint8(1), "\x28", "\x01\x00\x04hello\x00")
	f.Add(uint8(1), "\x28", "\xe0\x00\x00\x00\x10\x5d"+strings.Repeat("\x00", 20))
	f.Add(uint8(2), "\x03", "hello")
	f.Add(uint8(3), "", "\xe8\xe8\x00\x00\x00\x00\x00\x00\xe9\xff")
	f.Fuzz(func(t *testing.T, which uint8, properties, data string) {
		open := []func(*bufio.Reader, container.Packed) (io.Reader, error){openPackedLZMA, openPackedLZMA2, openDelta, openBCJ}[which%4]
		const size = 1 << 20
		window := min(size, int64(len(data))*8192)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := open(bufio.NewReader(strings.NewReader(data)), container.Packed{Properties: []byte(properties), Size: size, Window: window})
		if err == nil {
			_, err = io.Copy(io.Discard, io.LimitReader(r, size+1))
		}
		runtime.ReadMemStats(&after)
		// A chunk of LZMA2 may reset its tables, of 30 KiB, with six bytes.
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20+uint64(window)+uint64(len(data))*8192 {
			t.Errorf("%d bytes of memory for %d: %v", n, len(data), err)
		}
	})
}
