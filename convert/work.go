package convert

import "sync/atomic"

// work counts the bytes that were read, hashed, written and compared.
type work struct {
	total int64
	done  atomic.Int64
	tell  func(done, total int64)
}

func newWork(total int64, tell func(done, total int64)) *work {
	return &work{total: total, tell: tell}
}

func (w *work) add(n int64) {
	done := w.done.Add(n)
	if w.tell != nil {
		w.tell(min(done, w.total), w.total)
	}
}

// Write counts what passes.
func (w *work) Write(p []byte) (int, error) {
	w.add(int64(len(p)))
	return len(p), nil
}
