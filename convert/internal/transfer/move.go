package transfer

import "encoding/binary"

// move copies n elements of size bytes, with steps of ds and ss bytes.
func move(dst []byte, ds int, src []byte, ss int, n, size int) {
	if ds == size && ss == size {
		copy(dst[:n*size], src[:n*size])
		return
	}
	done := 0
	if ds == size {
		done = collect(dst[:n*size], src, ss, size)
	}
	dst, src, n = dst[done*ds:], src[done*ss:], n-done
	switch size {
	case 1:
		move1(dst, ds, src, ss, n)
	case 2:
		move2(dst, ds, src, ss, n)
	case 4:
		move4(dst, ds, src, ss, n)
	case 8:
		move8(dst, ds, src, ss, n)
	case maxElement:
		move16(dst, ds, src, ss, n)
	}
}

// collect moves small elements that are contiguous in dst, a word of them at
// once, and returns how many it moved; the last ones are left. It takes a third
// off the time of a transposition.
func collect(dst, src []byte, ss, size int) (done int) {
	switch size {
	case 1:
		return collect1(dst, src, ss)
	case 2:
		return collect2(dst, src, ss)
	case 4:
		return collect4(dst, src, ss)
	}
	return 0
}

func collect1(dst, src []byte, ss int) (done int) {
	for len(dst) >= 8 && len(src) > 8*ss {
		v := uint64(src[0]) | uint64(src[ss])<<8 | uint64(src[2*ss])<<16 | uint64(src[3*ss])<<24
		v |= uint64(src[4*ss])<<32 | uint64(src[5*ss])<<40 | uint64(src[6*ss])<<48 | uint64(src[7*ss])<<56
		binary.LittleEndian.PutUint64(dst, v)
		dst, src, done = dst[8:], src[8*ss:], done+8
	}
	return done
}

func collect2(dst, src []byte, ss int) (done int) {
	le := binary.LittleEndian
	for len(dst) >= 8 && len(src) > 4*ss {
		v := uint64(le.Uint16(src)) | uint64(le.Uint16(src[ss:]))<<16
		v |= uint64(le.Uint16(src[2*ss:]))<<32 | uint64(le.Uint16(src[3*ss:]))<<48
		le.PutUint64(dst, v)
		dst, src, done = dst[8:], src[4*ss:], done+4
	}
	return done
}

func collect4(dst, src []byte, ss int) (done int) {
	le := binary.LittleEndian
	for len(dst) >= 16 && len(src) > 4*ss {
		le.PutUint64(dst, uint64(le.Uint32(src))|uint64(le.Uint32(src[ss:]))<<32)
		le.PutUint64(dst[8:], uint64(le.Uint32(src[2*ss:]))|uint64(le.Uint32(src[3*ss:]))<<32)
		dst, src, done = dst[16:], src[4*ss:], done+4
	}
	return done
}

func move1(dst []byte, ds int, src []byte, ss int, n int) {
	for d, s := 0, 0; n > 0; n-- {
		dst[d] = src[s]
		d, s = d+ds, s+ss
	}
}

func move2(dst []byte, ds int, src []byte, ss int, n int) {
	for d, s := 0, 0; n > 0; n-- {
		binary.LittleEndian.PutUint16(dst[d:], binary.LittleEndian.Uint16(src[s:]))
		d, s = d+ds, s+ss
	}
}

func move4(dst []byte, ds int, src []byte, ss int, n int) {
	for d, s := 0, 0; n > 0; n-- {
		binary.LittleEndian.PutUint32(dst[d:], binary.LittleEndian.Uint32(src[s:]))
		d, s = d+ds, s+ss
	}
}

func move8(dst []byte, ds int, src []byte, ss int, n int) {
	for d, s := 0, 0; n > 0; n-- {
		binary.LittleEndian.PutUint64(dst[d:], binary.LittleEndian.Uint64(src[s:]))
		d, s = d+ds, s+ss
	}
}

func move16(dst []byte, ds int, src []byte, ss int, n int) {
	for d, s := 0, 0; n > 0; n-- {
		binary.LittleEndian.PutUint64(dst[d:], binary.LittleEndian.Uint64(src[s:]))
		binary.LittleEndian.PutUint64(dst[d+8:], binary.LittleEndian.Uint64(src[s+8:]))
		d, s = d+ds, s+ss
	}
}
