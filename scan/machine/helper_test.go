package machine

import (
	"errors"
	"io"
	"strings"
	"testing"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// open makes a machine over a pickle that is a file of its own.
func open(t testing.TB, data string, l limit.Limits) (*Machine, error) {
	t.Helper()
	src, err := container.Open(strings.NewReader(data), int64(len(data)), container.Options{Limits: l, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	// The container looks for the first pickle's end, and says what ended it.
	st := container.Stream{Extent: container.Extent{Len: int64(len(data))}}
	if len(src.Streams) > 0 {
		if err := src.Streams[0].Err; fault.Is(err, fault.Limit) {
			return nil, err
		}
		st.Fetched = src.Streams[0].Fetched
	}
	return New(src, st, 0), nil
}

// run runs a pickle to its end and shows each event to f, which may be nil.
func run(t testing.TB, data string, l limit.Limits, f func(*Machine, *Event)) error {
	t.Helper()
	m, err := open(t, data, l)
	if err != nil {
		return err
	}
	for {
		ev, err := m.Step()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if _, again := m.Step(); again != err {
				t.Errorf("%q: Step returns %v after %v", data, again, err)
			}
			return err
		}
		if f != nil {
			f(m, ev)
		}
	}
}

// kind is the fault kind of an error, 0 for another error.
func kind(err error) fault.Kind {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}
