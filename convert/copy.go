package convert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"sync"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/fsx"
	"depickle/convert/internal/transfer"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/convert/verify"
	"depickle/scan/container"
)

const (
	// shareMost is the small tensors that are written at once, in bytes.
	shareMost = 512 << 10
	// rangeMost is what the system copies before it is hashed, in bytes: it
	// should still be in the processor's cache by then.
	rangeMost = 4 << 20
)

// copying writes the tensors to their places and takes their digests. Several
// hands may be at it.
type copying struct {
	job    *job
	src    *container.Source
	out    *fsx.File
	h      *safetensors.Header
	shares crew.Shares
	// bare leaves the digests out, which only a benchmark wants: to see what
	// is not hashing.
	bare bool
}

func (j *job) newCopying(out *fsx.File) *copying {
	j.digests = make([]provenance.Digest, len(j.header.Tensors))
	k := &copying{job: j, src: j.clearance.Source(), out: out, h: j.header}
	k.shares = crew.Shares{N: len(k.h.Tensors), Most: shareMost, Size: func(i int) int64 { return k.h.Tensors[i].End - k.h.Tensors[i].Begin }}
	return k
}

// hands keeps the buffers of those who copy and compare, from one file of a
// group to the next. Without it they are made anew.
type hands struct {
	copiers   sync.Pool
	comparers verify.Hands
}

func (h *hands) take() *hand {
	if h == nil {
		return new(hand)
	}
	if hd, ok := h.copiers.Get().(*hand); ok {
		return hd
	}
	return new(hand)
}

func (h *hands) put(hd *hand) {
	if h != nil {
		h.copiers.Put(hd)
	}
}

// hand is the buffers of one who copies.
type hand struct {
	copier transfer.Copier
	buf    []byte
}

func (h *hand) buffer(n int64) []byte {
	if int64(cap(h.buf)) < n {
		h.buf = make([]byte, n)
	}
	return h.buf[:n]
}

// run takes shares until none is left.
func (k *copying) run(ctx context.Context) error {
	hd := k.job.hands.take()
	defer k.job.hands.put(hd)
	for {
		lo, hi, ok := k.shares.Next()
		if !ok {
			return nil
		}
		if err := k.share(ctx, hd, lo, hi); err != nil {
			return err
		}
	}
}

func (k *copying) share(ctx context.Context, hd *hand, lo, hi int) error {
	begin, end := k.h.Tensors[lo].Begin, k.h.Tensors[hi-1].End
	if end-begin <= shareMost {
		return k.small(ctx, hd, lo, hi)
	}
	return k.large(ctx, hd, lo)
}

// small gathers neighbours in memory, and writes them at once.
func (k *copying) small(ctx context.Context, hd *hand, lo, hi int) error {
	begin, end := k.h.Tensors[lo].Begin, k.h.Tensors[hi-1].End
	buf := hd.buffer(end - begin)
	for i := lo; i < hi; i++ {
		it, t := &k.job.plan.Items[i], &k.h.Tensors[i]
		w := bytes.NewBuffer(buf[t.Begin-begin : t.Begin-begin : t.End-begin])
		if err := hd.copier.Copy(ctx, w, it.Source(k.src), it.Layout()); err != nil {
			return err
		}
		if !k.bare {
			k.job.digests[i] = sha256.Sum256(w.Bytes())
		}
	}
	_, err := k.out.WriteAt(buf, k.h.DataStart()+begin)
	k.job.work.add(end - begin)
	return err
}

// large copies one tensor: within the system where its elements lie in order
// and it can.
func (k *copying) large(ctx context.Context, hd *hand, i int) error {
	it, t := &k.job.plan.Items[i], &k.h.Tensors[i]
	from, layout, at := it.Source(k.src), it.Layout(), k.h.DataStart()+t.Begin
	off, n, plain, err := layout.Plain(from)
	if err != nil {
		return err
	}
	if plain {
		return k.plain(ctx, hd, i, transfer.Source{R: from.R, Off: off, Len: n}, at)
	}
	if err := hd.copier.CopyAt(ctx, k.out, at, from, layout); err != nil {
		return err
	}
	k.job.work.add(n)
	if k.bare {
		return nil
	}
	// It was written out of order, so its digest is taken from the output.
	sum, err := transfer.Hash(ctx, k.out, at, t.End-t.Begin, hd.buffer(transfer.HashBuffer))
	k.job.digests[i] = sum
	return err
}

// plain copies a range, part by part, and hashes each part of the output.
func (k *copying) plain(ctx context.Context, hd *hand, i int, from transfer.Source, at int64) error {
	sum, buf := sha256.New(), hd.buffer(transfer.HashBuffer)
	for done := int64(0); done < from.Len; {
		n := min(from.Len-done, rangeMost)
		copied := k.out.CopyRange(at+done, from.R, from.Off+done, n)
		if !k.bare {
			if err := transfer.Feed(ctx, sum, k.out, at+done, copied, buf); err != nil {
				return err
			}
		}
		done += copied
		k.job.work.add(copied)
		if copied == n {
			continue
		}
		// The system cannot. Through memory, then, to the end.
		rest := transfer.Source{R: from.R, Off: from.Off + done, Len: from.Len - done}
		w := io.MultiWriter(io.NewOffsetWriter(k.out, at+done), sum, k.job.work)
		if err := transfer.Feed(ctx, w, rest.R, rest.Off, rest.Len, buf); err != nil {
			return err
		}
		break
	}
	sum.Sum(k.job.digests[i][:0])
	return nil
}
