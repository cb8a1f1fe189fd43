package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"depickle/convert"
)

const (
	// roundFiles and roundBytes bound what is converted before it gets its
	// names: the files of a round wait for the disk once.
	roundFiles = 1024
	roundBytes = 256 << 20
	// smallFile is the largest file, in bytes, of a round that converts files
	// side by side. A larger one keeps all cores busy by itself.
	smallFile = 8 << 20
	// mostFiles is how many files are open at once, whatever the cores.
	mostFiles = 8
)

// claim is the place of one source's output, or why it has none.
type claim struct {
	sink convert.Sink
	err  error
}

// round is files that are converted side by side and published together.
type round struct {
	files []string
	sizes []int64
}

// rounds cuts the files of a run into rounds, in their order.
func rounds(files []string, sizes map[string]int64) []round {
	var all []round
	var r round
	var total int64
	flush := func() {
		if len(r.files) > 0 {
			all = append(all, r)
		}
		r, total = round{}, 0
	}
	for _, path := range files {
		n := sizes[path]
		if n > smallFile || total+n > roundBytes || len(r.files) == roundFiles {
			flush()
		}
		r.files, r.sizes, total = append(r.files, path), append(r.sizes, n), total+n
		if n > smallFile {
			flush()
		}
	}
	flush()
	return all
}

// convertAll converts the files of a run and shows what became of them, in
// their order.
func (a *app) convertAll(f *convertFlags, files []string) []converted {
	to := newDestination(f.output, f.record, files)
	var done []converted
	for _, r := range rounds(files, to.sizes) {
		of := a.convertRound(f, r, to)
		for i := range of {
			c := &of[i]
			a.worse(c.Exit)
			switch {
			case f.json:
			case c.Exit == exitOK:
				fmt.Fprint(a.out, c.summary)
			default:
				a.complain("%s: %s", c.Path, c.Error)
			}
			c.summary = ""
		}
		done = append(done, of...)
		if a.ctx.Err() != nil {
			break
		}
	}
	return done
}

// convertRound converts the files of a round and publishes what is complete.
func (a *app) convertRound(f *convertFlags, r round, to *destination) []converted {
	g := convert.NewGroup(f.sync(len(r.files)))
	defer g.Close()
	bar := newProgress(a.err, r.name(), r.bytes())
	defer bar.done()
	claims := make([]claim, len(r.files))
	for i, path := range r.files {
		claims[i].sink, claims[i].err = to.claim(path)
	}
	done := make([]converted, len(r.files))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(len(r.files), convert.Hands(), mostFiles) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(r.files)); i = next.Add(1) - 1 {
				done[i] = a.convertOne(f, g, r.files[i], &claims[i], bar.file(r.sizes[i]))
			}
		})
	}
	wg.Wait()
	a.publish(g, done)
	return done
}

// sync says how the outputs of a round are brought to the disk.
func (f *convertFlags) sync(files int) convert.Sync {
	switch {
	case f.noSync:
		return convert.SyncNone
	case files > 1:
		return convert.SyncTogether
	}
	return convert.SyncEach
}

// name is what the progress bar calls the round.
func (r round) name() string {
	if len(r.files) == 1 {
		return filepath.Base(r.files[0])
	}
	return plural(len(r.files), "file")
}

func (r round) bytes() (n int64) {
	for _, size := range r.sizes {
		n += size
	}
	return n
}

// convertOne converts one file of a round. What is shown of it is made at
// once, since a round may be a thousand files: plan and record are not kept.
func (a *app) convertOne(f *convertFlags, g *convert.Group, path string, to *claim, told func(done, total int64)) converted {
	c := converted{Path: path}
	if err := a.convertFile(f, g, to, told, &c); err != nil {
		c.fail(err)
		return c
	}
	c.Status = "converted"
	if f.dryRun {
		c.Status = "planned"
	}
	var text bytes.Buffer
	quiet := &app{ctx: a.ctx, out: &text, err: a.err}
	quiet.showConverted(&c)
	c.summary = text.String()
	c.result.Plan, c.result.Record, c.report = nil, nil, nil
	return c
}

// fail makes c the result of a file that was not converted.
func (c *converted) fail(err error) {
	c.Exit, c.Error, c.Output, c.Record = exitCode(err), explain(err), "", ""
	c.Status = "failed"
	if c.Exit == exitRefused {
		c.Status = "refused"
	}
}

// publish gives the outputs of a round their names, unless the run was
// interrupted.
func (a *app) publish(g *convert.Group, done []converted) {
	var ready []*convert.Result
	var of []*converted
	for i := range done {
		c := &done[i]
		if c.Exit != exitOK {
			continue
		}
		if err := a.ctx.Err(); err != nil {
			g.Discard(c.result)
			c.fail(err)
			continue
		}
		ready, of = append(ready, c.result), append(of, c)
	}
	for i, err := range g.Publish(ready) {
		if err != nil {
			of[i].fail(err)
		}
	}
}
