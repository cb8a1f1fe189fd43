package plan_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"depickle/convert/plan"
	"depickle/sandboxload"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/limit"
)

// pulse is a context that notes how long nobody looked at it, and that ends
// when it was looked at often enough.
type pulse struct {
	context.Context
	end func()
	at  int // looks until it ends, 0 for never

	mu      sync.Mutex
	looks   int
	last    time.Time
	longest time.Duration
}

func newPulse(at int) *pulse {
	ctx, cancel := context.WithCancel(context.Background())
	return &pulse{Context: ctx, end: cancel, at: at, last: time.Now()}
}

func (p *pulse) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.looks++
	p.longest, p.last = max(p.longest, now.Sub(p.last)), now
	if p.looks == p.at {
		p.end()
	}
	return p.Context.Err()
}

// keys is how many keys the files have, more where one wants to see how long
// nobody looks.
func keys() int {
	if n, err := strconv.Atoi(os.Getenv("DEPICKLE_CANCEL_KEYS")); err == nil {
		return n
	}
	return 6_000
}

// long are files that take their time, each in another room.
func long(t *testing.T, n int) map[string][]byte {
	keys := pickledKeys(n)
	letters := bytes.Repeat([]byte("a"), 160*n)
	return map[string][]byte{
		"many keys":        keys,
		"deflated pickle":  zipped(t, map[string][]byte{"a/data.pkl": keys}),
		"deflated storage": zipped(t, map[string][]byte{"a/data.pkl": onePickle(int32(80 * n)), "a/data/0": make([]byte, 320*n)}),
		"many tensors":     pickledTensors(t, n/8),
		"long text":        join("\x80\x04}\x8c\x01k\x8d", le64(len(letters)), letters, "s."),
		"long bytes": join("\x80\x02}X\x01\x00\x00\x00kc_codecs\nencode\nX", le32(len(letters)), letters,
			"X\x06\x00\x00\x00latin1\x86Rs."),
		"nested": join("\x80\x04}\x8c\x01kctorch.storage\n_load_from_bytes\n\x8e", le64(len(keys)), keys, "\x85Rs."),
	}
}

func join(parts ...any) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		fmt.Fprintf(&b, "%s", p)
	}
	return b.Bytes()
}

func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
func le64(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }

// pickledKeys is a dict of n numbers, kept in the memo as picklers do.
func pickledKeys(n int) []byte {
	b := bytes.NewBufferString("\x80\x04}\x94(")
	for i := range n {
		fmt.Fprintf(b, "\x8c\x09k%08d\x94J%s", i, le32(i))
	}
	b.WriteString("u.")
	return b.Bytes()
}

func storage(numel int32) string {
	return "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ" + string(le32(int(numel))) + "tQ"
}

// tensorOf is a vector of n elements of storage 0, which has numel.
func tensorOf(n, numel int32) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage(numel) + "J\x00\x00\x00\x00J" + string(le32(int(n))) + "\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
}

func onePickle(numel int32) []byte {
	return []byte("\x80\x02}X\x01\x00\x00\x00w" + tensorOf(numel, numel) + "s.")
}

func pickledTensors(t *testing.T, n int) []byte {
	b := bytes.NewBufferString("\x80\x02}(")
	for i := range n {
		fmt.Fprintf(b, "X\x09\x00\x00\x00w%08d%s", i, tensorOf(1, 4))
	}
	b.WriteString("u.")
	return zipped(t, map[string][]byte{"a/data.pkl": b.Bytes(), "a/data/0": make([]byte, 16)})
}

func zipped(t *testing.T, members map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for name, data := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wide are limits that no file here reaches: by default most follow its size.
var wide = limit.Limits{
	Objects: 1 << 24, Items: 1 << 24, Opcodes: 1 << 30, Stack: 1 << 23, Memo: 1 << 23, Kept: 1 << 30, Pickles: 1 << 34, Spool: 1 << 34,
}

// through opens, judges, loads and plans a file in memory.
func through(ctx context.Context, file []byte, dir string) error {
	src, err := container.OpenContext(ctx, bytes.NewReader(file), int64(len(file)), container.Options{TempDir: dir, Limits: wide})
	if err != nil {
		return err
	}
	defer src.Close()
	if _, _, err := scan.Scan(ctx, src, scan.Options{}); err != nil {
		return err
	}
	c, err := sandboxload.Load(ctx, src, sandboxload.Options{})
	if err != nil {
		return err
	}
	_, err = plan.New(ctx, c, plan.Options{AllowEmpty: true, Root: "none"})
	return err
}

// patience is the longest that nobody may look at a context, far above what is
// measured: it tells a loop that never looks from a slow machine.
const patience = 5 * time.Second

// TestCancelReading: opening, judging and loading look at the context often,
// and end with its error whenever it ends.
func TestCancelReading(t *testing.T) {
	for name, file := range long(t, keys()) {
		t.Run(name, func(t *testing.T) {
			whole := newPulse(0)
			start := time.Now()
			if err := through(whole, file, t.TempDir()); err != nil {
				t.Fatal(err)
			}
			_ = whole.Err() // the time since the last look counts too
			t.Logf("%v in all, %d looks, at most %v between two", time.Since(start), whole.looks, whole.longest)
			if whole.longest > patience {
				t.Errorf("nobody looked for %v", whole.longest)
			}
			for _, at := range []int{1, 2, whole.looks / 4, whole.looks / 2, whole.looks * 3 / 4, whole.looks - 1} {
				p := newPulse(at)
				if err := through(p, file, t.TempDir()); !errors.Is(err, context.Canceled) {
					t.Errorf("ended at look %d of %d: got %v", at, whole.looks, err)
				}
				if p.looks > at+10 {
					t.Errorf("ended at look %d, and %d more followed", at, p.looks-at)
				}
			}
		})
	}
}
