package hostile

// floods are pickles that ask for memory or time in few bytes each.
func floods() []Vector {
	flood := func(name, why, says string, d ...Data) Vector {
		return failed("flood-"+name, why, says, func() Data { return join(append(d, bytesOf("."))...) })
	}
	calm := func(name, why string, d ...Data) Vector {
		return late("flood-"+name, why, "no tensors", func() Data { return join(append(d, bytesOf("."))...) })
	}
	open := bytesOf("\x80\x02")
	const million = 1_000_000
	return []Vector{
		flood("marks-10M", "ten million marks", "limit", open, times(10*million, "(")),
		flood("dup-10M", "one value, ten million times on the stack", "limit", open, bytesOf("N"), times(10*million, "2")),
		flood("none-10M", "ten million values on the stack", "limit", open, times(10*million, "N")),
		flood("lists-10M", "ten million empty lists on the stack", "limit", open, times(10*million, "]")),
		flood("tuples-10M", "ten million values for one tuple", "limit", open, bytesOf("("), times(10*million, "K\x01"), bytesOf("t")),
		flood("dicts-10M", "ten million empty dicts in a list", "limit", open, bytesOf("]"), times(10*million/1000, "("+times(1000, "}").String()+"e")),
		late("flood-ints-10M", "a list of ten million ints", "limit", func() Data {
			return join(open, bytesOf("]"), times(10*million/1000, "("+times(1000, "K\x01").String()+"e"), bytesOf("."))
		}),
		flood("append-10M", "the same, one by one", "limit", open, bytesOf("]"), times(10*million, "Na")),
		flood("calls-1M", "a million objects of one class", "limit", open, bytesOf("]"+global("argparse", "Namespace")+"q\x010("), times(million, "h\x01)\x81"), bytesOf("e")),
		flood("popped-10M", "ten million dicts that nobody keeps", "limit", open, times(10*million, "}0"), bytesOf("N")),
		flood("popped-marks-10M", "ten million marks that go away", "limit", open, times(10*million, "(1"), bytesOf("N")),
		calm("popped-globals-1M", "a class named a million times", open, times(million, global("torch", "Size")+"0"), bytesOf("N")),
		calm("proto-5M", "five million times the protocol", times(5*million, "\x80\x02"), bytesOf("N")),
		calm("empty-frames-1M", "a million empty frames", times(million, "\x95"+u64(0)), bytesOf("N")),
		calm("memo-same-5M", "one slot filled five million times", open, bytesOf("N"), times(5*million, "q\x01")),
		late("flood-memo-dense-4M", "four million slots", "no tensors", func() Data {
			return bytesOf("\x80\x02N" + repeat(4*million, func(i int) string { return put(uint32(i)) }) + ".")
		}),
		failed("flood-memo-sparse-4M", "four million slots, far from each other", "limit", func() Data {
			return bytesOf("\x80\x02N" + repeat(4*million, func(i int) string { return put(uint32(i) * 1021) }) + ".")
		}),
		failed("flood-memo-fetched-4M", "four million slots that are fetched", "limit", func() Data {
			return bytesOf("\x80\x02N" + repeat(4*million, func(i int) string { return put(uint32(i)) }) +
				repeat(4*million, func(i int) string { return "0" + get(uint32(i)) }) + ".")
		}),
		odd("flood-globals-200k", "200,000 classes that nobody knows", "", func() Data {
			return bytesOf("\x80\x02" + repeat(200_000, func(i int) string { return global("evil", "C"+decimal(i)) + "0" }) + "N.")
		}),
		odd("flood-literals-300k", "300,000 numbers on which readers differ", "no tensors", func() Data {
			return bytesOf("\x80\x02" + repeat(300_000, func(i int) string { return "I0" + decimal(i) + "\n0" }) + "N.")
		}),
		calm("streams-50k", "50,000 pickles in one file", times(50_000, "\x80\x02N."), bytesOf("\x80\x02N")),
		failed("flood-streams-200k", "200,000 pickles in one file", "bytes that no part of the format explains", func() Data { return times(200_000, "N.") }),
		failed("flood-stops-1MB", "nothing but STOP", "", func() Data { return times(1<<20, ".") }),
		odd("flood-messages", "a thousand findings of long names", "", func() Data {
			return bytesOf("\x80\x02" + repeat(1000, func(i int) string {
				return global(times(200, "\x1b[31m").String(), decimal(i)) + "0"
			}) + "N.")
		}),
	}
}
