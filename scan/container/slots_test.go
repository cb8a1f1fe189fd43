package container

import (
	"math"
	"testing"
)

// TestSlots: a set holds what was added and nothing else, and is bounded.
func TestSlots(t *testing.T) {
	var s Slots
	in := []int64{0, 1, 63, 64, 65535, 65536, 1 << 20, denseSlots - 1, denseSlots, 1 << 40, math.MaxInt64}
	for i, slot := range in {
		if s.Has(slot) || !s.Add(slot) || !s.Add(slot) || !s.Has(slot) || s.Len() != int64(i+1) {
			t.Errorf("slot %d", slot)
		}
	}
	for _, slot := range []int64{-1, 2, 62, 65, denseSlots - 2, denseSlots + 1, math.MaxInt64 - 1} {
		if s.Has(slot) {
			t.Errorf("slot %d", slot)
		}
	}
	if !s.Dense(65536) || s.Dense(1<<40) {
		t.Error("density")
	}
	for i := int64(0); len(s.far) < farSlots; i++ {
		if !s.Add(1<<41 + i) {
			t.Fatal("full too early")
		}
	}
	if n := s.Len(); s.Add(1<<50) || s.Len() != n || !s.Add(1<<41) || !s.Add(2) {
		t.Error("not full")
	}
	if len(s.Words()) > denseSlots/64 {
		t.Errorf("%d words", len(s.Words()))
	}
}
