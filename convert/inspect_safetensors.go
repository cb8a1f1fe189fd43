package convert

import (
	"depickle/convert/internal/transfer"
	"depickle/convert/safetensors"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/tensor"
)

// safeTensors lists what a SafeTensors file declares, by the strict reader.
func (i *inspector) safeTensors() error {
	r := i.src.Bulk(container.InFile)
	h, err := safetensors.Read(r, i.src.Size())
	if err != nil {
		return err
	}
	if i.Scan != nil && i.Scan.Severity == scan.Clean {
		i.Scan = nil // its bytes could be a pickle's, and do nothing
	}
	i.Format, i.Note, i.Metadata = string(container.SafeTensors), "", h.Metadata
	for _, t := range h.Tensors {
		info := TensorInfo{Name: t.Name, Selected: true, DType: t.DType.String(), Shape: list(t.Shape), Contiguous: true, Bytes: t.End - t.Begin}
		i.Bytes += info.Bytes // the reader has proven the sum
		i.Tensors = append(i.Tensors, info)
	}
	i.beside()
	if !i.o.Stats {
		return nil
	}
	for k, t := range h.Tensors {
		d := torchType(t.DType.String())
		if d == tensor.Invalid {
			i.Tensors[k].NoStats = "elements of type " + t.DType.String() + " have none"
			continue
		}
		n := t.End - t.Begin
		job := statsJob{tensors: []int{k}, dtype: d, bytes: n, repeat: 1}
		job.from = transfer.Source{R: r, Off: h.DataStart() + t.Begin, Len: n}
		// Statistics need no elements from the copier, only bytes.
		job.layout = transfer.Layout{Size: 1, Geometry: tensor.Geometry{Shape: []int64{n}, Stride: []int64{1}}}
		i.jobs = append(i.jobs, job)
	}
	return i.compute()
}
