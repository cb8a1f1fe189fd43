//go:build race

package raced

// On is true: the detector is on.
const On = true
