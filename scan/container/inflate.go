package container

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// mostInflating bounds how many members are inflated at once: each costs a
// window and buffers, about 300 KiB.
const mostInflating = 8

// Inflate inflates the declared storages that are compressed, side by side,
// so that Extent has them at hand. The outcome does not depend on the number
// of cores: of several errors the one of the storage declared first is
// returned.
func (t *Storages) Inflate(ctx context.Context) error {
	members, err := t.deflated()
	if err != nil || len(members) < 2 {
		return err
	}
	done := make([]inflated, len(members))
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range min(len(members), runtime.GOMAXPROCS(0), mostInflating) {
		wg.Go(func() {
			// What was begun is finished: then every member in front of a
			// broken one is known to be whole.
			for !failed.Load() {
				i := next.Add(1) - 1
				if i >= int64(len(members)) {
					return
				}
				if done[i] = t.s.inflate(ctx, members[i]); done[i].err != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	for _, in := range done {
		if in.member == nil {
			break // behind one that failed
		}
		if err := t.s.keep(in); err != nil {
			return err
		}
	}
	return nil
}

// deflated lists the members that are to be inflated, each once, in the order
// in which the pickle declares them.
func (t *Storages) deflated() ([]*Member, error) {
	if t.s.Format == TorchLegacy {
		return nil, nil
	}
	var all []*Member
	seen := map[int]bool{}
	total := t.s.spool.Size()
	for _, key := range t.order {
		m := t.decl[key].member
		if _, done := t.s.spans[m.index]; done || seen[m.index] || m.Method != methodDeflate || m.Encrypted() {
			continue
		}
		seen[m.index] = true
		var ok bool
		if total, ok = limit.Add(total, m.Size); !ok || total > t.s.limits.Spool {
			return nil, fault.In(m.Name, limit.Spool.Exceeded(t.s.limits.Spool, m.Payload))
		}
		all = append(all, m)
	}
	return all, nil
}
