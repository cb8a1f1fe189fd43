package fsx

import (
	"math"

	"depickle/scan/limit"
)

// freeOf is free bytes as a file system counts them. Some, in user space most
// of all, report no blocks at all: that is no answer.
func freeOf(blocks, free, blockSize uint64) (bytes int64, ok bool) {
	if blocks == 0 || blockSize == 0 {
		return 0, false
	}
	if free > math.MaxInt64 || blockSize > math.MaxInt64 {
		return math.MaxInt64, true
	}
	n, ok := limit.Mul(int64(free), int64(blockSize))
	if !ok {
		return math.MaxInt64, true
	}
	return n, true
}
