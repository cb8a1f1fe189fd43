package fsx

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"depickle/scan/fault"
)

func TestOpenSource(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "in")
	write(t, path, "hello")
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Size() != 5 || s.Name() != path {
		t.Errorf("%q of %d bytes", s.Name(), s.Size())
	}
	b := make([]byte, 3)
	if n, err := s.ReadAt(b, 2); n != 3 || err != nil || string(b) != "llo" {
		t.Errorf("ReadAt: %q %v", b, err)
	}
	if n, err := s.ReadAt(b, 4); n != 1 || err != io.EOF {
		t.Errorf("ReadAt the end: %d %v, want io.EOF itself", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	_, err = s.ReadAt(b, 0)
	if want := "cannot read " + quote(path) + ": it is closed already"; !errors.Is(err, fs.ErrClosed) || err.Error() != want {
		t.Errorf("after Close: got %v, want %s", err, want)
	}
}

func TestOpenSourceRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenSource(dir)
	if want := "unsupported: " + quote(dir) + " is a directory, not a regular file"; !fault.Is(err, fault.Unsupported) || err.Error() != want {
		t.Errorf("a directory: got %v, want %s", err, want)
	}
	none := filepath.Join(dir, "none")
	_, err = OpenSource(none)
	if want := "cannot open " + quote(none) + ": no such file or directory; check the path"; !errors.Is(err, fs.ErrNotExist) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = OpenSource(os.DevNull)
	if !fault.Is(err, fault.Unsupported) {
		t.Errorf("a device: %v", err)
	}
}

func TestIrregular(t *testing.T) {
	tests := map[fs.FileMode]string{
		0o644:                             "",
		fs.ModeDir | 0o755:                "a directory",
		fs.ModeNamedPipe:                  "a named pipe",
		fs.ModeSocket:                     "a socket",
		fs.ModeDevice:                     "a device",
		fs.ModeDevice | fs.ModeCharDevice: "a device",
		fs.ModeSymlink:                    "a symbolic link",
		fs.ModeIrregular:                  "a special file",
	}
	for mode, want := range tests {
		if got := irregular(mode); got != want {
			t.Errorf("%v: %q, want %q", mode, got, want)
		}
	}
}

func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "in")
	write(t, path, "hello")
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	identity := func(path string) Identity {
		t.Helper()
		s, err := OpenSource(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		id, err := s.Identity()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	before := identity(path)
	if before != identity(path) {
		t.Error("one file has two identities")
	}
	if before.Size != 5 || before.ModTime != old.UnixNano() {
		t.Errorf("got %+v", before)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("!"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if after := identity(path); after == before || after.Size != 6 {
		t.Errorf("after a write: %+v", after)
	}
	switch runtime.GOOS {
	case "linux", "darwin", "windows":
		other := filepath.Join(dir, "other")
		write(t, other, "hello")
		if a, b := identity(path), identity(other); a.Inode == 0 || a.Inode == b.Inode || a.Device != b.Device {
			t.Errorf("two files: %+v %+v", a, b)
		}
	}
}

// TestIdentityChangeTime: the same size and the old mtime, set back by hand,
// do not hide a write.
func TestIdentityChangeTime(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("no change time")
	}
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "hello")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before, err := s.Identity()
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // the clock of the file system is coarse
	write(t, path, "hullo")
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	after, err := s.Identity()
	if err != nil {
		t.Fatal(err)
	}
	if after.Size != before.Size || after.ModTime != before.ModTime || after == before {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
}

func TestSameFile(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, "x")
	write(t, b, "x")
	tests := []struct {
		one, two string
		want     bool
	}{
		{a, a, true},
		{a, filepath.Join(dir, ".", "a"), true},
		{a, b, false},
		{a, filepath.Join(dir, "none"), false},
		{filepath.Join(dir, "none"), a, false},
	}
	hard := filepath.Join(dir, "hard")
	if err := os.Link(a, hard); err == nil {
		tests = append(tests, struct {
			one, two string
			want     bool
		}{hard, a, true})
	}
	soft := filepath.Join(dir, "soft")
	if err := os.Symlink("a", soft); err == nil {
		tests = append(tests, struct {
			one, two string
			want     bool
		}{a, soft, true})
	}
	for _, tt := range tests {
		if got := SameFile(tt.one, tt.two); got != tt.want {
			t.Errorf("SameFile(%q, %q) = %v", tt.one, tt.two, got)
		}
	}
}

func TestSink(t *testing.T) {
	dir := t.TempDir()
	if got, err := Dir(dir).Path("m.safetensors"); err != nil || got != filepath.Join(dir, "m.safetensors") {
		t.Errorf("Dir: %q %v", got, err)
	}
	if got, err := At("x/y").Path("m.safetensors"); err != nil || got != "x/y" {
		t.Errorf("At: %q %v", got, err)
	}
	for _, name := range []string{"", ".", "..", "../m", "/m", "a/b", `a\b`, `..\m`, "m\x00"} {
		if got, err := Dir(dir).Path(name); err == nil {
			t.Errorf("Dir takes %q: %q", name, got)
		}
	}
	file := filepath.Join(dir, "file")
	write(t, file, "")
	if _, err := Dir(file).Path("m"); err == nil || err.Error() != "cannot use "+quote(file)+": it is no directory; name a directory" {
		t.Errorf("a file as directory: %v", err)
	}
	if _, err := Dir(filepath.Join(dir, "none")).Path("m"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}
