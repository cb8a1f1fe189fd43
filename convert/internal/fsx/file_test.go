package fsx

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func made(t *testing.T, path string, force bool) *File {
	t.Helper()
	f, err := create(path, force, Each)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Discard() })
	return f
}

// finish settles a file and gives it its name.
func finish(f *File) error {
	if !f.closed {
		if err := f.Settle(); err != nil {
			return err
		}
	}
	return f.publish()
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// holds checks a directory's names and their content.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(b)
	}
	if len(got) != len(want) {
		t.Errorf("the directory has %q, want %q", got, want)
	}
	for name, content := range want {
		if c, ok := got[name]; !ok || c != content {
			t.Errorf("%s: got %q %v, want %q", name, c, ok, content)
		}
	}
}

func TestPublish(t *testing.T) {
	for _, force := range []bool{false, true} {
		dir := t.TempDir()
		f := made(t, filepath.Join(dir, "out"), force)
		if _, err := f.Write([]byte("hello ")); err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte("world"), 6); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 5)
		if n, err := f.ReadAt(b, 6); n != 5 || err != nil || string(b) != "world" {
			t.Errorf("ReadAt: %q %v", b[:n], err)
		}
		if n, err := f.ReadAt(b, 9); n != 2 || err != io.EOF {
			t.Errorf("ReadAt the end: %d %v, want io.EOF itself", n, err)
		}
		entries, _ := os.ReadDir(dir)
		if len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), ".out.depickle-") || len(entries[0].Name()) != len(".out.depickle-")+16 {
			t.Errorf("before Publish the directory has %v", entries)
		}
		if err := finish(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Discard(); err != nil {
			t.Errorf("Discard after Publish: %v", err)
		}
		if err := finish(f); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Publish twice: %v", err)
		}
		holds(t, dir, map[string]string{"out": "hello world"})
	}
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "plain"), "")
	if err := os.Remove(filepath.Join(dir, "plain")); err != nil {
		t.Fatal(err)
	}
	p, err := os.Create(filepath.Join(dir, "plain"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	want, err := p.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f := made(t, filepath.Join(dir, "out"), false)
	if info, err := os.Stat(f.temp); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("temporary file: %v %v", info.Mode(), err)
	}
	if err := finish(f); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(f.final); err != nil || info.Mode() != want.Mode() {
		t.Errorf("published: %v %v, want %v as any other new file", info.Mode(), err, want.Mode())
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "taken"), "old")
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path  string
		force bool
		want  string
		is    error
	}{
		{"taken", false, "it exists already; choose another name or allow overwriting", fs.ErrExist},
		{"d", false, "it is a directory; name a file", nil},
		{"d", true, "it is a directory; name a file", nil},
		{"d/", true, "it names no file; add a file name", nil},
		{"d/..", true, "it names no file; add a file name", nil},
		{"none/out", false, "no such file or directory; check the path", fs.ErrNotExist},
		{strings.Repeat("x", 300), false, "the name is too long for the file system; choose a shorter one", nil},
	}
	if runtime.GOOS != "windows" {
		tests = append(tests, struct {
			path  string
			force bool
			want  string
			is    error
		}{"taken/out", false, "a part of the path is a file, not a directory; check the path", nil})
	}
	for _, tt := range tests {
		path := dir + string(filepath.Separator) + filepath.FromSlash(tt.path)
		f, err := create(path, tt.force, Each)
		if err == nil {
			f.Discard()
			t.Errorf("%s: no error", tt.path)
			continue
		}
		if want := "cannot create " + quote(path) + ": " + tt.want; err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%v is not %v", err, tt.is)
		}
	}
	if _, err := create("", false, Each); err == nil {
		t.Error("no name: no error")
	}
	os.Remove(filepath.Join(dir, "d"))
	holds(t, dir, map[string]string{"taken": "old"})
}

func TestLongName(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("é", 127) // 254 bytes: the temporary name must be cut
	f := made(t, filepath.Join(dir, name), false)
	if err := finish(f); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{name: ""})
	if got := cut("aéb", 2); got != "a" {
		t.Errorf("cut within a character: %q", got)
	}
}

func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	f := made(t, filepath.Join(dir, "out"), false)
	for range 2 {
		if err := f.Discard(); err != nil {
			t.Error(err)
		}
	}
	if err := finish(f); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Publish after Discard: %v", err)
	}
	holds(t, dir, nil)
}

