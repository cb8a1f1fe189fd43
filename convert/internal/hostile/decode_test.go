package hostile

import (
	"errors"
	"io"
	"os"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// counting notes what is read of a file.
type counting struct {
	r           io.ReaderAt
	size        int64
	total, most int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.total += int64(len(p))
	c.most = max(c.most, int64(len(p)))
	return c.r.ReadAt(p, off)
}

// decode runs the decoder over a file as if it were a pickle, whatever it is.
// It must come to an end, in few bytes at a time, and go forward.
func decode(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{r: f, size: info.Size()}
	d := opcode.NewDecoder(c, 0, c.size, limit.Limits{})
	var op opcode.Op
	for at := int64(0); ; at = op.End {
		if err = d.Next(&op); err != nil || op.Code == opcode.Stop {
			break
		}
		if op.Offset != at || op.End <= at || op.End > c.size {
			t.Fatalf("decoder: %s at %d reaches from %d to %d of %d", op.Code, at, op.Offset, op.End, c.size)
		}
	}
	var is *fault.Error
	if err != nil && !errors.As(err, &is) {
		t.Errorf("decoder: %v is no fault", err)
	}
	if c.most > 1<<20 || c.total > 4*c.size+1<<20 {
		t.Errorf("decoder: reads %d bytes at once, %d in all, of %d", c.most, c.total, c.size)
	}
}
