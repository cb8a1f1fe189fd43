package scan

import (
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
)

// parts judges the files inside of a file: members of an archive, and what is
// compressed.
func (j *judge) parts(src *container.Source) error {
	for i := range src.Parts {
		if err := j.ctx.Err(); err != nil {
			return err
		}
		if err := j.part(src, &src.Parts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) part(src *container.Source, p *container.Part) error {
	outer, path, missing := j.run, j.path, j.missing
	j.path, j.last = Join(path, p.Name), findingKey{}
	in, err := src.Open(p)
	cut := err
	if in != nil {
		if err = j.source(in); err == nil && misnamed(in, p.Name) {
			j.add(Finding{ID: "member-misnamed", Severity: Inconclusive, Message: "named like a pickle, and is none that is read"})
		}
	}
	if in == nil || err == nil && cut != nil {
		err = j.unread(cut)
	}
	j.run, j.path, j.last = outer, path, findingKey{}
	if j.missing > missing && (in == nil || in.File().Space != container.InFile) {
		j.missing = missing + p.Bytes()
	}
	return err
}

// undeclared makes parts of the members that a torch archive has and none of
// its pickles declared.
func (j *judge) undeclared(src *container.Source) error {
	if err := src.Sweep(); err != nil {
		return j.unread(err)
	}
	return nil
}

// unread notes a part that could not be opened, or not to its end.
func (j *judge) unread(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	j.missing++
	j.add(Finding{ID: f.Kind.String(), Severity: Inconclusive, Message: f.Text, Offset: max(f.Offset, 0)})
	return nil
}

// Join is the path of a member in a file inside of another: by colons.
func Join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	}
	return path + ":" + name
}

// misnamed reports whether a part has a name that loaders take for a pickle,
// and is of no known kind.
func misnamed(src *container.Source, name string) bool {
	return src.Format == container.Unknown && NamedPickle(name)
}

// NamedPickle reports whether loaders take a file of that name for a pickle.
func NamedPickle(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// foreign judges a file of a format that is not read. As a part of another it
// is listed, if it holds no pickle.
func (j *judge) foreign(src *container.Source) {
	switch f := src.Format; {
	case j.path == "" && !j.listed:
		j.add(Finding{ID: "not-a-checkpoint", Severity: Inconclusive, Message: src.Note})
		j.missing = src.Size()
	case f == container.SevenZip, f == container.Compressed, f == container.Zip:
		j.add(Finding{ID: "member-unread", Severity: Inconclusive, Message: src.Note})
		j.missing += src.Size()
	case f == container.Unknown && j.path != "":
		j.add(Finding{ID: "member-unknown", Severity: Note, Message: src.Note})
	}
}

// read reports whether all pickles of a file are known.
func read(src *container.Source) bool {
	switch src.Format {
	case container.TorchScript, container.Npy, container.Tar, container.TorchTar, container.SafeTensors:
		return true
	case container.Zip, container.SevenZip:
		return (len(src.Members) > 0 || len(src.Parts) > 0) && !src.Damaged()
	case container.Compressed:
		return len(src.Parts) > 0
	}
	return src.Format.Converted()
}
