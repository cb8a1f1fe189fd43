package machine

import (
	"io"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// FuzzRun has these properties, for any bytes:
//   - nothing panics, and the run ends;
//   - an error is a fault with an offset inside of the data;
//   - offsets grow with every event;
//   - the stack never reaches below the last mark;
//   - two runs give the same events.
func FuzzRun(f *testing.F) {
	for _, s := range handWritten {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := limit.Limits{Stack: 1000, Marks: 100, Memo: 1000, Objects: 10_000, Kept: 1 << 20}
		type seen struct {
			off  int64
			what What
			kind Kind
		}
		var first []seen
		for pass := range 2 {
			m, err := open(t, string(data), l)
			if err != nil {
				if kind(err) == 0 {
					t.Fatalf("New: %v", err)
				}
				return
			}
			last, i := int64(-1), 0
			for {
				ev, err := m.Step()
				if err == io.EOF {
					break
				}
				if err != nil {
					e, ok := err.(*fault.Error)
					if !ok || e.Offset < 0 || e.Offset > int64(len(data)) {
						t.Fatalf("error %v", err)
					}
					break
				}
				if ev.Op.Offset <= last || m.Depth() < m.fence() {
					t.Fatalf("offset %d after %d, depth %d, fence %d", ev.Op.Offset, last, m.Depth(), m.fence())
				}
				last = ev.Op.Offset
				m.Text(ev.Result)
				s := seen{ev.Op.Offset, ev.What, ev.Result.Kind}
				switch {
				case pass == 0:
					first = append(first, s)
				case i >= len(first) || first[i] != s:
					t.Fatalf("event %d is %v, was %v", i, s, first[min(i, len(first)-1)])
				}
				i++
			}
		}
	})
}
