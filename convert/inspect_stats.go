package convert

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync/atomic"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/stats"
	"depickle/convert/internal/transfer"
	"depickle/convert/plan"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// statsShare is the small tensors that one hand takes at once, in bytes.
const statsShare = 4 << 20

// statsJob is a tensor whose statistics are wanted.
type statsJob struct {
	tensors []int // that have them; one view may have several names
	dtype   tensor.DType
	from    transfer.Source
	layout  transfer.Layout
	bytes   int64
	repeat  int64 // how often each element stands in the tensor
	result  stats.Summary
}

// statistics finds out what is to be read, and reads it.
func (i *inspector) statistics() error {
	if !i.o.Stats {
		return nil
	}
	byView := map[int]int{}
	budget := budget{most: i.src.Limits().MaxOutput(i.src.Decompressed())}
	for k, f := range i.plan.Found {
		t := &i.Tensors[k]
		if t.NoStats = noStats(t.Reason, f.Tensor.DType); t.NoStats != "" || !hasElements(f.Tensor) {
			continue
		}
		if at, ok := byView[f.View]; ok {
			if at >= 0 {
				i.jobs[at].tensors = append(i.jobs[at].tensors, k)
			}
			t.NoStats = i.Tensors[f.View].NoStats
			continue
		}
		it := plan.Item{Tensor: f.Tensor}
		job := statsJob{tensors: []int{k}, dtype: f.Tensor.DType, from: it.Source(i.src)}
		job.layout, job.repeat = unordered(it.Layout())
		var err error
		if job.bytes, err = job.layout.Bytes(job.from); err != nil {
			t.NoStats = err.Error()
		} else {
			t.NoStats = budget.take(job.bytes)
		}
		if t.NoStats != "" {
			byView[f.View] = -1
			continue
		}
		byView[f.View] = len(i.jobs)
		i.jobs = append(i.jobs, job)
	}
	return i.compute()
}

func noStats(reason string, d tensor.DType) string {
	switch {
	case reason != "":
		return reason
	case !stats.Supported(d):
		return "elements of type " + d.String() + " have none"
	}
	return ""
}

// budget bounds what is read: views that overlap can make of a small file any
// number of bytes.
type budget struct{ most, taken int64 }

func (b *budget) take(n int64) string {
	if sum, ok := limit.Add(b.taken, n); ok && sum <= b.most {
		b.taken = sum
		return ""
	}
	return "its elements would be " + limit.Size(n) + ", and of this file at most " + limit.Size(b.most) + " are read"
}

// unordered is a layout with the same elements, in an order that is read
// faster, each of them once; repeat is how often it stands in the tensor.
// Statistics mind neither, so that a transposed tensor costs what a contiguous
// one does, and an expanded one no more than its storage.
func unordered(l transfer.Layout) (out transfer.Layout, repeat int64) {
	type dim struct{ n, stride int64 }
	var dims []dim
	repeat = 1
	g := l.Geometry
	for k, n := range g.Shape {
		switch {
		case n == 1:
		case n > 1 && g.Stride[k] == 0:
			// The product fits: it is a part of the number of elements.
			repeat *= n
		default:
			dims = append(dims, dim{n, g.Stride[k]})
		}
	}
	slices.SortStableFunc(dims, func(a, b dim) int { return cmp.Compare(b.stride, a.stride) })
	l.Geometry = tensor.Geometry{Offset: g.Offset, Shape: []int64{}, Stride: []int64{}}
	for _, d := range dims {
		l.Geometry.Shape = append(l.Geometry.Shape, d.n)
		l.Geometry.Stride = append(l.Geometry.Stride, d.stride)
	}
	return l, repeat
}

// compute reads the tensors, some of them side by side.
func (i *inspector) compute() error {
	shares := crew.Shares{N: len(i.jobs), Most: statsShare, Size: func(k int) int64 { return i.jobs[k].bytes }}
	p := &reading{tell: i.o.Progress}
	for k := range i.jobs {
		// Their sum is within the budget, or the file's size.
		p.total += i.jobs[k].bytes
	}
	hand := func(ctx context.Context) error {
		var (
			copier    transfer.Copier
			collector stats.Collector
		)
		for {
			lo, hi, ok := shares.Next()
			if !ok {
				return nil
			}
			for k := lo; k < hi; k++ {
				if err := i.jobs[k].run(ctx, &copier, &collector, p); err != nil {
					return err
				}
			}
		}
	}
	if err := crew.Spread(i.ctx, hand); err != nil {
		return err
	}
	for k := range i.jobs {
		for _, at := range i.jobs[k].tensors {
			i.Tensors[at].Stats = &i.jobs[k].result
		}
	}
	return nil
}

func (j *statsJob) run(ctx context.Context, copier *transfer.Copier, c *stats.Collector, p *reading) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.Reset(j.dtype, j.bytes) {
		return fault.New(fault.Unsupported, "elements of type %s have no statistics", j.dtype)
	}
	if err := copier.Copy(ctx, io.MultiWriter(c, p), j.from, j.layout); err != nil {
		return err
	}
	j.result = c.Summary().Times(j.repeat)
	return nil
}

// reading tells how much was read.
type reading struct {
	total int64
	done  atomic.Int64
	tell  func(done, total int64)
}

// Write implements io.Writer.
func (r *reading) Write(p []byte) (int, error) {
	if r.tell != nil {
		r.tell(r.done.Add(int64(len(p))), r.total)
	}
	return len(p), nil
}
