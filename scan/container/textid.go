package container

import (
	"strconv"
	"strings"
)

// TextID is a storage's persistent id that protocol 0 wrote as text.
type TextID struct {
	Module, Class string
	Key, Location string
	Numel         int64
}

// ParseTextID reads what Python's str makes of a storage's persistent id:
// ('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 2), in legacy files
// with None behind it. torch writes these at protocol 0 and cannot read them.
func ParseTextID(s string) (id TextID, ok bool) {
	s, ok1 := strings.CutPrefix(s, "('storage', <class '")
	s, ok2 := strings.CutSuffix(s, ")")
	class, rest, ok3 := strings.Cut(s, "'>, '")
	key, rest, ok4 := strings.Cut(rest, "', '")
	location, rest, ok5 := strings.Cut(rest, "', ")
	number, view, more := strings.Cut(rest, ", ")
	n, err := strconv.ParseInt(number, 10, 64)
	dot := strings.LastIndexByte(class, '.')
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || err != nil || dot < 0 || (more && view != "None") {
		return TextID{}, false
	}
	return TextID{Module: class[:dot], Class: class[dot+1:], Key: key, Location: location, Numel: n}, true
}
