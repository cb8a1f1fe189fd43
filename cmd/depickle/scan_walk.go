package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// target is a file to scan.
type target struct {
	path  string
	found bool   // in a directory, and not named by the user
	skip  string // why it is not scanned, "" when it is
	err   error  // why it cannot be
}

// targets lists what the arguments stand for, directories walked in the order
// of their names.
func (f *scanFlags) targets(args []string) ([]target, error) {
	for _, pattern := range slices.Concat(f.include, f.exclude) {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%q is no pattern: %w", pattern, err)
		}
	}
	var all []target
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			all = append(all, target{path: arg}) // opening says what is wrong
			continue
		}
		all = append(all, f.walk(arg)...)
	}
	return all, nil
}

// walk lists the files below a directory. A link is not followed: what it leads
// to inside of the tree is met there, and what lies outside was not asked for.
func (f *scanFlags) walk(root string) (all []target) {
	real, rootErr := filepath.EvalSymlinks(root)
	walked := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			all = append(all, target{path: p, found: true, err: err})
		case d.Type()&fs.ModeSymlink != 0:
			t := target{path: p, found: true, skip: "a link to what is scanned itself"}
			if rootErr != nil || outside(real, p) {
				t.skip, t.err = "", fmt.Errorf("a link that leads out of the directory and is not followed; name it to have it scanned")
			}
			all = append(all, f.chosen(root, t))
		case d.Type().IsRegular():
			all = append(all, f.chosen(root, target{path: p, found: true}))
		case !d.IsDir():
			all = append(all, target{path: p, found: true, skip: "no regular file"})
		}
		return nil
	})
	if walked != nil {
		all = append(all, target{path: root, found: true, err: walked})
	}
	return all
}

// outside reports whether a link leads out of the directory, or nowhere.
func outside(root, link string) bool {
	to, err := filepath.EvalSymlinks(link)
	if err != nil {
		return true
	}
	rel, err := filepath.Rel(root, to)
	return err != nil || !filepath.IsLocal(rel)
}

// chosen applies --include and --exclude, whose patterns match a file's name
// or its path below the directory.
func (f *scanFlags) chosen(root string, t target) target {
	rel, err := filepath.Rel(root, t.path)
	if err != nil {
		rel = t.path
	}
	rel = filepath.ToSlash(rel)
	switch {
	case len(f.include) > 0 && !matches(f.include, rel):
		t.skip, t.err = "not among --include", nil
	case matches(f.exclude, rel):
		t.skip, t.err = "left out by --exclude", nil
	}
	return t
}

// matches reports whether a pattern fits the path, its last part, or a
// directory that it lies in.
func matches(patterns []string, rel string) bool {
	for _, pattern := range patterns {
		pattern = strings.TrimSuffix(pattern, "/")
		if ok, _ := path.Match(pattern, path.Base(rel)); ok {
			return true
		}
		for dir := rel; dir != "."; dir = path.Dir(dir) {
			if ok, _ := path.Match(pattern, dir); ok {
				return true
			}
		}
	}
	return false
}
