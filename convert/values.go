package convert

import (
	"io"

	"depickle/convert/internal/tagged"
	"depickle/convert/provenance"
	"depickle/sandboxload/value"
	"depickle/scan/container"
)

// values are the source's values that are no tensors, as tagged JSON; nil for
// none. Text that cannot be read or decoded leaves a record without values,
// that says so: the tensors do not depend on it. The error itself is not
// written, since a system's names paths of this machine.
func (j *job) values() []byte {
	b, err := j.encodeValues()
	if err != nil {
		return []byte(`{"$error":"a long text could not be read or decoded"}`)
	}
	return b
}

// encodeValues encodes the values of every stream. A tensor refers to the
// record's entry of the same path.
func (j *job) encodeValues() ([]byte, error) {
	o := tagged.Options{
		Open:   func(e container.Extent) io.Reader { return j.checkpoint.Source.Section(e) },
		Limits: j.checkpoint.Source.Limits(),
	}
	switch j.o.Values {
	case ValuesNone:
		return nil, nil
	case ValuesAll:
		o.Mode = tagged.All
	}
	paths := make(map[*value.Tensor]string, len(j.plan.Items))
	for i := range j.plan.Items {
		it := &j.plan.Items[i]
		if _, ok := paths[it.Tensor]; !ok {
			paths[it.Tensor] = provenance.Text(it.Path)
		}
	}
	o.Path = func(t *value.Tensor) string { return paths[t] }
	roots := make([]value.Value, len(j.checkpoint.Roots))
	for i, r := range j.checkpoint.Roots {
		roots[i] = r.Value
	}
	return tagged.Encode(roots, o)
}
