package scan

import (
	"errors"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/policy"
)

// maxFindings bounds the findings of each severity that a report shows. Each
// severity has its own bound, so that a thousand small things never hide a
// bad one, or that something was not read.
const maxFindings = 1000

// add notes a finding, once for each id and global.
func (j *judge) add(f Finding) {
	key := f.key()
	if j.kept[f.Severity] >= maxFindings || j.seen[key] {
		return
	}
	j.seen[key] = true
	j.kept[f.Severity]++
	j.findings = append(j.findings, f)
}

// findingKey is what tells findings apart. A pickle can give reason for one a
// million times.
type findingKey struct{ id, global, member, message string }

func (f *Finding) key() findingKey {
	if f.Global != "" {
		return findingKey{id: f.ID, global: f.Global}
	}
	return findingKey{id: f.ID, member: f.Member, message: f.Message}
}

// find notes a finding at the current opcode.
func (j *judge) find(sev Severity, id, global, message string) {
	if f := (Finding{ID: id, Global: global, Member: j.st.Member, Message: message}); f.key() == j.last {
		return // as an opcode ago
	}
	if sev == Dangerous || !j.guess() {
		f := j.at(sev, id, global, message)
		j.last = f.key()
		j.add(f)
	}
}

// guess reports whether the file is no checkpoint and was only run to see
// whether it is a pickle after all: then nothing counts but what is dangerous.
func (j *judge) guess() bool { return !read(j.src.Format) && j.st.Member == "" }

func (j *judge) at(sev Severity, id, global, message string) Finding {
	return Finding{ID: id, Severity: sev, Message: message, Member: j.st.Member, Stream: j.st.Index,
		Offset: j.ev.Op.Offset, Opcode: j.ev.Op.Code.String(), Global: global}
}

// oddity says how bad a kind of oddity is.
func oddity(id string) Severity {
	switch id {
	case "zip-duplicate", "zip-case-twin", "zip-overlap":
		return Dangerous
	case "zip-encrypted", "zip-method", "zip-byteorder":
		return Inconclusive
	}
	return Suspicious
}

// oddities notes what is odd about the container. Some of it shows only once
// a member is inflated.
func (j *judge) oddities() {
	for _, o := range j.src.Oddities {
		j.add(Finding{ID: o.ID, Severity: oddity(o.ID), Message: o.Text, Member: o.Member, Offset: o.Offset})
	}
}

// container judges what surrounds the pickles.
func (j *judge) container() {
	j.oddities()
	for _, name := range j.src.UnknownMembers() {
		j.add(Finding{ID: "member-unknown", Severity: Note, Member: name, Message: "a member that torch neither writes nor reads"})
	}
	for _, e := range j.src.Unaccounted {
		j.add(Finding{ID: "bytes-unaccounted", Severity: Inconclusive, Offset: e.Off, Message: "bytes that no part of the format explains"})
		if e.Space == container.InFile {
			j.missing += e.Len
		}
	}
	if !read(j.src.Format) {
		j.add(Finding{ID: "not-a-checkpoint", Severity: Inconclusive, Message: j.src.Note})
		j.missing = j.src.Size()
	}
}

// read reports whether a format's pickles are all known.
func read(f container.Format) bool { return f.Converted() || f == container.TorchScript }

// broken notes what kept a stream from being read.
func (j *judge) broken(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Changed {
		return err
	}
	j.missing += max(j.st.Extent.Len, 1)
	if j.guess() || (j.st.Role == container.Extra && (!read(j.src.Format) || j.st.Member == "")) {
		return nil // noted already: no checkpoint, or bytes after the last STOP
	}
	text := f.Text
	if j.counts[policy.Global{Module: "joblib.numpy_pickle", Name: "NumpyArrayWrapper"}] != nil {
		text = "a joblib file: its arrays stand raw inside of the pickle, which this version does not read"
	}
	j.add(Finding{ID: f.Kind.String(), Severity: Inconclusive, Message: text, Member: j.st.Member, Stream: j.st.Index,
		Offset: max(f.Offset, 0)})
	return nil
}

// display is a global's name for a message: as it is where it is short and
// plain, else quoted and cut, since it may be anything.
func display(name string) string {
	if len(name) > 96 {
		return fault.Quote(name)
	}
	for i := range len(name) {
		c := name[i]
		if c != '_' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return fault.Quote(name)
		}
	}
	return name
}
