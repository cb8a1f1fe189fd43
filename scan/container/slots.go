package container

// Slots is a set of memo slots: those that a pickle fetches, or has in use. It
// is cheap for dense ones, as picklers count them up.
type Slots struct {
	words []uint64
	far   map[int64]struct{}
	n     int64
}

const (
	// denseSlots bounds the dense part: 8 MiB.
	denseSlots = 1 << 26
	// farSlots is the most slots beside it. Picklers leave no gaps.
	farSlots = 1 << 16
)

// Add adds slot i, which is not negative; ok is false when the set is full of
// slots far from all others.
func (s *Slots) Add(i int64) (ok bool) {
	if s.Has(i) {
		return true
	}
	// The dense part at most doubles at once: a number far out costs little.
	if i < denseSlots && i/64 < int64(len(s.words))*2+1024 {
		for int64(len(s.words)) <= i/64 {
			s.words = append(s.words, 0)
		}
		s.words[i/64] |= 1 << (i % 64)
		s.n++
		return true
	}
	if len(s.far) >= farSlots {
		return false
	}
	if s.far == nil {
		s.far = map[int64]struct{}{}
	}
	s.far[i] = struct{}{}
	s.n++
	return true
}

// Has reports whether slot i is in the set.
func (s *Slots) Has(i int64) bool {
	if s.Dense(i) {
		return true
	}
	_, ok := s.far[i]
	return ok
}

// Dense reports whether slot i is in the dense part of the set.
func (s *Slots) Dense(i int64) bool {
	word := uint64(i) >> 6 // of a negative one, far beyond them
	return word < uint64(len(s.words)) && s.words[word]>>(uint64(i)&63)&1 != 0
}

// Len is the number of slots.
func (s *Slots) Len() int64 { return s.n }

// Words are the bits of the dense part.
func (s *Slots) Words() []uint64 { return s.words }
