package convert

import (
	"context"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/fsx"
	"depickle/scan"
)

// Sync says when the content of outputs is brought to the disk, which is
// always before they get their names, but for SyncNone.
type Sync = fsx.Sync

// The ways.
const (
	SyncEach     = fsx.Each     // each output when it is done
	SyncTogether = fsx.Together // all of a group at once, where the system can
	SyncNone     = fsx.None     // never: a crash of the machine may leave a name without its content
)

// Group is conversions whose outputs get their names together. Waiting for the
// disk once instead of twice a file makes many small files several times
// faster.
type Group struct {
	g     *fsx.Group
	hands hands
}

// NewGroup makes a group. The caller closes it.
func NewGroup(how Sync) *Group { return &Group{g: fsx.NewGroup(how)} }

// Convert carries out a conversion but for the last step: the output was
// written and compared, and has no name until Publish. It may be called from
// several goroutines.
func (g *Group) Convert(ctx context.Context, c *scan.Clearance, to Sink, o Options) (*Result, error) {
	j, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	j.hands = &g.hands
	res := &Result{Plan: j.plan}
	if o.DryRun {
		res.Record = j.record()
		return res, nil
	}
	if res.Output, err = to.Path(OutputName(o.Name)); err != nil {
		return nil, err
	}
	if !o.NoRecord {
		res.RecordPath = o.RecordPath
		if res.RecordPath == "" {
			res.RecordPath = res.Output + ".json"
		}
	}
	res.files, err = j.write(ctx, g.g, res)
	if err != nil {
		return nil, err
	}
	return res, nil
}

// Publish gives outputs and records their names, and returns an error for each
// result, nil for those that have them. What has none is removed. A result is
// published once.
func (g *Group) Publish(results []*Result) []error {
	sets := make([][]*fsx.File, len(results))
	for i, r := range results {
		sets[i], r.files = r.files, nil
	}
	errs := g.g.Publish(sets)
	for i := range errs {
		if errs[i] != nil {
			discard(sets[i])
		}
	}
	return errs
}

// Discard removes what a result that is not published wrote.
func (g *Group) Discard(r *Result) {
	discard(r.files)
	r.files = nil
}

// Hands is how many conversions of small files should run side by side.
func Hands() int { return crew.Hands() }

// Close frees what the group holds, and publishes nothing.
func (g *Group) Close() error { return g.g.Close() }
