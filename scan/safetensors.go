package scan

import (
	"depickle/convert/safetensors"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// safeTensors validates a SafeTensors file by the strict reader: header,
// names, and every byte accounted for.
func (j *judge) safeTensors(src *container.Source) error {
	if src.Format != container.SafeTensors {
		return nil
	}
	e := src.File()
	_, err := safetensors.NewReader(src.Section(e), e.Len)
	f := fault.Of(err)
	if f == nil {
		return err
	}
	j.missing += e.Len
	j.add(Finding{ID: "safetensors-invalid", Severity: Inconclusive, Message: "not a valid SafeTensors file: " + f.Text, Offset: max(f.Offset, 0)})
	return nil
}
