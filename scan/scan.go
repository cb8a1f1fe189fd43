// Package scan judges a checkpoint before anything is taken out of it.
//
// It runs every pickle of the file through the symbolic machine and says what
// loading it elsewhere would reach and call. It executes nothing, trusts no
// name, no declared size and no order of members, and never calls a file clean
// that it did not read whole: a [Report] is a severity and a completeness, and
// only a complete one gives a [Clearance].
//
// It does not defend against what a clean global does with hostile numbers in
// its own code, but checks what is known to corrupt loaders: rebuild arguments
// that leave their storage, storages of another size than declared, items set
// in what is no container (CVE-2026-24747).
package scan

import (
	"context"
	"errors"
	"slices"
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/machine"
	"depickle/scan/policy"
)

// Options for Scan. The zero value is the strict, safe setting.
type Options struct{}

// maxFindings bounds a report; a file with more is judged by these.
const maxFindings = 1000

// Scan judges a source. The error is for what has nothing to do with the
// file's content: a cancelled context, a failing disk. A Clearance comes with
// a complete report only.
func Scan(ctx context.Context, src *container.Source, _ Options) (*Report, *Clearance, error) {
	j := newJudge(ctx)
	r := &Report{Size: src.Size(), Format: src.Format, Note: src.Note, Complete: true}
	if err := j.source(src); err != nil {
		return nil, nil, err
	}
	r.Findings, r.Globals = j.findings, j.globals()
	r.Coverage = j.coverage(src)
	r.conclude()
	if !r.Complete {
		return r, nil, nil
	}
	return r, &Clearance{source: src, report: r, policy: policy.Digest()}, nil
}

// judge collects what the streams of a file show.
type judge struct {
	ctx      context.Context
	findings []Finding
	counts   map[policy.Global]*counted
	order    []policy.Global
	seen     map[string]bool // findings by id and global, which are made once
	floor    Severity        // no finding is below it, once the list is full
	missing  int64           // bytes of the file that nothing accounts for

	// Of the stream that is running:
	src     *container.Source
	st      container.Stream
	m       *machine.Machine
	ev      *machine.Event
	places  *container.Storages
	pending map[*machine.Node]Finding
	object  machine.Value // what the last object stream left
	nested  map[place]machine.Value
	keys    []string // of a legacy file's storages
	keysOK  bool
}

type counted struct {
	decision policy.Decision
	n        int64
}

func newJudge(ctx context.Context) *judge {
	return &judge{ctx: ctx, findings: []Finding{}, counts: map[policy.Global]*counted{}, seen: map[string]bool{}, nested: map[place]machine.Value{}}
}

// source judges the container, then each stream.
func (j *judge) source(src *container.Source) error {
	j.src = src
	j.container()
	var shared *container.Storages
	for _, st := range src.Streams {
		places := src.NewStorages(st)
		if src.Format == container.TorchLegacy {
			if shared == nil {
				shared = places
			}
			places = shared
		}
		if err := j.stream(st, places); err != nil {
			return err
		}
	}
	return nil
}

// oddities says how bad each kind of oddity is.
var oddities = map[string]Severity{
	"zip-duplicate":       Dangerous,
	"zip-case-twin":       Dangerous,
	"zip-overlap":         Dangerous,
	"zip-header-mismatch": Suspicious,
	"zip-two-directories": Suspicious,
	"zip-comment":         Suspicious,
	"zip-crc":             Suspicious,
	"zip-encrypted":       Inconclusive,
	"zip-method":          Inconclusive,
	"zip-byteorder":       Inconclusive,
}

