package convert

import (
	"io"

	"depickle/convert/internal/tagged"
	"depickle/convert/provenance"
	"depickle/sandboxload/value"
	"depickle/scan/container"
)

// encodeValues encodes the values that are no tensors, of every stream, as
// tagged JSON; nil for none. A tensor refers to the record's entry of the same
// path.
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
