// Package raced tells tests whether the race detector is on. It makes a loop
// over many bytes or opcodes ten to twenty times slower and, in code without
// goroutines, finds nothing there: such tests are shorter under it. CI runs them
// whole without it, on 32 bits.
package raced
