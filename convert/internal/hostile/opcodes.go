package hostile

// opcodes are pickles that break the machine's rules: each must end where
// CPython would, with the offset of what broke them.
func opcodes() []Vector {
	bad := func(name, why, says, body string) Vector {
		return failed("opcode-"+name, why, says, holding(body))
	}
	return []Vector{
		bad("unknown", "a byte that is no opcode", "is no opcode", "N\xff"),
		bad("nul", "a NUL for an opcode", "is no opcode", "N\x00"),
		failed("opcode-proto-6", "a protocol that nobody knows", "", holdingRaw("\x80\x06N.")),
		failed("opcode-proto-255", "a protocol that nobody knows", "", holdingRaw("\x80\xffN.")),
		failed("opcode-no-stop", "a pickle without an end", "no STOP was read", holdingRaw("\x80\x02"+weights())),
		bad("pop-empty", "POP of nothing", "the stack is empty", "0"),
		bad("stop-empty", "STOP with nothing", "the stack is empty", ""),
		bad("reduce-empty", "REDUCE of nothing", "the stack is empty", "R"),
		bad("build-empty", "BUILD of nothing", "the stack is empty", "N0b"),
		bad("append-empty", "APPEND to nothing", "the stack is empty", "Na"),
		bad("setitem-empty", "SETITEM into nothing", "the stack is empty", "NNs"),
		bad("tuple3-of-2", "TUPLE3 of two values", "the stack is empty", "NN\x87"),
		bad("tuple-no-mark", "TUPLE without a mark", "there is no mark", "Nt"),
		bad("below-mark", "POP of what lies below a mark, by way of REDUCE", "the stack is empty", "NN(R"),
		bad("appends-at-bottom", "APPENDS with nothing below its mark", "nothing below the mark", "(Ne"),
		bad("append-to-tuple", "APPEND to a tuple", "the target is a tuple", ")Na"),
		bad("append-to-str", "APPEND to a str", "the target is a str", str("s")+"Na"),
		bad("append-to-dict", "APPEND to a dict: memory corruption in torch (CVE-2026-24747)", "the target is a dict", "}Na"),
		bad("setitems-odd", "SETITEMS of three values", "odd number of items", "}(NNNu"),
		bad("setitem-of-str", "SETITEM into a str", "the target is a str", str("s")+"NNs"),
		bad("setitem-of-list-by-str", "SETITEM into a list by a str", "is no index", "]"+str("k")+"Ns"),
		odd("opcode-setitem-of-list", "SETITEM into a list by index: memory corruption in torch (CVE-2026-24747)", "", holding("]K\x00Ns")),
		bad("additems-of-list", "ADDITEMS to a list", "the target is a list", "](N\x90"),
		bad("dict-odd", "DICT of one value", "odd number of items", "(Nd"),
		bad("key-list", "a list for a key", "cannot be a key", "}]Ns"),
		bad("key-dict", "a dict for a key", "cannot be a key", "}}Ns"),
		bad("key-tuple-of-list", "a tuple of a list for a key", "cannot be a key", "}]\x85Ns"),
		bad("set-of-lists", "a list in a set", "cannot be a key", "\x8f(]\x90"),
		bad("frozenset-of-dicts", "a dict in a frozenset", "cannot be a key", "(}\x91"),
		bad("call-of-int", "an int that is called", "is called", "K\x01)R"),
		bad("call-of-str", "a str that is called", "is called", str("f")+")R"),
		bad("arguments-list", "a list for arguments", "not a tuple", global("collections", "OrderedDict")+"]R"),
		bad("keywords-tuple", "a tuple for keywords", "keywords are", global("collections", "OrderedDict")+"))\x92"),
		bad("build-of-int", "an int's state", "has no state", "K\x01}"+str("k")+"Nsb"),
		bad("obj-no-class", "OBJ without a class", "the class is missing", "(o"),
		bad("global-of-ints", "STACK_GLOBAL of two ints", "needs two strs", "K\x01K\x02\x93"),
		bad("global-empty", "GLOBAL of an empty name", "a name is empty", "c\nsystem\n"),
		bad("global-latin1", "GLOBAL of a name that is no UTF-8", "a name is not UTF-8", "c\xff\nx\n"),
		bad("inst-umlaut", "INST of a name that is not ASCII", "a name is not ASCII", "(i\xc3\xa4\nx\n"),
		failed("opcode-global-line", "GLOBAL of a line without an end", "the data ends inside of a line", holdingRaw("\x80\x02cposix")),
		bad("global-long", "GLOBAL of a megabyte", "", "c"+times(1<<20, "m").String()+"\nx\n"),
		bad("get-empty", "GET of a slot that was never filled", "memo slot 7 is empty", "h\x07"),
		bad("get-huge", "GET of a slot of 2^63-1", "memo slot 9223372036854775807 is empty", "g9223372036854775807\n"),
		bad("get-wide", "GET of a slot of 2^64", "is no memo index", "g18446744073709551616\n"),
		bad("put-negative", "PUT into a slot below zero", "negative memo index", "Np-1\n"),
		bad("put-empty", "PUT of nothing", "the stack is empty", "q\x00"),
		bad("memoize-empty", "MEMOIZE of nothing", "the stack is empty", "\x94"),
		bad("next-buffer", "a buffer that is not in the file", "out-of-band buffer", "\x97"),
		bad("readonly-buffer", "a buffer that is none", "is no buffer", "N\x98"),
		bad("ext-zero", "an extension code of zero", "is not positive", "\x82\x00"),
		bad("ext-negative", "an extension code below zero", "is not positive", "\x84\xff\xff\xff\xff"),
		refused("opcode-ext1", "a global by number", "extension code", holding(dict(str("w"), vector("0", 2), str("x"), "\x82\x01"))),
		refused("opcode-ext4", "a global by a large number", "extension code", holding(dict(str("w"), vector("0", 2), str("x"), "\x84\xff\xff\xff\x7f)R"))),
		inert("opcode-persid-foreign", "an id of protocol 0 that names no storage", withTensor("Phttp://example.com/x\n")),
		bad("persid-latin1", "an id that is not ASCII", "not ASCII", "P\xff\n"),
		inert("opcode-binpersid-int", "a number for an id", withTensor("K\x01Q")),
		odd("opcode-put-far", "a slot that no memory has room for", "out of range", withTensor("Np4611686018427387904\ng4611686018427387904\n0")),
		fine("opcode-marks-balanced", "marks that are taken away again", withTensor("((11N")),
		fine("opcode-left-on-stack", "values below the result", holding("NNN"+weights())),
	}
}

// holdingRaw is a checkpoint of an object that is a whole file of pickle.
func holdingRaw(object string) func() Data {
	return func() Data { return checkpoint(bytesOf(object), eight).data() }
}
