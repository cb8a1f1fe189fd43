package scan

import (
	"context"
	"slices"
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/policy"
)

// Options for Scan. The zero value is the strict, safe setting.
type Options struct {
	// Policy decides on globals; nil is the tables alone. A Clearance, which
	// Convert takes, comes from those only.
	Policy *policy.Policy
	// Found says that the file was found in a directory, and not named by
	// anyone: then it may be something else than a checkpoint
	// ([Report].Foreign).
	Found bool
	// Progress, if set, is told how many bytes of how many bytes of pickle
	// are judged, from the goroutine that called Scan.
	Progress func(done, total int64)
}

// Scan judges a source. The error is for what has nothing to do with the
// file's content: a cancelled context, a failing disk. A Clearance comes with
// a complete report only.
func Scan(ctx context.Context, src *container.Source, o Options) (*Report, *Clearance, error) {
	defer src.Watch(ctx)()
	j := newJudge(ctx)
	j.listed, j.policy = o.Found, o.Policy
	j.progress = newProgress(src, o.Progress)
	r := &Report{Size: src.Size(), Format: src.Format, Note: src.Note, Complete: true}
	if err := j.source(src); err != nil {
		return nil, nil, err
	}
	r.Findings, r.Globals = j.findings, j.globals()
	r.Coverage = j.coverage(src)
	r.conclude()
	r.Foreign = o.Found && !read(src) && r.Complete && r.Severity == Clean
	if !r.Complete || !read(src) {
		return r, nil, nil
	}
	return r, &Clearance{source: src, report: r, policy: o.Policy.Digest()}, nil
}

// judge collects what the streams of a file show.
type judge struct {
	ctx      context.Context
	findings []Finding
	kept     [Dangerous + 1]int // findings of each severity
	seen     map[findingKey]int // where each stands: they are made once
	last     findingKey         // of the last one
	counts   map[policy.Global]*counted
	order    []policy.Global
	policy   *policy.Policy
	listed   bool   // what is no checkpoint is listed, and does not count
	path     string // of the part that is judged, in the file
	missing  int64  // bytes of the file that nothing accounts for
	held     int64  // what the machines of the files around this one hold
	inner    map[inner]*thing
	lengths  map[container.Extent]int64 // of texts that stand for bytes
	progress progress
	observe  func(*seen) error // is shown each opcode; nil for nobody
	run
}

// run is what belongs to the stream that is running.
type run struct {
	src     *container.Source
	st      container.Stream
	m       *machine.Machine
	ev      *machine.Event
	places  *storages
	ops     int64 // opcodes so far
	waiting map[*machine.Node]*waiting
	before  *machine.Machine // the one whose memo the stream goes on with; nil for none
	dups    int              // containers that DUP referred to once more
	arrays  bool             // joblib's stand in the stream
	alone   bool             // pickle alone reads the stream: joblib's do not stand raw
	// wrappers has the dicts that may be the state of such an array.
	wrappers map[*machine.Node]*wrapper
	object   *thing // what the last object stream left
	keys     keys   // of a legacy file's storages
}

// counted is a global that the file names.
type counted struct {
	global   policy.Global // by Python 3's name
	name     string        // as the file has it
	shown    string        // the same for messages
	decision policy.Decision
	n        int64
}

// anyOf is a global that no opcode of the stream needs to name: what findings
// about an object of it are of.
func anyOf(module, name string) *counted {
	g := policy.Global{Module: module, Name: name}
	return &counted{global: g, name: g.String(), shown: g.String()}
}

func newJudge(ctx context.Context) *judge {
	return &judge{ctx: ctx, counts: map[policy.Global]*counted{}, seen: map[findingKey]int{},
		inner: map[inner]*thing{}, lengths: map[container.Extent]int64{}}
}

// source judges the container, then each stream.
func (j *judge) source(src *container.Source) error {
	j.src, j.object = src, nil
	missing := j.missing
	j.container()
	noted := len(src.Unaccounted)
	var shared *storages
	for _, st := range src.Streams {
		places := newStorages(src, st)
		if src.Format == container.TorchLegacy {
			if shared == nil {
				shared = places
			}
			places = shared
		}
		run := j.stream
		if st.Joblib {
			run = j.joblib
		}
		if err := run(st, places); err != nil {
			return err
		}
		j.progress.ended(src, st)
	}
	for _, more := range []func(*container.Source) error{j.reused, j.torchScript, j.packageCode, j.undeclared, j.parts, j.safeTensors} {
		if err := more(src); err != nil {
			return err
		}
	}
	// Some of it shows only once a member is unpacked.
	j.src, j.st = src, container.Stream{}
	j.unaccounted(noted)
	j.oddities()
	if (j.missing > missing || src.Format == container.Unknown) && j.kept[Dangerous] == 0 {
		return j.search(src)
	}
	return nil
}

// patience is how many opcodes run between two looks at the context.
const patience = 4096

// stream runs one pickle. Findings before an error stay: CPython has done by
// then what they say.
func (j *judge) stream(st container.Stream, places *storages) error {
	j.st, j.places, j.waiting, j.ev, j.keys, j.ops = st, places, map[*machine.Node]*waiting{}, nil, keys{}, 0
	j.dups = 0
	if st.Joblib {
		j.arrays, j.wrappers = false, map[*machine.Node]*wrapper{}
	}
	if st.Err != nil && st.Extent.Len == 0 {
		return j.broken(st.Err)
	}
	m := machine.New(j.src, st, j.held)
	if j.before != nil {
		m.Share(j.before)
	}
	j.m = m
	m.Ahead()
	defer m.Close()
	most := j.src.Limits().Opcodes
	for ; ; j.ops++ {
		if j.ops%patience == 0 {
			if err := j.ctx.Err(); err != nil {
				return err
			}
			if j.ev != nil {
				j.progress.at(j.src, j.ev.Op.Offset-st.Extent.Off)
			}
		}
		ev, err := m.Step()
		if err == nil && j.ops > most {
			err = limit.Opcodes.Exceeded(most, ev.Op.Offset)
		}
		if j.observe != nil {
			if stop := j.watch(ev, err); stop != nil {
				return stop
			}
		}
		if err != nil {
			if frame := m.Frame(); frame != "" && fault.Of(err) != nil {
				j.straddles(frame, m.Offset())
			}
			j.settle()
			if fault.Is(st.Err, fault.Limit) {
				err = st.Err // what lies behind it was not looked at
			}
			return j.broken(err)
		}
		j.ev = ev
		if err := j.event(ev); err != nil {
			return j.broken(err)
		}
		if ev.What == machine.Ended {
			break
		}
	}
	j.settle()
	switch st.Role {
	case container.Object:
		j.object = j.known(j.ev.Result)
	case container.Keys:
		j.keysEnd()
	}
	return nil
}

// globals lists what the file names, sorted.
func (j *judge) globals() []GlobalCount {
	out := make([]GlobalCount, 0, len(j.order))
	for _, g := range j.order {
		c := j.counts[g]
		out = append(out, GlobalCount{Module: g.Module, Name: g.Name, Tier: c.decision.Tier.String(), Count: c.n})
	}
	slices.SortFunc(out, func(a, b GlobalCount) int {
		if c := strings.Compare(a.Module, b.Module); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

func (j *judge) coverage(src *container.Source) Coverage {
	return Coverage{Bytes: src.Size(), Accounted: max(0, src.Size()-min(j.missing, src.Size()))}
}
