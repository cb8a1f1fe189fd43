package scan

import (
	"math"

	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/tensor"
)

// fieldList is what is known of a dict that may be the fields of a numpy dtype:
// name to (dtype, offset) or (dtype, offset, title). It stands as the dict's
// Mark, in the place of its weight.
type fieldList struct {
	weight weight
	n      int   // how many there are
	end    int64 // behind the last of them
	object bool  // one is of objects
	odd    bool  // one is computed: an object of which nothing is known
	used   bool  // a dtype has them, and not a copy of them
}

// noteFields notes values of a dict that may be fields.
func (j *judge) noteFields(ev *machine.Event) {
	if ev.Target.Kind != machine.Dict {
		return
	}
	f, _ := ev.Target.Node.Mark.(*fieldList)
	if f != nil && f.used {
		j.bad(ofDType, "has fields that are changed after it got them")
	}
	for i := 1; i < len(ev.Items); i += 2 {
		v := ev.Items[i]
		if !j.fieldLike(v) {
			continue
		}
		if f == nil {
			f = &fieldList{}
			f.weight, _ = ev.Target.Node.Mark.(weight)
			ev.Target.Node.Mark = f
		}
		j.field(f, v)
	}
}

// fieldLike reports whether a value may be a field: a tuple of an object and
// more, or what a call made that may be such a tuple.
func (j *judge) fieldLike(v machine.Value) bool {
	switch v.Kind {
	case machine.Tuple:
		items, ok := v.Tuple()
		return ok && (len(items) == 2 || len(items) == 3) && items[0].Kind == machine.Object
	case machine.Object:
		t := j.known(v)
		return t == nil || t.kind == aConstant
	}
	return false
}

// field adds one to the list.
func (j *judge) field(f *fieldList, v machine.Value) {
	items, ok := v.Tuple()
	if !ok {
		f.odd = true
		return
	}
	dt := j.known(items[0])
	if dt != nil && dt.kind != aDType {
		return // numpy refuses it
	}
	offset, literal := intAt(items, 1)
	if dt == nil || !literal {
		f.odd = true
		return
	}
	size, ok := dt.size()
	end, fits := limit.Add(offset, size)
	if !fits || offset < 0 {
		end = math.MaxInt64
	}
	f.n++
	f.end = max(f.end, end)
	f.odd = f.odd || !ok
	f.object = f.object || dt.object
}

// structure judges the fields of a dtype, or the array that each element is:
// they must lie inside of an element.
func (j *judge) structure(t *thing, items []machine.Value) {
	if !t.flexible {
		j.odd(ofDType, "has fields, though its elements are no structures")
		return
	}
	end, ok := int64(0), true
	if items[2].Kind != machine.None {
		end, ok = j.subarray(t, items[2])
	}
	if items[3].Kind != machine.None || items[4].Kind != machine.None {
		last, literal := j.fieldsOf(t, items[3], items[4])
		end, ok = max(end, last), ok && literal
	}
	switch {
	case !ok:
		j.odd(ofDType, "has fields that are computed")
	case end > t.item:
		j.bad(ofDType, "has a field behind the end of its elements, where loading writes to")
	}
}

// fieldsOf is where the last of some fields ends.
func (j *judge) fieldsOf(t *thing, names, fields machine.Value) (end int64, ok bool) {
	list, ok := names.Tuple()
	if !ok || fields.Kind != machine.Dict {
		return 0, false
	}
	f, _ := fields.Node.Mark.(*fieldList)
	if f == nil {
		return 0, len(list) == 0 && !fields.Node.Stored
	}
	f.used = true
	t.object = t.object || f.object
	return f.end, !f.odd && f.n >= len(list)
}

// subarray is what the array takes that each element is: (dtype, shape).
func (j *judge) subarray(t *thing, v machine.Value) (end int64, ok bool) {
	items, ok := v.Tuple()
	if !ok || len(items) != 2 {
		return 0, false
	}
	shape, ok := j.ints(items[1])
	if n, one := intAt(items, 1); one {
		shape, ok = []int64{n}, true
	}
	dt := j.known(items[0])
	if !ok || dt == nil || dt.kind != aDType {
		return 0, false
	}
	t.object = t.object || dt.object
	size, ok := dt.size()
	n, fits := tensor.Numel(shape)
	if fits {
		n, fits = limit.Mul(n, size)
	}
	if !fits || n < 0 {
		n = math.MaxInt64
	}
	return n, ok
}
