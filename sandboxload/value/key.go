package value

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/big"
)

// identity is what a key is equal by: two are equal exactly when the Python
// values are.
type identity struct {
	kind   idKind
	number uint64
	text   string
	object Value // of what is equal to itself alone
}

type idKind uint8

const (
	isObject idKind = iota
	isText
	isBytes
	isInt
	isBig
	isFloat
	isNaN // equals nothing
	isNone
	isTuple
	isGlobal
	isDType
)

// identify returns what the key is equal by; ok is false where Python's hash
// would fail, or the key is too large.
func identify(k Value) (id identity, ok bool) {
	switch k := k.(type) {
	case Str:
		return identity{kind: isText, text: string(k)}, true
	case Str2:
		return identity{kind: isText, text: Text2(string(k))}, true
	case Bytes:
		return identity{kind: isBytes, text: string(k)}, true
	case Bool:
		if k {
			return identity{kind: isInt, number: 1}, true
		}
		return identity{kind: isInt}, true
	case Int:
		return identity{kind: isInt, number: uint64(k)}, true
	case Float:
		return floatIdentity(float64(k)), true
	case Big:
		return bigIdentity(k.N), true
	case None:
		return identity{kind: isNone}, true
	case Global:
		return identity{kind: isGlobal, text: string(appendPart(nil, 'm', k.Module)) + k.Name}, true
	case DType:
		return identity{kind: isDType, number: uint64(k)}, true
	case *Tuple:
		return k.identify()
	case Size:
		t := &Tuple{}
		for _, n := range k {
			t.Items = append(t.Items, Int(n))
		}
		return t.identify()
	case *List, *Dict, *ByteArray:
		return identity{}, false
	case *Set:
		return identity{object: k}, k.Frozen
	}
	return identity{object: k}, true // all that are left are pointers
}

func (t *Tuple) identify() (id identity, ok bool) {
	if key := t.spell(0); key != nil {
		return key.id, true
	}
	return identity{}, false
}

func floatIdentity(f float64) identity {
	if f == math.Trunc(f) {
		if math.Abs(f) < 1<<63 {
			return identity{kind: isInt, number: uint64(int64(f))}
		}
		if n, acc := big.NewFloat(f).Int(nil); acc == big.Exact && !math.IsInf(f, 0) {
			return bigIdentity(n)
		}
	}
	if f != f {
		return identity{kind: isNaN}
	}
	return identity{kind: isFloat, number: math.Float64bits(f)}
}

// bigIdentity spells a number in bytes: its digits would take quadratic time.
func bigIdentity(n *big.Int) identity {
	return identity{kind: isBig, text: string(n.Bytes()), number: uint64(n.Sign() + 1)}
}

// The bounds of a key: tuples inside tuples, and the bytes that spell one out.
// Tuples can share each other, so that a few hundred bytes of pickle make a
// key of 2^64 items.
const (
	maxKeyDepth = 16
	maxKeyBytes = 64 << 10
	// shortKey is the longest tuple that is its own spelling; a longer one is
	// the SHA-256 of it.
	shortKey = 48
)

// tupleKey is what a tuple is equal by. It is kept with the tuple: a pickle can
// use the same large tuple as a key a million times.
type tupleKey struct {
	id    identity
	depth int // of the tuples inside
}

// spell spells a tuple of constants out, depth tuples deep in another; one that
// holds an object is equal by its own identity only. It is nil for a tuple that
// is no key.
func (t *Tuple) spell(depth int) *tupleKey {
	if depth >= maxKeyDepth {
		return nil
	}
	if t.key == nil {
		t.key = t.spelled(depth)
	}
	if t.key == nil || depth+t.key.depth >= maxKeyDepth {
		return nil
	}
	return t.key
}

func (t *Tuple) spelled(depth int) *tupleKey {
	key := &tupleKey{}
	var b []byte
	for _, it := range t.Items {
		var id identity
		if in, is := it.(*Tuple); is {
			inner := in.spell(depth + 1)
			if inner == nil {
				return nil
			}
			id, key.depth = inner.id, max(key.depth, inner.depth+1)
		} else if id, is = identify(it); !is {
			return nil
		}
		if len(b) > maxKeyBytes {
			return nil
		}
		if id.kind == isObject || id.kind == isNaN {
			key.id = identity{object: t}
			return key
		}
		b = binary.LittleEndian.AppendUint64(append(b, byte(id.kind)), id.number)
		b = appendPart(b, 't', id.text)
	}
	if len(b) > shortKey {
		sum := sha256.Sum256(b)
		b = append(b[:0], sum[:]...)
	}
	key.id = identity{kind: isTuple, text: string(b), number: uint64(len(t.Items))}
	return key
}

func appendPart(b []byte, tag byte, s string) []byte {
	b = binary.AppendUvarint(append(b, tag), uint64(len(s)))
	return append(b, s...)
}

// KeyCost is how many bytes must be hashed to use a value as a key.
func KeyCost(k Value) int64 {
	switch k := k.(type) {
	case Str:
		return int64(len(k))
	case Str2:
		return int64(len(k))
	case Bytes:
		return int64(len(k))
	case *Blob:
		return k.Extent.Len
	case Big:
		return int64(k.N.BitLen() / 8)
	case *Tuple:
		if k.key != nil {
			return 0
		}
		n := 16 * int64(len(k.Items))
		for _, it := range k.Items {
			if _, tuple := it.(*Tuple); !tuple {
				n += KeyCost(it)
			}
		}
		return n
	}
	return 16
}
