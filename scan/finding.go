package scan

import (
	"depickle/scan/container"
	"depickle/scan/fault"
)

// maxFindings bounds the findings of each severity that a report shows. Each
// severity has its own bound, so that a thousand small things never hide a
// bad one, or that something was not read.
const maxFindings = 1000

// add notes a finding, once for each id and global.
func (j *judge) add(f Finding) {
	f.Member = Join(j.path, f.Member)
	key := f.key()
	if _, done := j.seen[key]; done || j.kept[f.Severity] >= maxFindings {
		return
	}
	j.seen[key] = len(j.findings)
	j.kept[f.Severity]++
	j.findings = append(j.findings, f)
}

// findingOf is the finding about a global in the pickle that runs, nil for
// none.
func (j *judge) findingOf(id, global string) *Finding {
	i, ok := j.seen[findingKey{id: id, global: global, member: Join(j.path, j.st.Member)}]
	if !ok {
		return nil
	}
	return &j.findings[i]
}

// findingKey is what tells findings apart. A pickle can give reason for one a
// million times.
type findingKey struct{ id, global, member, message string }

func (f *Finding) key() findingKey {
	if f.Global != "" {
		return findingKey{id: f.ID, global: f.Global, member: f.Member}
	}
	return findingKey{id: f.ID, member: f.Member, message: f.Message}
}

// find notes a finding at the current opcode.
func (j *judge) find(sev Severity, id, global, message string) {
	if f := (Finding{ID: id, Global: global, Member: j.st.Member, Message: message}); f.key() == j.last {
		return // as an opcode ago
	}
	if !j.guess() || sev == Dangerous && (global != "" || !j.st.Any && (id == "extension" || id == "global-computed")) {
		f := j.at(sev, id, global, message)
		j.last = f.key()
		j.add(f)
	}
}

// guess reports whether bytes of another format are only run to see whether
// they are a pickle after all: then nothing counts but a dangerous global, or
// one that is unknown and called. Any bytes may break a rule or two, or name
// something, before they stop to be opcodes.
func (j *judge) guess() bool { return j.st.Role == container.Guess }

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
	j.unaccounted(0)
	if !read(j.src) {
		j.foreign(j.src)
	}
}

// unaccounted notes bytes that nothing explains, from the one of that number
// on.
func (j *judge) unaccounted(from int) {
	for _, e := range j.src.Unaccounted[from:] {
		j.add(Finding{ID: "bytes-unaccounted", Severity: Inconclusive, Offset: e.Off, Message: "bytes that no part of the format explains"})
		j.missing += e.Len
	}
}

// broken notes what kept a stream from being read.
func (j *judge) broken(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	if j.guess() {
		return nil
	}
	j.missing += max(j.st.Extent.Len, 1)
	if j.st.Role == container.Extra && j.st.Member == "" && j.src.Format == container.Pickle {
		return nil // noted already: no checkpoint, or bytes after the last STOP
	}
	j.add(Finding{ID: f.Kind.String(), Severity: Inconclusive, Message: f.Text, Member: j.st.Member, Stream: j.st.Index,
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
		if !named(name[i]) {
			return fault.Quote(name)
		}
	}
	return name
}
