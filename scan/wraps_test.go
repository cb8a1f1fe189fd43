package scan

import (
	"math/rand/v2"
	"testing"
)

// TestWraps: two characters never rule out what decoding would take.
func TestWraps(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const tail = "ABCDEFGHIJabcdef0123456789+/-_=\n "
	taken := 0
	for a := range 256 {
		for b := range 256 {
			for range 4 {
				head := []byte{byte(a), byte(b)}
				for len(head) < 8 {
					head = append(head, tail[rng.IntN(len(tail))])
				}
				want := decodes(head)
				if couldBegin(head) != want {
					t.Fatalf("%q: %v, decoded %v", head, !want, want)
				}
				if want {
					taken++
				}
			}
		}
	}
	if taken < 400 {
		t.Errorf("only %d begin as a pickle", taken)
	}
}
