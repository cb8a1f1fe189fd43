package machine

import "regexp"

// reasons explain messages.
type reasons []struct{ pattern, why string }

var patterns = map[string]*regexp.Regexp{}

func init() {
	for _, table := range []reasons{lenient, strict, python} {
		for _, row := range table {
			patterns[row.pattern] = regexp.MustCompile(row.pattern)
		}
	}
}

func (r reasons) explain(message string) string {
	for _, row := range r {
		if patterns[row.pattern].MatchString(message) {
			return row.why
		}
	}
	return ""
}

// lenient lists what makes CPython stop where the machine goes on: things that
// depend on values which nobody knows without running them, on the machine's
// memory, or on how the unpickler was set up. The oracle's stand-ins are no
// tuples, strs or dicts; a real object may be.
var lenient = reasons{
	{`argument list must be a tuple|after \* must be an iterable|NEWOBJ(_EX)? .*(tuple|dict|type)|args.*must be a tuple|isn't a type object|must be a tuple|must be a dict`, "an object as arguments or class"},
	{`STACK_GLOBAL requires str`, "an object as a name"},
	{`unregistered extension code`, "the registry is the loader's"},
	{`MemoryError`, "memory"},
	{`invalid load key, .\\x9[678]|unsupported pickle protocol: 5`, "Python before 3.8 has no protocol 5"},
	{`assignment index out of range|index out of range`, "the length of a list is not kept"},
	{`cannot fit 'int' into an index-sized integer|byte must be in range|indices must be integers`, "the length of a list is not kept"},
	{`state is not a dictionary|no attribute '__dict__'`, "an object as the state of a builtin"},
	{`keywords must be strings`, "what a dict holds is not kept"},
	{`could not convert string to int|with base 0: b?'[ +-]*0[0-9_]`, "octal or decimal, by Python's version"},
	{`object cannot be interpreted as an integer|X is not a type object|memoryview: a bytes-like object is required`, "what the stand-in refuses"},
}

// strict lists what the machine refuses where CPython goes on, each on
// purpose. It must never be reported as read.
var strict = reasons{
	{`^limit: `, "a bound"},
}

// python lists what pickle.py, which PyPy runs, takes and C refuses. The
// machine follows C: such a file is never complete, and what was reached
// before stays found.
var python = reasons{
	{`arguments are`, "it calls f(*args) with any iterable"},
	{`a name is empty`, "find_class then fails"},
	{`has no state`, "it skips a state that is false"},
	{`a frame of`, "it takes what is there"},
	{`there is no mark|the data ends inside of a line`, "it asks for INST's class first"},
	{`FLOAT: `, "it takes what float() takes"},
	{`negative memo index`, "any int is a key to its dict"},
}
