package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// patience is how long a conversion may take before a bar is shown.
const patience = 700 * time.Millisecond

// progress shows a bar on a terminal when a conversion takes longer than a
// moment.
type progress struct {
	mu   sync.Mutex
	at   int64 // of the bytes of all sources
	next int64
	bar  *progressbar.ProgressBar
}

// newProgress returns nil where standard error is no terminal.
func newProgress(w io.Writer, name string, size int64) *progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return &progress{bar: progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(&late{w: w, from: time.Now().Add(patience)}),
		progressbar.OptionSetDescription(printable(name)),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowCount(),
		progressbar.OptionUseIECUnits(true),
		progressbar.OptionSetWidth(24),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish())}
}

// late drops what is written before a moment.
type late struct {
	w    io.Writer
	from time.Time
}

// Write implements io.Writer.
func (l *late) Write(p []byte) (int, error) {
	if time.Now().Before(l.from) {
		return len(p), nil
	}
	return l.w.Write(p)
}

// step is how many bytes pass between two looks at the bar.
const step = 1 << 20

// file is told of the work done for one file, which is several passes, and
// shows it as bytes of that source. It is nil where nothing is shown.
func (p *progress) file(size int64) func(done, total int64) {
	if p == nil {
		return nil
	}
	var last int64 // of these bytes
	return func(done, total int64) {
		if total == 0 {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		now := int64(float64(done) / float64(total) * float64(size))
		if now <= last {
			return
		}
		p.at, last = p.at+now-last, now
		if p.at >= p.next {
			p.next = p.at + step
			p.bar.Set64(p.at)
		}
	}
}

func (p *progress) done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bar.Clear()
}
