//go:build race

package hostile

// raced: the race detector is on, which makes a flood of opcodes ten times
// slower and, in code without goroutines, finds nothing.
const raced = true