// TestPublishRace: the name is taken between Create and Publish, in time for
// the first look or after it.
func TestPublishRace(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	f := made(t, out, false)
	write(t, out, "theirs")
	if err := finish(f); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	holds(t, dir, map[string]string{"out": "theirs"})

	f = made(t, filepath.Join(dir, "late"), false)
	write(t, f.final, "theirs")
	if err := f.rename(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("past the check: got %v", err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	holds(t, dir, map[string]string{"out": "theirs", "late": "theirs"})
}

// TestPublishOnce: of many that want one name, one gets it, and the others
// change nothing.
func TestPublishOnce(t *testing.T) {
	const n = 16
	dir := t.TempDir()
	var files [n]*File
	for i := range files {
		files[i] = made(t, filepath.Join(dir, "out"), false)
		if _, err := files[i].Write([]byte{byte('a' + i)}); err != nil {
			t.Fatal(err)
		}
	}
	var errs [n]error
	var wait sync.WaitGroup
	for i, f := range files {
		wait.Go(func() { errs[i] = errors.Join(finish(f), f.Discard()) })
	}
	wait.Wait()
	won := -1
	for i, err := range errs {
		if err == nil && won >= 0 {
			t.Fatalf("both %d and %d got the name", won, i)
		}
		if err == nil {
			won = i
		} else if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if won < 0 {
		t.Fatal("nobody got the name")
	}
	holds(t, dir, map[string]string{"out": string(rune('a' + won))})
}

// TestExclusiveSteps tries each way to take a name, also those that this file
// system does not need.
func TestExclusiveSteps(t *testing.T) {
	steps := map[string]func(from, to string) error{"rename": renameExclusive, "link": linkExclusive, "place": placeExclusive}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from, to, taken := filepath.Join(dir, "from"), filepath.Join(dir, "to"), filepath.Join(dir, "taken")
			write(t, from, "new")
			write(t, taken, "old")
			err := step(from, taken)
			if errors.Is(err, errNoHelp) {
				t.Skip("not on this file system")
			}
			if !errors.Is(err, fs.ErrExist) {
				t.Errorf("onto a file: %v", err)
			}
			holds(t, dir, map[string]string{"from": "new", "taken": "old"})
			if err := step(from, to); err != nil {
				t.Fatal(err)
			}
			holds(t, dir, map[string]string{"to": "new", "taken": "old"})
			if err := step(from, filepath.Join(dir, "other")); err == nil {
				t.Error("of a file that is gone: no error")
			}
			holds(t, dir, map[string]string{"to": "new", "taken": "old"})
		})
	}
}

func TestForce(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	write(t, out, "old")
	f := made(t, out, true)
	if _, err := f.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(out); string(b) != "old" {
		t.Errorf("before Publish: %q", b)
	}
	if err := finish(f); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"out": "new"})

	// A directory that appears after Create is not replaced.
	f = made(t, filepath.Join(dir, "late"), true)
	if err := os.Mkdir(f.final, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := finish(f); err == nil || !strings.Contains(err.Error(), "it is a directory") {
		t.Errorf("onto a directory: %v", err)
	}
}

func symlink(t *testing.T, to, link string) {
	t.Helper()
	if err := os.Symlink(to, link); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
}

func TestSymlinkedTarget(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	target := filepath.Join(elsewhere, "target")
	write(t, target, "precious")
	out := filepath.Join(dir, "out")
	symlink(t, target, out)
	broken := filepath.Join(dir, "broken")
	symlink(t, filepath.Join(elsewhere, "none"), broken)
	toDir := filepath.Join(dir, "toDir")
	symlink(t, elsewhere, toDir)
	for _, path := range []string{out, broken} {
		if _, err := create(path, false, Each); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := create(toDir, true, Each); err == nil || !strings.Contains(err.Error(), "it is a directory") {
		t.Errorf("link to a directory: %v", err)
	}
	if err := os.Remove(toDir); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{out, broken} {
		f := made(t, path, true)
		if _, err := f.Write([]byte("new")); err != nil {
			t.Fatal(err)
		}
		if err := finish(f); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s is %v %v, want a file in place of the link", path, info.Mode(), err)
		}
	}
	holds(t, elsewhere, map[string]string{"target": "precious"})
	holds(t, dir, map[string]string{"out": "new", "broken": "new"})
}

func TestReserve(t *testing.T) {
	dir := t.TempDir()
	f := made(t, filepath.Join(dir, "out"), false)
	if err := f.Reserve(1000); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1001)
	if n, err := f.ReadAt(b, 0); n != 1000 || err != io.EOF || !bytes.Equal(b, make([]byte, 1001)) {
		t.Errorf("reserved: %d bytes, %v", n, err)
	}
	free, ok := freeSpace(f.f, f.temp)
	if !ok {
		t.Skip("the file system does not tell its free space")
	}
	if free <= 0 {
		t.Errorf("%d bytes free", free)
	}
	err := f.Reserve(1 << 60)
	if err == nil || !strings.Contains(err.Error(), "it needs 1.0 EiB and the disk has ") ||
		!strings.HasSuffix(err.Error(), " free; free some space or choose another directory") {
		t.Errorf("got %v", err)
	}
	if info, err := f.f.Stat(); err != nil || info.Size() != 1000 {
		t.Errorf("refused, but the file has %d bytes now (%v)", info.Size(), err)
	}
}

func TestFreeOf(t *testing.T) {
	const most = 1<<63 - 1
	tests := []struct {
		blocks, free, size uint64
		want               int64
		ok                 bool
	}{
		{0, 0, 4096, 0, false},
		{10, 0, 4096, 0, true},
		{10, 3, 4096, 12288, true},
		{10, 3, 0, 0, false},
		{1 << 63, 1 << 63, 1, most, true},
		{1 << 62, 1 << 62, 4096, most, true},
	}
	for _, tt := range tests {
		if got, ok := freeOf(tt.blocks, tt.free, tt.size); got != tt.want || ok != tt.ok {
			t.Errorf("freeOf(%d, %d, %d) = %d %v", tt.blocks, tt.free, tt.size, got, ok)
		}
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	f := made(t, filepath.Join(dir, "out"), false)
	if _, err := f.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	s, err := f.Reopen()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(s)
	if string(b) != "abc" || err != nil || s.Size() != 3 {
		t.Errorf("read back %q %v", b, err)
	}
	s.Close()
	if runtime.GOOS == "windows" {
		return // an open file cannot be replaced there
	}
	if err := os.Remove(f.temp); err != nil {
		t.Fatal(err)
	}
	write(t, f.temp, "abc")
	if _, err := f.Reopen(); err == nil || !strings.Contains(err.Error(), "another program replaced its temporary file") {
		t.Errorf("a replaced file: %v", err)
	}
}
