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
	size int64 // of the source
	next int64
	bar  *progressbar.ProgressBar
}

// newProgress returns nil where standard error is no terminal.
func newProgress(w io.Writer, name string, size int64) *progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return &progress{size: size, bar: progressbar.NewOptions64(size,
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

// step is how many bytes of work pass between two looks at the bar.
const step = 4 << 20

// set takes the work done, which is several passes, and shows it as bytes of
// the source.
func (p *progress) set(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done < p.next || total == 0 {
		return
	}
	p.next = done + step
	p.bar.Set64(int64(float64(done) / float64(total) * float64(p.size)))
}

func (p *progress) done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bar.Clear()
}
