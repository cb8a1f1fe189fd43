package transfer

import (
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// Source is the bytes of a storage: Len bytes at Off of R, which is a file or
// a spool.
type Source struct {
	R        io.ReaderAt
	Off, Len int64
}

// Layout says how the elements of one tensor lie in a Source and what is done
// to each on its way.
type Layout struct {
	// Size is the bytes of an element: 1, 2, 4, 8 or 16.
	Size int64
	// Geometry places the elements; its offset and strides are in elements.
	Geometry tensor.Geometry
	// Swap is the unit, in bytes, that is turned round: 2, 4 or 8, half an
	// element for complex types. 0 and 1 leave the order as it is.
	Swap int64
	// Conj negates the imaginary half of complex elements.
	Conj bool
	// Neg negates elements, both halves of complex ones.
	Neg bool
	// SignUnit is the bytes of the IEEE number whose sign Conj and Neg flip:
	// 2, 4 or 8, half an element for complex types. Integers have none, so
	// that their negation is refused.
	SignUnit int64
}

// maxElement is the widest element; the sizes are the powers of two up to it.
const maxElement = 16

// Bytes is the number of bytes that Copy writes, after checking that l is
// possible and lies inside of src. Errors are fault.Malformed or, for element
// types that cannot be negated or turned round, fault.Unsupported.
func (l Layout) Bytes(src Source) (int64, error) {
	if _, ok := limit.Add(src.Off, src.Len); !ok {
		return 0, fault.New(fault.Malformed, "storage of %d bytes at %d is no range", src.Len, src.Off)
	}
	if err := l.checkElement(); err != nil {
		return 0, err
	}
	if why := l.Geometry.Check(src.Len / l.Size); why != "" {
		return 0, fault.New(fault.Malformed, "tensor geometry: %s", why)
	}
	numel, ok := tensor.Numel(l.Geometry.Shape)
	if !ok {
		return 0, fault.New(fault.Malformed, "tensor geometry: size is negative or overflows")
	}
	// Expanded views may be larger than any file: stride 0 costs the storage
	// nothing.
	n, ok := limit.Mul(numel, l.Size)
	if !ok {
		return 0, fault.New(fault.Malformed, "tensor of %d elements overflows", numel)
	}
	if n > 0 && src.R == nil {
		return 0, fault.New(fault.Malformed, "tensor without a source")
	}
	return n, nil
}

func (l Layout) checkElement() error {
	switch l.Size {
	case 1, 2, 4, 8, maxElement:
	default:
		return fault.New(fault.Unsupported, "elements of %d bytes", l.Size)
	}
	switch l.Swap {
	case 0, 1:
	case 2, 4, 8:
		if l.Swap > l.Size {
			return fault.New(fault.Malformed, "byte order of %d bytes in elements of %d", l.Swap, l.Size)
		}
	default:
		return fault.New(fault.Unsupported, "byte order of units of %d bytes", l.Swap)
	}
	if !l.Conj && !l.Neg {
		return nil
	}
	switch l.SignUnit {
	case 2, 4, 8:
	default:
		return fault.New(fault.Unsupported, "negative or conjugate view of elements that are not floats")
	}
	if l.SignUnit != l.Size && 2*l.SignUnit != l.Size {
		return fault.New(fault.Malformed, "sign of %d bytes in elements of %d", l.SignUnit, l.Size)
	}
	if l.Conj && 2*l.SignUnit != l.Size {
		return fault.New(fault.Malformed, "conjugate view of real elements")
	}
	return nil
}

// Plain is the range of src.R that holds the output as it is, when there is
// one: contiguous, and nothing done to the elements. The caller may then have
// the kernel copy it. Errors are those of Bytes.
func (l Layout) Plain(src Source) (off, n int64, ok bool, err error) {
	n, err = l.Bytes(src)
	if err != nil {
		return 0, 0, false, err
	}
	if n == 0 {
		// The offset of an empty tensor is checked against nothing.
		return src.Off, 0, true, nil
	}
	v, f := newView(l), newFix(l)
	if !v.contiguous() || f.active() {
		return 0, 0, false, nil
	}
	return src.Off + v.base, n, true, nil
}
