//go:build race

package transfer

// raced: the race detector is on, which makes these loops twenty times slower
// and, in code without goroutines, finds nothing.
const raced = true
