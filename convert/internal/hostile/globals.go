package hostile

// globals are pickles that name or reach what runs code.
func globals() []Vector {
	beside := func(name, why, says, body string) Vector {
		return refused("global-"+name, why, says, withTensor(body))
	}
	id := tuple(str("id"))
	return []Vector{
		beside("os-system", "the classic", "os.system", global("os", "system")+id+"R"),
		beside("named-only", "named and never called", "os.system", global("os", "system")+"0N"),
		beside("python2", "eval by its old name", "eval", global("__builtin__", "eval")+tuple(str("1"))+"R"),
		beside("stack", "the name on the stack", "posix.system", stackGlobal("posix", "system")+id+"R"),
		beside("memo", "the name from the memo", "posix.system", str("posix")+"q\x01"+str("system")+"q\x0200h\x01h\x02\x93"+id+"R"),
		beside("inst", "INST", "os.system", "("+str("id")+"ios\nsystem\n"),
		beside("obj", "OBJ", "os.system", "("+global("os", "system")+str("id")+"o"),
		beside("newobj", "NEWOBJ", "subprocess.Popen", global("subprocess", "Popen")+id+"\x81"),
		beside("newobj-ex", "NEWOBJ_EX", "subprocess.Popen", global("subprocess", "Popen")+id+"}\x92"),
		beside("dotted", "a name that walks through a module", "", stackGlobal("pathlib", "os.system")+id+"R"),
		beside("dotted-torch", "the same through torch", "", stackGlobal("torch", "os.system")+id+"R"),
		beside("computed", "a name that a call returns", "computed", call(global("collections", "OrderedDict"))+str("system")+"\x93"+id+"R"),
		beside("getattr", "a chain of getattr", "", call(global("builtins", "getattr"), call(global("builtins", "__import__"), str("os")), str("system"))+id+"R"),
		beside("getattr-alone", "getattr of a class's inside", "getattr", call(global("builtins", "getattr"), global("collections", "OrderedDict"), str("__subclasses__"))),
		beside("torch-load", "the loader, without restriction", "torch.load", call(global("torch", "load"), str("x"))),
		beside("pickle-loads", "a pickle inside of the pickle", "loads", call(global("pickle", "loads"), raw("N."))),
		beside("build-class", "the state of a class", "", global("collections", "OrderedDict")+dict(str("__init__"), "N")+"b"),
		beside("import-star", "importlib", "importlib", call(global("importlib", "import_module"), str("os"))),
		beside("webbrowser", "a module of the standard library that opens programs", "webbrowser", call(global("webbrowser", "open"), str("file:///"))),
		refused("global-and-truncated", "what was reached before the damage counts", "the file could not be read whole",
			holdingRaw("\x80\x02"+global("os", "system")+id+"R")),
		refused("global-and-broken", "the same before a byte that is no opcode", "the file could not be read whole",
			holdingRaw("\x80\x02"+global("os", "system")+id+"R\xff.")),
		refused("global-in-second-pickle", "a second pickle in the file", "os.system",
			func() Data { return bytesOf(proto2("N") + proto2(global("os", "system")+id+"R")) }),
		refused("global-behind-garbage", "a pickle whose first bytes are GGUF's", "os.system",
			func() Data { return bytesOf("GGUF" + zeros(4) + "\x00" + "0" + global("os", "system") + id + "R.") }),
		refused("global-in-nested", "a checkpoint inside of the checkpoint", "os.system", withTensor(
			call(global("torch.storage", "_load_from_bytes"), raw(proto2(global("os", "system")+id+"R"))))),
		inert("global-unknown", "a class that nobody knows", withTensor(global("evil", "Class")+")R")),
		inert("global-lines", "a class whose name has escapes, to forge lines of output", withTensor(global("a\r\x1b[2Jdepickle: clean", "b")+"0N")),
		inert("global-unicode", "a class whose name turns text around", withTensor(stackGlobal("e\u202evil", "C")+"0N")),
		inert("global-long", "a class with a name of 60,000 bytes", withTensor(stackGlobal(times(60_000, "m").String(), "C")+"0N")),
	}
}

// calls are harmless globals that are called with what harms.
func calls() []Vector {
	beside := func(name, why, says, body string) Vector {
		return refused("call-"+name, why, says, withTensor(body))
	}
	nested := raw(proto2("N"))
	inside := func(levels int) string {
		body := "N"
		for range levels {
			body = call(global("torch.storage", "_load_from_bytes"), raw(proto2(body)))
		}
		return body
	}
	return []Vector{
		beside("bytearray", "a terabyte of zeros", "bytearray", call(global("builtins", "bytearray"), whole(power(40)))),
		beside("bytes", "a terabyte of zeros", "bytes", call(global("builtins", "bytes"), whole(power(40)))),
		beside("list-range", "a list of 10^18 numbers", "range", call(global("builtins", "list"), call(global("builtins", "range"), whole(power(60))))),
		beside("counter-range", "a Counter of 10^18 numbers", "range", call(global("collections", "Counter"), call(global("builtins", "range"), whole(power(60))))),
		beside("int-decimal", "an int of a billion digits", "number", call(global("builtins", "int"), call(global("decimal", "Decimal"), str("1e999999999")))),
		beside("ndarray", "an array of exabytes", "ndarray", call(global("numpy", "ndarray"), tuple(whole(power(60))))),
		beside("tensor", "a tensor of exabytes", "Tensor", call(global("torch", "FloatTensor"), whole(power(60)))),
		refused("call-qtensor", "a quantized tensor larger than its storage", "larger than its storage", holding(dict(str("w"), call(global("torch._utils", "_rebuild_qtensor"),
			storage("QInt8Storage", str("0"), num(8)), num(0), tuple(whole(power(60))), tuple(num(0)), tuple(), "\x89", "N")))),
		beside("encode-codec", "a codec that decompresses", "another codec", call(global("_codecs", "encode"), str("x"), str("zlib"))),
		beside("rebuild-from-type", "a rebuild around what is none", "", call(global("torch._tensor", "_rebuild_from_type_v2"),
			global("collections", "OrderedDict"), global("torch", "Tensor"), tuple(), "N")),
		beside("reconstructor", "an object of a base that is none", "", call(global("copyreg", "_reconstructor"), global("collections", "OrderedDict"), global("os", "PathLike"), "N")),
		beside("random", "what is given is called", "", call(global("numpy.random._pickle", "__randomstate_ctor"), str("MT19937"), global("builtins", "print"))),
		inert("call-result", "what a call returned is called", withTensor(call(global("argparse", "Namespace"))+")R")),
		late("call-computed-arguments", "arguments that a call returned", "arguments of a call are computed", withTensor(
			global("argparse", "Namespace")+call(global("collections", "OrderedDict"))+"R")),
		beside("nested-computed", "a checkpoint of computed bytes", "computed", call(global("torch.storage", "_load_from_bytes"), call(global("argparse", "Namespace")))),
		beside("nested-indirect", "the loader of checkpoints, not called directly", "not called directly", "("+global("torch.storage", "_load_from_bytes")+nested+"o"),
		odd("call-nested-8", "checkpoints eight deep", "limit", withTensor(inside(8))),
		late("call-nested-100k", "one checkpoint loaded 100,000 times", "no tensors", func() Data {
			inner := raw(legacyCheckpoint().bytes().String())
			return join(bytesOf("\x80\x03"+global("torch.storage", "_load_from_bytes")+"q\x00"+inner+"\x85q\x01R0"),
				times(100_000, "h\x00h\x01R0"), bytesOf("N."))
		}),
	}
}
