package value

import (
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf8"
)

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

	keys, values []Value
	index        map[any]int // nil while the dict is small
}

// smallDict is the size up to which keys are compared one by one.
const smallDict = 8

// Len is the number of keys.
func (d *Dict) Len() int { return len(d.keys) }

// At returns the i-th pair in insertion order.
func (d *Dict) At(i int) (key, v Value) { return d.keys[i], d.values[i] }

// Set stores v under key; ok is false for a key that Python cannot hash.
func (d *Dict) Set(key, v Value) (ok bool) {
	id, ok := identity(key)
	if !ok {
		return false
	}
	if i, found := d.find(id); found {
		d.values[i] = v
		return true
	}
	d.keys, d.values = append(d.keys, key), append(d.values, v)
	if d.index != nil {
		d.index[id] = len(d.keys) - 1
	} else if len(d.keys) > smallDict {
		d.index = make(map[any]int, 2*len(d.keys))
		for i, k := range d.keys {
			id, _ := identity(k)
			d.index[id] = i
		}
	}
	return true
}

// Get finds the value of a text key.
func (d *Dict) Get(key string) (Value, bool) {
	id, _ := identity(Str(key))
	i, ok := d.find(id)
	if !ok {
		return nil, false
	}
	return d.values[i], true
}

func (d *Dict) find(id any) (int, bool) {
	if d.index != nil {
		i, ok := d.index[id]
		return i, ok
	}
	for i, k := range d.keys {
		if have, _ := identity(k); have == id {
			return i, true
		}
	}
	return 0, false
}

// The identities of keys: comparable values that are equal exactly when the
// Python values are.
type (
	textID  string
	bytesID string
	intID   int64
	bigID   string
	floatID uint64
	tupleID string
	oneID   byte
)

// The bounds of a key: tuples inside tuples, and the bytes that spell one out.
// Tuples can share each other, so that a few hundred bytes of pickle make a
// key of 2^64 items.
const (
	maxKeyDepth = 16
	maxKeyBytes = 64 << 10
)

// identity returns what the key is equal by; ok is false where Python's hash
// would fail, or the key is too large.
func identity(k Value) (id any, ok bool) {
	left := maxKeyBytes
	return keyIdentity(k, 0, &left)
}

func keyIdentity(k Value, depth int, left *int) (id any, ok bool) {
	switch k := k.(type) {
	case Str:
		return textID(k), true
	case Str2:
		return textID(Text2(string(k))), true
	case Bytes:
		return bytesID(k), true
	case Bool:
		if k {
			return intID(1), true
		}
		return intID(0), true
	case Int:
		return intID(k), true
	case Float:
		return floatIdentity(float64(k)), true
	case Big:
		return bigID(k.N.String()), true
	case None:
		return oneID(0), true
	case Global, DType:
		return k, true
	case *Tuple:
		return tupleIdentity(k, depth, left)
	case Size:
		t := &Tuple{}
		for _, n := range k {
			t.Items = append(t.Items, Int(n))
		}
		return tupleIdentity(t, depth, left)
	case *List, *Dict, *ByteArray:
		return nil, false
	case *Set:
		return k, k.Frozen
	}
	return k, true // by identity: all that are left are pointers
}

func floatIdentity(f float64) any {
	if f == math.Trunc(f) {
		if math.Abs(f) < 1<<63 {
			return intID(f)
		}
		if n, acc := big.NewFloat(f).Int(nil); acc == big.Exact && !math.IsInf(f, 0) {
			return bigID(n.String())
		}
	}
	if f != f {
		return new(byte) // NaN equals nothing
	}
	return floatID(math.Float64bits(f))
}

// tupleIdentity spells a tuple of constants out; one that holds an object is
// equal by its own identity only.
func tupleIdentity(t *Tuple, depth int, left *int) (any, bool) {
	if depth >= maxKeyDepth {
		return nil, false
	}
	var b []byte
	for _, it := range t.Items {
		id, ok := keyIdentity(it, depth+1, left)
		if *left -= 16; !ok || *left < 0 {
			return nil, false
		}
		switch id := id.(type) {
		case textID:
			*left -= len(id)
			b = appendPart(b, 't', string(id))
		case bytesID:
			b = appendPart(b, 'b', string(id))
		case bigID:
			b = appendPart(b, 'g', string(id))
		case tupleID:
			b = appendPart(b, '(', string(id))
		case intID:
			b = binary.LittleEndian.AppendUint64(append(b, 'i'), uint64(id))
		case floatID:
			b = binary.LittleEndian.AppendUint64(append(b, 'f'), uint64(id))
		case oneID:
			b = append(b, 'n')
		case Global:
			b = appendPart(appendPart(b, 'm', id.Module), 'c', id.Name)
		case DType:
			b = append(b, 'd', byte(id))
		default:
			return t, true
		}
	}
	return tupleID(b), true
}

func appendPart(b []byte, tag byte, s string) []byte {
	b = binary.AppendUvarint(append(b, tag), uint64(len(s)))
	return append(b, s...)
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
