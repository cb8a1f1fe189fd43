package value

import "unicode/utf8"

// Dict is a Python dict or a class that behaves as one. Keys compare as in
// Python: 1, True and 1.0 are one key, tuples compare by value, NaN and
// objects by identity; the last value wins, in the first one's position.
type Dict struct {
	// Class is the class of a dict subclass, such as
	// collections.OrderedDict; the zero Global for dict itself.
	Class Global
	// State is what BUILD gave, such as a state_dict's _metadata.
	State Value
	// Factory is a defaultdict's default_factory.
	Factory Value

	first []pair // at most chunk of them; the others are in index.more
	index *index // nil while the dict is small
}

type pair struct{ key, v Value }

// chunk is how many pairs lie side by side. One array of all would be copied
// again and again as it grows, and take more than twice the memory meanwhile.
const chunk = 1 << 12

// Len is the number of keys.
func (d *Dict) Len() int {
	if d.index == nil || len(d.index.more) == 0 {
		return len(d.first)
	}
	n := len(d.index.more)
	return n*chunk + len(d.index.more[n-1])
}

// At returns the i-th pair in insertion order.
func (d *Dict) At(i int) (key, v Value) {
	p := d.pair(i)
	return p.key, p.v
}

func (d *Dict) pair(i int) *pair {
	if i < chunk {
		return &d.first[i]
	}
	return &d.index.more[i/chunk-1][i%chunk]
}

func (d *Dict) append(p pair) {
	if len(d.first) < chunk {
		d.first = append(d.first, p)
		return
	}
	more := &d.index.more
	if n := len(*more); n == 0 || len((*more)[n-1]) == chunk {
		*more = append(*more, make([]pair, 0, chunk))
	}
	last := &(*more)[len(*more)-1]
	*last = append(*last, p)
}

// Set stores v under key; ok is false for a key that Python cannot hash, or
// that is too large a tuple.
func (d *Dict) Set(key, v Value) (ok bool) {
	id, ok := identify(key)
	if !ok {
		return false
	}
	if i, found := d.find(id); found {
		d.pair(i).v = v
		return true
	}
	d.append(pair{key, v})
	switch {
	case d.index != nil:
		d.index.add(id, d.Len())
	case len(d.first) > smallDict:
		d.index = newIndex(d)
	}
	return true
}

// Get finds the value of a text key.
func (d *Dict) Get(key string) (Value, bool) {
	i, ok := d.find(identity{kind: isText, text: key})
	if !ok {
		return nil, false
	}
	return d.pair(i).v, true
}

func (d *Dict) find(id identity) (int, bool) {
	switch {
	case id.kind == isNaN:
		return 0, false
	case d.index != nil:
		return d.index.find(id, d)
	}
	for i := range d.first {
		if d.is(i, id) {
			return i, true
		}
	}
	return 0, false
}

// is reports whether the i-th key is the one that id identifies.
func (d *Dict) is(i int, id identity) bool {
	key := d.pair(i).key
	if s, text := key.(Str); text {
		return id.kind == isText && id.text == string(s)
	}
	have, _ := identify(key)
	return have == id
}

// Text2 decodes a Python 2 str: UTF-8, as torch.load does, or latin-1.
func Text2(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

// Text returns the text of a Str or Str2.
func Text(v Value) (string, bool) {
	switch v := v.(type) {
	case Str:
		return string(v), true
	case Str2:
		return Text2(string(v)), true
	}
	return "", false
}
