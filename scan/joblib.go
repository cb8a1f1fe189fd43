package scan

import (
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"
)

// joblib writes an array as a NumpyArrayWrapper that BUILD gives shape and
// dtype, and the elements raw behind that BUILD, or as a pickle of their own
// where they are objects (joblib/numpy_pickle.py, NumpyArrayWrapper.read_array).
// Who opens the file with pickle alone runs the elements as opcodes. Both
// readings are judged.

// joblib judges a stream that names joblib's module.
func (j *judge) joblib(st container.Stream, places *storages) error {
	whole := st.Whole()
	if err := j.stream(whole, places); err != nil {
		return err
	}
	object, ended := j.object, j.ev != nil && j.ev.What == machine.Ended
	if ended {
		if err := j.rest(whole, j.ev.Op.End); err != nil {
			return err
		}
	}
	if ended && !j.arrays {
		return nil // both are the same
	}
	plain := st
	plain.Role, plain.Joblib = container.Guess, false
	err := j.stream(plain, newStorages(j.src, plain))
	j.object = object
	return err
}

// rest judges what stands behind the STOP: nothing, in a file of joblib's.
func (j *judge) rest(st container.Stream, end int64) error {
	n := st.Extent.Off + st.Extent.Len - end
	if n == 0 {
		return nil
	}
	j.add(Finding{ID: "bytes-unaccounted", Severity: Inconclusive, Offset: end, Message: "bytes that no part of the format explains"})
	j.missing += n
	more := container.Stream{Role: container.Guess, Member: st.Member, Extent: container.Extent{Space: st.Extent.Space, Off: end, Len: n}, Joblib: true}
	return j.stream(more, newStorages(j.src, more))
}

// wrapper is what is known of a NumpyArrayWrapper's state: a dict's items.
type wrapper struct {
	shape, dtype, align machine.Value
	shaped, typed       bool
	hidden              bool // it has keys that are computed, or that nobody saw
}

// wrapperState notes the items of a dict that may be such a state.
func (j *judge) wrapperState(ev *machine.Event) {
	for i := 0; i+1 < len(ev.Items); i += 2 {
		key, ok := j.m.Text(ev.Items[i])
		if ev.Items[i].Node != nil && ev.Items[i].Kind != machine.Tuple {
			j.wrapper(ev.Target.Node).hidden = true
		}
		if key == "subclass" {
			j.used(ev.Items[i+1])
		}
		if !ok || (key != "shape" && key != "dtype" && key != "numpy_array_alignment_bytes") {
			continue
		}
		w := j.wrapper(ev.Target.Node)
		switch v := ev.Items[i+1]; key {
		case "shape":
			w.shape, w.shaped = v, true
		case "dtype":
			w.dtype, w.typed = v, true
		default:
			w.align = v
		}
	}
}

// wrapper is what is known of a dict. Of too many at once nothing is kept, and
// their BUILD is inconclusive.
func (j *judge) wrapper(node *machine.Node) *wrapper {
	w := j.wrappers[node]
	if w == nil {
		w = &wrapper{}
		if len(j.wrappers) < maxWaiting {
			j.wrappers[node] = w
		}
	}
	return w
}

// unseenState notes a dict that DICT made with items, which no event shows.
func (j *judge) unseenState(v machine.Value) {
	if j.st.Joblib && v.Node.Stored {
		j.wrapper(v.Node).hidden = true
	}
}

// rawArray passes over the elements behind the BUILD of a wrapper.
func (j *judge) rawArray(ev *machine.Event) error {
	if j.alone {
		return nil // the elements of an array of objects are read by pickle alone
	}
	if !j.st.Joblib {
		j.find(Inconclusive, "joblib-hidden", "", "an array of joblib's, whose name is spelled as joblib never does")
		return nil
	}
	j.arrays = true
	w := j.wrappers[ev.State.Node]
	delete(j.wrappers, ev.State.Node)
	if ev.State.Kind != machine.Dict || w == nil || !w.shaped || !w.typed || w.hidden {
		return fault.At(fault.Unsupported, ev.Op.Offset, "an array of joblib's whose state does not say its shape and dtype")
	}
	dt := j.known(w.dtype)
	if dt == nil || dt.kind != aDType || !dt.object && dt.item <= 0 {
		return fault.At(fault.Unsupported, ev.Op.Offset, "an array of joblib's of an unknown dtype")
	}
	if dt.object {
		return j.objectArray()
	}
	n, err := j.elements(w, dt)
	if err != nil {
		return err
	}
	return j.m.Skip(n)
}

// elements is the bytes of the elements, padding included.
func (j *judge) elements(w *wrapper, dt *thing) (int64, error) {
	at := j.m.Offset()
	shape, ok := j.ints(w.shape)
	n := dt.item
	for _, d := range shape {
		if n, ok = limit.Mul(n, d); !ok {
			break
		}
	}
	if !ok {
		return 0, fault.At(fault.Malformed, at, "an array of joblib's has an impossible shape")
	}
	if w.align.Kind == machine.None {
		return n, nil
	}
	var pad [1]byte
	if _, err := j.src.Reader(j.st.Extent.Space).ReadAt(pad[:], at); err != nil {
		return 0, fault.At(fault.Malformed, at, "the data ends where an array of joblib's should begin")
	}
	if n, ok = limit.Add(n, 1+int64(pad[0])); !ok {
		return 0, fault.At(fault.Malformed, at, "an array of joblib's has an impossible shape")
	}
	return n, nil
}

// objectArray judges the pickle that stands in the place of elements.
func (j *judge) objectArray() error {
	at := j.m.Offset()
	e := j.st.Extent
	st, err := j.src.StreamAt(container.Extent{Space: e.Space, Off: at, Len: e.Off + e.Len - at})
	if err != nil {
		return err
	}
	st.Member, st.Role, st.Joblib = j.st.Member, j.st.Role, false
	outer := j.run
	j.alone = true
	err = j.stream(st, newStorages(j.src, st))
	j.run = outer
	if err != nil {
		return err
	}
	if st.Err != nil {
		return st.Err
	}
	return j.m.Skip(st.Extent.Len)
}