func (j *judge) container() {
	for _, o := range j.src.Oddities {
		sev, ok := oddities[o.ID]
		if !ok {
			sev = Suspicious
		}
		j.add(Finding{ID: o.ID, Severity: sev, Message: o.Text, Member: o.Member, Offset: o.Offset})
	}
	for _, name := range j.src.UnknownMembers() {
		j.add(Finding{ID: "member-unknown", Severity: Note, Member: name, Message: "a member that torch neither writes nor reads"})
	}
	for _, e := range j.src.Unaccounted {
		j.add(Finding{ID: "bytes-unaccounted", Severity: Inconclusive, Offset: e.Off, Message: "bytes that no part of the format explains"})
		if e.Space == container.InFile {
			j.missing += e.Len
		}
	}
	switch j.src.Format {
	case container.TorchZip, container.TorchLegacy, container.Pickle, container.TorchScript:
	default:
		j.add(Finding{ID: "not-a-checkpoint", Severity: Inconclusive, Message: j.src.Note})
		j.missing = j.src.Size()
	}
}

// stream runs one pickle. Findings before an error stay: CPython has done by
// then what they say.
func (j *judge) stream(st container.Stream, places *container.Storages) error {
	j.st, j.places, j.pending, j.ev = st, places, map[*machine.Node]Finding{}, nil
	j.keys, j.keysOK = nil, true
	if st.Err != nil && st.Extent.Len == 0 {
		return j.broken(st.Err)
	}
	m, err := machine.New(j.src, st.Extent)
	if err != nil {
		return j.broken(err)
	}
	j.m = m
	for {
		if err := j.ctx.Err(); err != nil {
			return err
		}
		ev, err := m.Step()
		if err != nil {
			j.settle()
			return j.broken(err)
		}
		j.ev = ev
		if err := j.event(ev); err != nil {
			return err
		}
		if ev.What == machine.Ended {
			if st.Role == container.Object {
				j.object = ev.Result
			}
			break
		}
	}
	j.settle()
	if st.Role == container.Keys {
		j.keysEnd()
	}
	return nil
}

// broken notes what kept a stream from being read. An extra stream of a file
// that is no checkpoint was only run to see whether it is a pickle after all.
func (j *judge) broken(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	if f.Kind == fault.Changed {
		return err
	}
	j.missing += max(j.st.Extent.Len, 1)
	known := j.src.Format == container.TorchZip || j.src.Format == container.TorchLegacy ||
		j.src.Format == container.Pickle || j.src.Format == container.TorchScript
	if j.st.Role == container.Extra && !known {
		return nil
	}
	if j.st.Role == container.Extra && j.st.Member == "" {
		return nil // bytes after the last STOP, which are noted already
	}
	off := max(f.Offset, 0)
	j.add(Finding{ID: f.Kind.String(), Severity: Inconclusive, Message: f.Text, Member: j.st.Member, Stream: j.st.Index, Offset: off})
	return nil
}

// add notes a finding, once for each id and global.
func (j *judge) add(f Finding) {
	key := f.ID + "\x00" + f.Global
	if f.Global == "" {
		key += f.Member + f.Message
	}
	if j.seen[key] {
		return
	}
	j.seen[key] = true
	if len(j.findings) < maxFindings {
		j.findings = append(j.findings, f)
		return
	}
	j.displace(f)
}

// displace puts a finding in place of a lesser one once the list is full:
// a flood of small findings must not hide the one that decides.
func (j *judge) displace(f Finding) {
	if f.Severity <= j.floor {
		return
	}
	for i := range slices.Backward(j.findings) {
		if j.findings[i].Severity < f.Severity {
			j.findings[i] = f
			return
		}
	}
	j.floor = f.Severity
}

// find notes a finding at the current opcode.
func (j *judge) find(sev Severity, id, global, message string) {
	j.add(j.at(sev, id, global, message))
}

func (j *judge) at(sev Severity, id, global, message string) Finding {
	return Finding{ID: id, Severity: sev, Message: message, Member: j.st.Member, Stream: j.st.Index,
		Offset: j.ev.Op.Offset, Opcode: j.ev.Op.Code.String(), Global: global}
}

// settle turns what waited for a harmless use, and saw none, into findings.
func (j *judge) settle() {
	var left []Finding
	for _, f := range j.pending {
		left = append(left, f)
	}
	slices.SortFunc(left, func(a, b Finding) int { return int(a.Offset - b.Offset) })
	for _, f := range left {
		j.add(f)
	}
	clear(j.pending)
}

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
