package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// screen is a terminal that lines are shown on. Nothing is started to show
// them: no child process.
type screen struct {
	out           io.Writer
	width, height int
	// key waits for a key; it is nil where nobody can press one.
	key func(context.Context) (byte, error)
}

// terminal returns the screen that standard output is, if it is one.
func (a *app) terminal() (*screen, bool) {
	w, ok := a.out.(*checkedWriter)
	if !ok {
		return nil, false
	}
	f, ok := w.w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, false
	}
	s := &screen{out: a.out, width: 80, height: 24}
	if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
		s.width, s.height = width, height
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		s.key = pressed
	}
	return s, true
}

// pressed reads one key, as it is pressed.
func pressed(ctx context.Context) (byte, error) {
	fd := int(os.Stdin.Fd())
	was, err := term.MakeRaw(fd)
	if err != nil {
		return 0, err
	}
	defer term.Restore(fd, was)
	type result struct {
		key byte
		err error
	}
	// The read cannot be interrupted; the program ends when it is abandoned.
	done := make(chan result, 1)
	go func() {
		var b [1]byte
		_, err := os.Stdin.Read(b[:])
		done <- result{b[0], err}
	}()
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case r := <-done:
		return r.key, r.err
	}
}

const prompt = "-- space: more   a: all   q: quit --"

// page shows lines, a screenful at a time where someone can ask for the next.
func (s *screen) page(ctx context.Context, lines []string) {
	w := bufio.NewWriter(s.out)
	defer w.Flush()
	room := s.height - 1
	waits := s.key != nil && s.rows(lines) > room
	for _, l := range lines {
		l = printable(l)
		need := s.rows([]string{l})
		if waits && need > room {
			w.Flush()
			switch s.wait(ctx) {
			case quit:
				return
			case rest:
				waits = false
			}
			room = s.height - 1
		}
		room -= need
		fmt.Fprintln(w, l)
	}
}

// rows is how many rows of the screen lines take; wide characters count as two
// columns, and a few that are narrow do too.
func (s *screen) rows(lines []string) (n int) {
	for _, l := range lines {
		columns := utf8.RuneCountInString(l)
		for _, r := range l {
			if r >= 0x1100 {
				columns++
			}
		}
		n += max(1, (columns+s.width-1)/s.width)
	}
	return n
}

// answer is what the reader wants next.
type answer uint8

const (
	more answer = iota
	rest
	quit
)

// wait asks, and wipes the question out again.
func (s *screen) wait(ctx context.Context) answer {
	question := prompt[:min(len(prompt), max(s.width-1, 0))]
	fmt.Fprint(s.out, question)
	defer fmt.Fprint(s.out, "\r"+strings.Repeat(" ", len(question))+"\r")
	for {
		key, err := s.key(ctx)
		switch {
		case err != nil:
			return quit
		case key == ' ' || key == '\r' || key == '\n':
			return more
		case key == 'a' || key == 'G':
			return rest
		case key == 'q' || key == 'Q' || key == 3 || key == 4: // Ctrl-C, Ctrl-D
			return quit
		}
	}
}
