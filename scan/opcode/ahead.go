package opcode

// ahead is what follows a window, read while the decoder is busy with that:
// reading costs a fifth of the time, most of it for the digests that tell a
// file that changes.
type ahead struct {
	on    bool
	done  chan error // nil while nothing is being read
	at    int64
	n     int64
	buf   []byte // room for the rest of a window, and what is read
	spare []byte
}

// Ahead lets the decoder read ahead, for a pickle that is read to its end.
// Whoever asks for it calls Close when no more is read.
func (d *Decoder) Ahead() { d.window.next.on = true }

// Close waits for what is being read. Nothing reads from the reader after it.
func (d *Decoder) Close() {
	if d.window.next.done != nil {
		<-d.window.next.done
		d.window.next.done = nil
	}
}

// readAhead begins to read what follows the window.
func (w *window) readAhead() {
	a := &w.next
	last := w.end
	if w.near > 0 {
		last = min(last, w.near)
	}
	n := min(inline, last-w.behind())
	if !a.on || n <= 0 {
		return
	}
	if a.buf = a.spare; a.buf == nil {
		a.buf = make([]byte, 2*inline)
	}
	done := make(chan error, 1)
	a.spare, a.done, a.at, a.n = nil, done, w.behind(), n
	into, off, r := a.buf[inline:inline+n], a.at, w.r
	go func() {
		k, err := r.ReadAt(into, off)
		if k == len(into) {
			err = nil
		}
		done <- err
	}()
}

// take moves the window to off by what was read ahead, behind what the window
// has of it. What could not be read is read again, for the error that it is.
func (w *window) take(off, n int64) bool {
	a := &w.next
	if a.done == nil {
		return false
	}
	err := <-a.done
	a.done = nil
	rest := w.behind() - off
	if err != nil || a.at != w.behind() || off < w.at || rest < 0 || rest > inline || rest+a.n < min(n, w.end-off) {
		a.spare = a.buf
		return false
	}
	copy(a.buf[inline-rest:inline], w.buf[off-w.at:])
	old := w.whole
	w.whole = a.buf
	w.buf, w.at = a.buf[inline-rest:inline+a.n], off
	a.spare = old
	return true
}
