package fsx

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// put creates a settled file of a group.
func put(t *testing.T, g *Group, path, content string) *File {
	t.Helper()
	f, err := g.Create(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Discard() })
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := f.Settle(); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGroup: all sets get their names, but for the rest of one that fails.
func TestGroup(t *testing.T) {
	for _, how := range []Sync{Each, Together, None} {
		t.Run(strconv.Itoa(int(how)), func(t *testing.T) {
			dir := t.TempDir()
			sub := filepath.Join(dir, "sub")
			if err := os.Mkdir(sub, 0o777); err != nil {
				t.Fatal(err)
			}
			g := NewGroup(how)
			defer g.Close()
			var sets [][]*File
			for _, name := range []string{"a", "b", "c"} {
				sets = append(sets, []*File{put(t, g, filepath.Join(sub, name+".json"), name), put(t, g, filepath.Join(dir, name), name)})
			}
			holds(t, sub, map[string]string{
				filepath.Base(sets[0][0].temp): "a", filepath.Base(sets[1][0].temp): "b", filepath.Base(sets[2][0].temp): "c"})
			// The record of b cannot have its name, so b must not either.
			write(t, filepath.Join(sub, "b.json"), "taken")
			errs := g.Publish(sets)
			if errs[0] != nil || !errors.Is(errs[1], fs.ErrExist) || errs[2] != nil {
				t.Errorf("Publish: %v", errs)
			}
			for _, set := range sets {
				for _, f := range set {
					f.Discard()
				}
			}
			holds(t, sub, map[string]string{"a.json": "a", "b.json": "taken", "c.json": "c"})
			if err := os.RemoveAll(sub); err != nil {
				t.Fatal(err)
			}
			holds(t, dir, map[string]string{"a": "a", "c": "c"})
		})
	}
}

// TestUnsettled: a file that is still written does not get its name.
func TestUnsettled(t *testing.T) {
	dir := t.TempDir()
	g := NewGroup(Each)
	defer g.Close()
	f, err := g.Create(filepath.Join(dir, "out"), false)
	if err != nil {
		t.Fatal(err)
	}
	if errs := g.Publish([][]*File{{f}}); !errors.Is(errs[0], fs.ErrClosed) {
		t.Errorf("Publish: %v", errs)
	}
	f.Discard()
	holds(t, dir, map[string]string{})
}

func TestCopyRange(t *testing.T) {
	dir := t.TempDir()
	content := strings.Repeat("0123456789abcdef", 20000)
	write(t, filepath.Join(dir, "in"), content)
	src, err := OpenSource(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	f := made(t, filepath.Join(dir, "out"), false)
	if n := f.CopyRange(0, strings.NewReader(content), 0, 10); n != 0 {
		t.Errorf("what is no file: %d bytes copied", n)
	}
	n := f.CopyRange(5, src, 10, 100000)
	if n == 0 {
		t.Skip("the system has no copy of ranges here")
	}
	past := int64(len(content)) - 7
	if k := f.CopyRange(5+n, src, past, 100); n != 100000 || k != 7 {
		t.Errorf("copied %d and, past the end, %d", n, k)
	}
	if k := f.CopyRange(0, src, -1, 100); k != 0 {
		t.Errorf("a negative offset: %d", k)
	}
	got, err := os.ReadFile(f.temp)
	if want := "\x00\x00\x00\x00\x00" + content[10:100010] + content[past:]; err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("the copy differs: %d bytes, %v", len(got), err)
	}
}
