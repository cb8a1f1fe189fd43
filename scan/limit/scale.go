package limit

// The bounds that hold for files of any size.
const (
	maxTensors   = 500_000
	maxMarks     = 20_000 // gopickle takes 256 bytes for each; picklers open three or four for each level of nesting
	maxDepth     = 1_000
	maxText      = 1 << 20
	maxDirectory = 256 << 20
	maxNested    = 4
)

// scale is a bound that grows with the file: base, and one for each per bytes
// (or times as many as the bytes, where per is 0), and never above most.
//
// The first 32 MiB count as scale says. What lies beyond earns one for each
// rest bytes: small hostile files are easy to write and to send in numbers, and
// their bounds are set so that judging or converting one takes about 100 MiB;
// large files are slower to come by, and real ones need the room.
type scale struct {
	base, per, times, rest, most int64
}

// smallFile is how many bytes of a file count in full.
const smallFile = 32 << 20

func (s scale) of(size int64) int64 {
	small := min(max(size, 0), smallFile)
	n := s.base + small*s.times
	if s.per > 0 {
		n += small / s.per
	}
	over := size - small
	if over <= 0 {
		return min(n, s.most)
	}
	more, ok := over/max(s.rest, 1), true
	if s.times > 0 {
		more, ok = Mul(over, s.times)
	}
	sum, fits := Add(n, more)
	if !ok || !fits {
		return s.most
	}
	return min(sum, s.most)
}

// The bounds that grow. What real files need, at most: a tensor of a legacy
// file has 115 bytes of pickle, 35 opcodes, and leaves 1 object and 2 items; a
// tokenizer's entry has 20 bytes, 8 opcodes and 2 items; gensim's words have 33
// bytes, 20 opcodes, 2 objects and 8 items, in files of 100 MB and more. A tuple
// stands on the stack whole, and each of a million short texts takes 7 bytes.
var (
	objects = scale{base: 256 << 10, per: 64, rest: 8, most: 20_000_000}
	items   = scale{base: 1_250_000, per: 10, rest: 2, most: 200_000_000}
	opcodes = scale{base: 4 << 20, per: 3, rest: 1, most: 1 << 62}
	stack   = scale{base: 64 << 10, per: 7, rest: 7, most: 4_000_000}
	memo    = scale{base: 128 << 10, per: 24, rest: 8, most: 8_000_000}
	kept    = scale{base: 32 << 20, times: 2, most: 256 << 20}
	members = scale{base: 64 << 10, per: 128, rest: 64, most: 1_000_000}
	pickles = scale{base: 64 << 20, times: 32, most: 16 << 30}
	spool   = scale{base: 256 << 20, times: 8, most: 64 << 30}
)
