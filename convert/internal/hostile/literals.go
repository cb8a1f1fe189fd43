package hostile

import "strings"

// literals are numbers as text, on which readers differ.
func literals() []Vector {
	bad := func(name, says, body string) Vector {
		return failed("literal-"+name, "text that is no number", says, holding(body))
	}
	differs := func(name, body string) Vector {
		return inert("literal-"+name, "text that some readers take for a number, or for another", withTensor(body))
	}
	digits := func(n int) string { return strings.Repeat("9", n) }
	return []Vector{
		bad("int-empty", "its line is empty", "I\n"),
		bad("int-word", "is no integer", "Ione\n"),
		bad("int-float", "is no integer", "I1e5\n"),
		bad("int-4301", "more than 4300 digits", "I"+digits(4301)+"\n"),
		bad("int-2MB", "", "I"+digits(2<<20)+"\n"),
		bad("long-2MB", "", "L"+digits(2<<20)+"L\n"),
		bad("long-empty", "its line is empty", "L\n"),
		bad("long-suffix-alone", "is no integer", "LL\n"),
		bad("put-2MB", "", "Np"+digits(2<<20)+"\n"),
		bad("float-empty", "its line is empty", "F\n"),
		bad("float-hex", "is no float", "F0x1p3\n"),
		bad("float-underscore", "is no float", "F1_0\n"),
		bad("float-space", "is no float", "F 1\n"),
		bad("float-huge", "does not fit a float", "F1e999999999\n"),
		bad("float-2MB", "", "F"+digits(2<<20)+"\n"),
		differs("int-hex", "I0x10\n"),
		differs("int-octal", "I010\n"),
		differs("int-underscore", "I1_0\n"),
		differs("int-space", "I 1\n"),
		differs("int-nul", "I1\x002\n"),
		differs("long-hex", "L0x10L\n"),
		differs("float-nul", "F1\x002\n"),
		differs("get-zeros", "Np007\n0g7\n"),
		fine("literal-4300", "the longest integer that CPython reads", withTensor("L"+digits(4300)+"L\n")),
		fine("literal-nan", "what is no number, and text that says so", withTensor(tuple("Fnan\n", "F-inf\n", "F1e-999999\n"))),
	}
}

// text are strings that do not decode.
func text() []Vector {
	bad := func(name, says, body string) Vector {
		return failed("text-"+name, "text that does not decode", says, withTensor(body))
	}
	long := func(tail string) func() Data {
		return func() Data {
			return join(bytesOf("\x80\x02X"+u32(uint32(100<<10+len(tail)))), times(100<<10, "x"), bytesOf(tail+"."))
		}
	}
	return []Vector{
		bad("utf8", "does not decode", str("\xff")),
		bad("utf8-cut", "does not decode", str("\xe2\x82")),
		bad("utf8-overlong", "does not decode", str("\xc0\x80")),
		bad("utf8-above", "does not decode", str("\xf4\x90\x80\x80")),
		fine("text-surrogate", "half of a pair, as Python writes it", withTensor(str("\xed\xa0\x80"))),
		bad("escape-cut", "does not decode", "V\\u12\n"),
		bad("escape-range", "does not decode", "V\\U00110000\n"),
		bad("string-bare", "not in quotes", "Sx\n"),
		bad("string-half", "not in quotes", "S'x\"\n"),
		bad("string-escape", "does not decode", "S'\\x1'\n"),
		bad("string-backslash", "does not decode", "S'\\'\n"),
		failed("text-long-utf8", "100 KiB of text that end in half a character", "a long text does not decode", long("\xe2\x82")),
		late("text-long", "100 KiB of text", "no tensors", long("")),
		late("text-2MB-again", "2 MB of text that a list holds 100,000 times", "no tensors", func() Data {
			return join(bytesOf("\x80\x02](X"+u32(2<<20)), times(2<<20, "x"), bytesOf("q\x01"), times(100, "e("+times(1000, "h\x01").String()), bytesOf("e."))
		}),
		late("text-latin1-again", "a megabyte that is encoded 100,000 times", "", func() Data {
			return join(bytesOf("\x80\x02"+global("_codecs", "encode")+"q\x010X"+u32(1<<20)), times(1<<20, "x"),
				bytesOf("q\x020"+str("latin1")+"q\x030](N"), times(100, "e("+times(1000, "h\x01h\x02h\x03\x86R").String()), bytesOf("e."))
		}),
		late("text-escapes-10MB", "10 MB of escapes", "no tensors", func() Data {
			return join(bytesOf("V"), times(10<<20/6, "\\u0041"), bytesOf("\n."))
		}),
	}
}
