package hostile

// lengths are payloads and integers whose length lies.
func lengths() []Vector {
	follow := "bytes should follow"
	bad := func(name, says, object string) Vector {
		return failed("length-"+name, "a payload that is not there", says, holdingRaw("\x80\x04"+object))
	}
	all := []Vector{
		bad("short-binunicode", follow, "\x8c\xffab"),
		bad("short-binbytes", follow, "C\xffab"),
		bad("short-binstring", follow, "U\xffab"),
		bad("binunicode-2^31", follow, "X"+u32(1<<31)+"ab"),
		bad("binunicode-2^32-1", follow, "X"+u32(1<<32-1)+"ab"),
		bad("binbytes-2^32-1", follow, "B"+u32(1<<32-1)+"ab"),
		bad("binstring-2^31", follow, "T"+u32(1<<31)+"ab"),
		bad("binstring-2^32-1", follow, "T"+u32(1<<32-1)+"ab"),
		bad("long1", follow, "\x8a\xffab"),
		bad("long4-2^31-1", follow, "\x8b"+u32(1<<31-1)+"ab"),
		bad("long4-negative", "negative length", "\x8b"+u32(1<<32-1)+"ab"),
		bad("int-cut", "the data ends inside", "J\x01\x02"),
		bad("float-cut", "the data ends inside", "G\x01\x02"),
		bad("count-cut", "the data ends inside", "\x8d\x01\x02"),
	}
	for _, op := range []struct{ name, code string }{{"binunicode8", "\x8d"}, {"binbytes8", "\x8e"}, {"bytearray8", "\x96"}} {
		for _, v := range wild {
			all = append(all, bad(op.name+"-"+v.name, follow, op.code+u64(v.n)+"ab"))
		}
	}
	return append(all,
		late("length-long4-64KiB", "the longest integer that is read", "no tensors", func() Data {
			return bytesOf(proto2("\x8b" + u32(64<<10) + times(64<<10, "\x7f").String()))
		}),
		failed("length-long4-8MB", "an integer of 8 MB, which takes hours to print", "an integer of", func() Data {
			return join(bytesOf("\x80\x02\x8b"+u32(8<<20)), times(8<<20, "\x7f"), bytesOf("."))
		}),
		late("length-longs-30MB", "30 MB of integers of 64 KiB", "no tensors", func() Data {
			return join(bytesOf("\x80\x02("), times(480, "\x8b"+u32(64<<10)+times(64<<10, "\x7f").String()), bytesOf("l."))
		}),
		late("length-bytes-40MB", "40 MB of bytes, which stay where they are", "no tensors", func() Data {
			return join(bytesOf("\x80\x03B"+u32(40<<20)), times(40<<20, "x"), bytesOf("."))
		}),
		late("length-text-20MB", "20 MB of text, which stay where they are", "no tensors", func() Data {
			return join(bytesOf("\x80\x03X"+u32(20<<20)), times(20<<20, "x"), bytesOf("."))
		}),
	)
}

// frames are frames that lie: readers see different opcodes.
func frames() []Vector {
	frame := func(n uint64) string { return "\x95" + u64(n) }
	all := []Vector{
		refused("frame-straddle", "an opcode over a frame's end", "crosses the end of its frame",
			holdingRaw("\x80\x04"+frame(3)+weights()+".")),
		refused("frame-in-frame", "a frame inside of a frame", "a frame begins inside of a frame",
			holdingRaw("\x80\x04"+frame(uint64(len(weights()))+10)+frame(uint64(len(weights()))+1)+weights()+".")),
		refused("frame-stops-early", "a pickle that stops inside of its frame", "stops before the end of its frame",
			holdingRaw("\x80\x04"+frame(uint64(len(weights()))+5)+weights()+".NNNN")),
		refused("frame-longer-and-hides", "a pickle that stops early, and names os.system", "os.system",
			holdingRaw("\x80\x04"+frame(uint64(len(global("os", "system")))+6)+global("os", "system")+"0N.NNNN")),
		fine("frame-empty", "a frame of no bytes", holdingRaw("\x80\x04"+frame(0)+weights()+".")),
		failed("frame-past-end", "a frame that is one byte longer than the file", "should follow",
			holdingRaw("\x80\x04"+frame(uint64(len(weights()))+2)+weights()+".")),
	}
	for _, v := range wild {
		all = append(all, failed("frame-"+v.name, "a frame of exabytes", "should follow", holdingRaw("\x80\x04"+frame(v.n)+weights()+".")))
	}
	return all
}
