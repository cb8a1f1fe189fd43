package tagged

import "depickle/sandboxload/value"

// Secret reports whether a key is one of those whose values are not written.
func Secret(key string) bool { return secret(value.Str(key)) }
