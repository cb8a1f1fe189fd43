package sandboxload

import (
	"context"
	"errors"
	"fmt"

	"depickle/sandboxload/internal/canonical"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// Options for Load. The zero value is the strict, safe setting.
type Options struct {
	// Disarm keeps dangerous globals as inert records instead of refusing
	// the file.
	Disarm bool
}

// Root is the object of one pickle stream.
type Root struct {
	Stream int
	Value  value.Value
}

// Checkpoint is what a file holds.
type Checkpoint struct {
	Source *container.Source
	Roots  []Root
	// Tensors is how many tensors the pickles make, shared ones counted as
	// often as they are rebuilt.
	Tensors int
}

// Load reads the object streams of a source. Errors are fault.Error: malformed
// or refused when the scan finds the same, unsupported, limit or changed
// otherwise.
func Load(ctx context.Context, src *container.Source, o Options) (*Checkpoint, error) {
	if !src.Format.Converted() {
		return nil, fault.New(fault.Unsupported, "%s", src.Note)
	}
	defer src.Watch(ctx)()
	c := &Checkpoint{Source: src}
	ld := &loader{ctx: ctx, src: src, opts: o, kept: &kept{tensors: &c.Tensors}, limits: src.Limits()}
	roots, err := ld.file()
	if err != nil {
		return nil, err
	}
	c.Roots = roots
	return c, nil
}

// loader reads one file, or one checkpoint inside another.
type loader struct {
	ctx      context.Context
	src      *container.Source
	opts     Options
	limits   limit.Limits
	kept     *kept // over all nested files
	held     int64 // what the machines of the files around this one hold
	nested   map[any]value.Value
	storages map[storageName]*value.Storage
	views    map[string]*value.Storage // parts of them
	numbers  map[string]bool           // keys, and whether they are written as numbers
	places   *container.Storages
	in       *canonical.Reader
	tuples   map[*types.Tuple]*value.Tuple
	globals  map[value.Global]any
	growing  growing
	stores   int // items put into containers
}

// patience is how many bytes or items go by between two looks at the context.
const patience = 4096

// file loads every object stream and places the storages.
func (ld *loader) file() ([]Root, error) {
	ld.storages, ld.views, ld.numbers = map[storageName]*value.Storage{}, map[string]*value.Storage{}, map[string]bool{}
	var roots []Root
	for _, st := range ld.src.Streams {
		if st.Role == container.Extra || st.Role == container.Guess {
			continue
		}
		if st.Role == container.Object && ld.places == nil {
			ld.places = ld.src.NewStorages(st)
		}
		v, err := ld.stream(st)
		if err != nil {
			return nil, fault.In(st.Member, err)
		}
		switch st.Role {
		case container.Object:
			roots = append(roots, Root{Stream: st.Index, Value: v})
		case container.Protocol:
			if v != value.Value(value.Int(1001)) {
				return nil, fault.At(fault.Unsupported, st.Extent.Off, "the legacy file has a protocol other than 1001")
			}
		case container.Keys:
			if err := ld.keys(v, st.Extent.Off); err != nil {
				return nil, err
			}
		}
	}
	if ld.places == nil {
		return nil, fault.New(fault.Malformed, "the file holds no object")
	}
	return roots, ld.place()
}

// keys takes the list of storage keys that ends a legacy file's pickles.
func (ld *loader) keys(v value.Value, off int64) error {
	l, ok := v.(*value.List)
	if !ok {
		return fault.At(fault.Malformed, off, "the legacy file's storage keys are no list")
	}
	keys := make([]string, len(l.Items))
	for i, it := range l.Items {
		if keys[i], ok = storageKey(it); !ok {
			return fault.At(fault.Malformed, off, "a storage key is no string")
		}
		if err := ld.spelled(it, keys[i]); err != nil {
			return err
		}
	}
	_, err := ld.places.Keys(keys)
	return err
}

// place gives every storage its extent; deflated ones are inflated now.
func (ld *loader) place() error {
	if err := ld.places.Inflate(ld.ctx); err != nil {
		return err
	}
	for _, s := range ld.storages {
		e, err := ld.places.Extent(s.Key)
		if err != nil {
			return err
		}
		s.Extent = e
	}
	for _, s := range ld.views {
		// Extent.Off is the view's offset in its root until here.
		e := s.Root.Extent
		s.Extent = container.Extent{Space: e.Space, Off: e.Off + s.Extent.Off, Len: s.Bytes}
	}
	return nil
}

// stream runs one pickle.
func (ld *loader) stream(st container.Stream) (v value.Value, err error) {
	if st.Joblib {
		st = st.Whole()
	}
	if st.Err != nil {
		return nil, st.Err
	}
	ld.in = canonical.New(machine.New(ld.src, st, ld.held), ld.limits)
	ld.in.Disarm = ld.opts.Disarm
	ld.tuples = map[*types.Tuple]*value.Tuple{}
	raw, err := ld.run()
	if err != nil {
		return nil, ld.cause(err)
	}
	ld.settle()
	return ld.value(raw, 0)
}

// cause is why gopickle stopped: what ended its stream, what one of our
// functions said, or an opcode that it cannot run itself.
func (ld *loader) cause(err error) error {
	if ended := ld.in.Err(); ended != nil {
		return ended
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return ld.malformed("the unpickler refuses: %s", fault.Quote(err.Error()))
}

// run is the only place that calls gopickle. The stream that it gets is one
// that depickle wrote; should it panic all the same, that is an error.
func (ld *loader) run() (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.At(fault.Malformed, ld.in.Offset(), "the unpickler failed: %s", fault.Quote(fmt.Sprint(p)))
		}
	}()
	u := pickle.NewUnpickler(&cancelling{Reader: ld.in, ctx: ld.ctx})
	u.FindClass = ld.noClass
	u.PersistentLoad = ld.persistentLoad
	return u.Load()
}

// cancelling stops gopickle, which knows no context, through its reader.
type cancelling struct {
	*canonical.Reader
	ctx context.Context
	n   int
}

func (c *cancelling) ReadByte() (byte, error) {
	if c.n++; c.n%patience == 0 {
		if err := c.ctx.Err(); err != nil {
			c.Fail(err)
		}
	}
	return c.Reader.ReadByte()
}

// malformed is an error at the opcode that is running.
func (ld *loader) malformed(format string, args ...any) error {
	return fault.At(fault.Malformed, ld.in.Offset(), format, args...)
}
