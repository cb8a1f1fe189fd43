//go:build !race

package raced

// On is false: the detector is off.
const On = false
