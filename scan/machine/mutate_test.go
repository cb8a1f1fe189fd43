package machine

import "math/rand/v2"

// mutate changes a few bytes of a pickle, or joins it with another.
func mutate(rng *rand.Rand, b []byte, seeds [][]byte) []byte {
	const codes = "(0122NNabdehlopqstuQR}]).\x81\x85\x86\x87\x8f\x90\x91\x92\x93\x94"
	for range 1 + rng.IntN(4) {
		i := rng.IntN(len(b))
		switch rng.IntN(6) {
		case 0:
			b[i] ^= 1 << rng.IntN(8)
		case 1:
			b = append(b[:i:i], b[i+1:]...)
		case 2:
			b = append(b[:i:i], append([]byte{codes[rng.IntN(len(codes))]}, b[i:]...)...)
		case 3:
			b[i] = codes[rng.IntN(len(codes))]
		case 4:
			n := min(len(b)-i, 1+rng.IntN(16))
			b = append(b[:i+n:i+n], b[i:]...)
		default:
			o := seeds[rng.IntN(len(seeds))]
			b = append(b[:i:i], o[rng.IntN(len(o)):]...)
		}
		if len(b) == 0 {
			return []byte{'.'}
		}
	}
	return b
}
