package fsx

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// Sync says when the content of files is brought to the disk. It always is
// before a file gets its name, but for None.
type Sync uint8

// The ways.
const (
	Each     Sync = iota // each file by itself, when it is settled
	Together             // all of a group at once, where the system can
	None                 // whenever the system likes: a crash may leave a name without its content
)

// Group is files that get their names together. A sync waits for the disk; one
// for many small files makes them several times faster.
type Group struct {
	sync Sync
	mu   sync.Mutex
	// dirs are open since before a file was written below them: the system
	// tells each handle of the write errors since it was opened.
	dirs map[string]*os.File
}

// NewGroup makes a group. The caller closes it.
func NewGroup(how Sync) *Group {
	if how == Together && !syncsFileSystems() {
		how = Each
	}
	return &Group{sync: how, dirs: map[string]*os.File{}}
}

// Create makes the temporary file for an output. It fails early when path is
// taken and force is false, and always when something other than a regular
// file stands there. It may be called from several goroutines.
func (g *Group) Create(path string, force bool) (*File, error) {
	if g.sync == Together {
		if err := g.watch(filepath.Dir(path)); err != nil {
			return nil, wrap("create", path, err)
		}
	}
	return create(path, force, g.sync)
}

// watch opens a directory for the sync to come.
func (g *Group) watch(dir string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dirs[dir] != nil {
		return nil
	}
	d, err := os.Open(dir)
	if err == nil {
		g.dirs[dir] = d
	}
	return err
}

// Publish gives files their final names, set by set; a set's files in their
// order: none gets its name before the one in front of it, in such a way that
// not even a crash turns them round. All files are settled. It returns an
// error for each set, nil for those that have all of their names.
func (g *Group) Publish(sets [][]*File) []error {
	errs := make([]error, len(sets))
	if err := g.flush(); err != nil {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	for rank, more := 0, true; more; rank++ {
		more = false
		dirs := map[string][]int{} // of the sets that have a new name in it
		for i, set := range sets {
			if errs[i] != nil || rank >= len(set) {
				continue
			}
			more = true
			if errs[i] = set[rank].publish(); errs[i] == nil {
				dir := filepath.Dir(set[rank].final)
				dirs[dir] = append(dirs[dir], i)
			}
		}
		g.syncDirs(dirs, errs)
	}
	return errs
}

// flush brings the content of all files to the disk, if that was put off.
func (g *Group) flush() error {
	if g.sync != Together {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	done := map[uint64]bool{}
	for dir, d := range g.dirs {
		if err := syncFileSystem(d, done); err != nil {
			return wrap("sync", dir, err)
		}
	}
	return nil
}

func (g *Group) syncDirs(dirs map[string][]int, errs []error) {
	if g.sync == None {
		return
	}
	for dir, of := range dirs {
		err := syncDir(dir)
		for _, i := range of {
			errs[i] = errors.Join(errs[i], err)
		}
	}
}

// Close frees what the group holds. It publishes nothing.
func (g *Group) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var err error
	for dir, d := range g.dirs {
		err = errors.Join(err, d.Close())
		delete(g.dirs, dir)
	}
	return err
}
