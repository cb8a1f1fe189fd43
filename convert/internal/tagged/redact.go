package tagged

import "depickle/sandboxload/value"

// secrets are the ends of keys, in lower case, whose values are not written:
// checkpoints carry the configuration of whoever trained them, and a record is
// made to be published.
var secrets = [...]string{
	"password", "passwd", "secret", "api_key", "access_token", "auth_token", "hf_token", "private_key",
}

// secret reports whether a key names one.
func secret(k value.Value) bool {
	var name string
	switch k := k.(type) {
	case value.Str:
		name = string(k)
	case value.Str2:
		name = string(k)
	case value.Bytes:
		name = string(k)
	default:
		return false
	}
	for _, s := range secrets {
		if len(name) >= len(s) && equalLower(name[len(name)-len(s):], s) {
			return true
		}
	}
	return false
}

// equalLower compares ASCII text with lower case.
func equalLower(s, lower string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
