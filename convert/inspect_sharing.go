package convert

import (
	"depickle/convert/provenance"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/tensor"
)

// sharedMost is how many of the tensors that share a storage are named beside
// each: a million may share one.
const sharedMost = 8

// storageID tells storages apart. One that is typed and untyped, as torch
// writes it for a byte view, is one range of the file.
type storageID struct {
	extent container.Extent
	own    *value.Storage // for one without bytes of its own in the file
}

// sharing places the tensors in their storages.
func (i *inspector) sharing() {
	index := map[storageID]int{}
	var members [][]int // of each storage, the tensors with elements
	for k, f := range i.plan.Found {
		s := f.Tensor.Storage
		if s == nil {
			continue
		}
		root, id := rootOf(s)
		at, ok := index[id]
		if !ok {
			at = len(i.Storages)
			index[id] = at
			i.Storages = append(i.Storages, storageInfo(root))
			members = append(members, nil)
		}
		i.Tensors[k].Storage = &StorageRef{Index: at, Key: i.Storages[at].Key, Offset: offsetIn(root, f.Tensor), Bytes: i.Storages[at].Bytes}
		if hasElements(f.Tensor) && elements(f.Tensor) > 0 {
			members[at] = append(members[at], k)
		}
	}
	for at, m := range members {
		i.Storages[at].Tensors = len(m)
		if len(m) > 1 {
			i.share(m)
		}
	}
}

func rootOf(s *value.Storage) (*value.Storage, storageID) {
	if s.Root != nil {
		s = s.Root
	}
	if s.Inline != nil || s.Extent.Len == 0 {
		return s, storageID{own: s}
	}
	return s, storageID{extent: s.Extent}
}

func storageInfo(s *value.Storage) StorageInfo {
	info := StorageInfo{Key: provenance.Text(s.Key), DType: s.DType.String(), Bytes: s.Bytes, Location: provenance.Text(s.Location), Offset: s.Extent.Off}
	if s.Untyped {
		info.DType = "untyped"
	}
	if s.Inline != nil || s.Extent.Space != container.InFile {
		info.Offset = -1
	}
	return info
}

// offsetIn counts a tensor's offset from the beginning of the root storage.
// Legacy files have storages that are part of another.
func offsetIn(root *value.Storage, t *value.Tensor) int64 {
	off, size := t.Geometry.Offset, t.DType.Size()
	if t.Storage != root && size > 0 {
		off += (t.Storage.Extent.Off - root.Extent.Off) / size
	}
	return off
}

// share names to each tensor of a storage some of the others.
func (i *inspector) share(members []int) {
	for _, k := range members {
		t := &i.Tensors[k]
		t.Sharing = len(members)
		for _, other := range members {
			if len(t.SharedWith) == sharedMost {
				break
			}
			if other != k {
				t.SharedWith = append(t.SharedWith, i.Tensors[other].Path)
			}
		}
		if first := i.plan.Found[k].View; first != k {
			t.SameAs = i.Tensors[first].Path
		}
	}
}

// torchType finds torch's name of a SafeTensors type.
func torchType(name string) tensor.DType {
	for d := tensor.Bool; d.Size() > 0; d++ {
		if have, ok := d.SafeTensors(); ok && have == name {
			return d
		}
	}
	return tensor.Invalid
}
