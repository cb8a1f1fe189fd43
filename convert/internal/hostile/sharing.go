package hostile

import "strings"

// nesting are values inside one another, a million deep.
func nesting() []Vector {
	const deep = 1_000_000
	nest := func(name, why string, d ...Data) Vector {
		return late("nesting-"+name, why, "limit", func() Data {
			return join(append(append([]Data{bytesOf("\x80\x02")}, d...), bytesOf("."))...)
		})
	}
	// flat is over a bound of the judge's too.
	flat := func(name, why string, d ...Data) Vector {
		v := nest(name, why, d...)
		v.Scan = Failed
		return v
	}
	return []Vector{
		flat("lists", "lists in lists, opened one by one", times(deep, "]"), times(deep-1, "a")),
		nest("list-around", "lists in lists, from the inside", bytesOf("]"), times(deep, "q\x000]h\x00a")),
		flat("tuples", "tuples in tuples", bytesOf(")"), times(deep, "\x85")),
		flat("dicts", "dicts in dicts", times(deep, "}N"), bytesOf("N"), times(deep, "s")),
		flat("objects", "objects of objects", bytesOf(")"), times(deep, "q\x000"+global("collections", "OrderedDict")+"h\x00\x85R")),
		nest("states", "states of states", bytesOf("N"), times(deep/4, "q\x000"+global("argparse", "Namespace")+")\x81h\x00b")),
		odd("nesting-ids", "persistent ids of persistent ids", "limit", func() Data { return join(bytesOf("\x80\x02N"), times(deep, "Q"), bytesOf(".")) }),
		flat("sets", "frozensets in frozensets", bytesOf("(\x91q\x000"), times(deep, "(h\x00\x91q\x000"), bytesOf("h\x00")),
		late("nesting-to-a-tensor", "a tensor 2,000 lists down", "limit", holding(strings.Repeat("]", 2000)+vector("0", 2)+strings.Repeat("a", 2000))),
	}
}

// sharing are values that share each other, so that there are 2^64 ways down,
// and values that hold themselves.
func sharing() []Vector {
	// doubled makes from what stands in slot 0 a container of it twice, and
	// again.
	doubled := func(times int, open, items string) string {
		return strings.Repeat("q\x000"+open+items, times)
	}
	inTensor := func(body string) string { return dict(str("w"), vector("0", 2), str("x"), body) }
	module := func(inner string) string {
		return global("torch.nn.modules.container", "Sequential") + ")\x81" +
			dict(str("_modules"), inner, str("_parameters"), "}", str("_buffers"), "}", str("training"), "\x89") + "b"
	}
	leaf := global("torch.nn.modules.linear", "Linear") + ")\x81" +
		dict(str("_modules"), "}", str("_parameters"), dict(str("weight"), vector("0", 2)), str("_buffers"), "}", str("training"), "\x89") + "b"
	return []Vector{
		inert("sharing-lists", "lists of lists: 2^64 ways to the same", holding(inTensor("]"+doubled(64, "]", "(h\x00h\x00e")))),
		inert("sharing-tuples", "tuples of tuples: 2^64 ways to the same", holding(inTensor(")"+doubled(64, "", "h\x00h\x00\x86")))),
		inert("sharing-dicts", "dicts of dicts: 2^64 ways to the same", holding(inTensor("}"+doubled(64, "}", "(K\x01h\x00K\x02h\x00u")))),
		inert("sharing-a-tensor", "2^64 ways to a tensor, which has one name", holding(vector("0", 2)+doubled(64, "]", "(h\x00h\x00e"))),
		late("sharing-modules", "2^64 names for one parameter", "limit", holding(leaf+
			strings.Repeat("q\x000"+module(dict(str("a"), "h\x00", str("b"), "h\x00")), 64))),
		late("sharing-modules-wide", "2^40 names for no parameter at all", "", holding(module("}")+
			strings.Repeat("q\x000"+module(dict(str("a"), "h\x00", str("b"), "h\x00")), 40))),
		odd("sharing-keys", "two equal tuples of 2^64 items for keys", "", holding(
			")"+doubled(64, "", "h\x00h\x00\x86")+"q\x010)"+doubled(64, "", "h\x00h\x00\x86")+"q\x020"+
				dict(str("w"), vector("0", 2), "h\x01", "N", "h\x02", "N"))),
		odd("sharing-a-set", "frozensets of 2^64 items", "", holding(
			inTensor(")"+doubled(64, "", "h\x00h\x00\x86")+"q\x000(h\x00\x91"))),
		fine("sharing-list-in-itself", "a list that holds itself", holding(inTensor("]q\x00h\x00a"))),
		fine("sharing-dict-in-itself", "a dict that holds itself", holding("}q\x00("+str("w")+vector("0", 2)+str("me")+"h\x00u")),
		fine("sharing-tuple-in-itself", "a tuple that holds itself, by way of a list", holding(inTensor("]q\x00h\x00\x85a"))),
		fine("sharing-object-in-itself", "an object whose state is itself", holding(inTensor(
			global("argparse", "Namespace")+")\x81q\x00"+dict(str("me"), "h\x00")+"b"))),
		fine("sharing-ordered-in-itself", "an OrderedDict that holds itself", holding(
			call(global("collections", "OrderedDict"))+"q\x00("+str("w")+vector("0", 2)+str("me")+"h\x00u")),
		failed("sharing-dict-key-of-itself", "a dict for its own key", "cannot be a key", holding("}q\x00h\x00h\x00s")),
		fine("sharing-module-in-itself", "a module below itself", holding(
			global("torch.nn.modules.container", "Sequential")+")\x81q\x00"+
				dict(str("_modules"), dict(str("me"), "h\x00", str("leaf"), leaf), str("_parameters"), "}", str("_buffers"), "}")+"b")),
	}
}

// keys are keys that cost more than they seem.
func keys() []Vector {
	wide := func(n int, item string) string { return "(" + strings.Repeat(item, n) + "t" }
	again := func(n int) func() Data {
		return func() Data {
			return join(bytesOf("\x80\x02"+wide(n, "K\x01")+"q\x000}"), times(200_000, "h\x00Ns"), bytesOf("."))
		}
	}
	return []Vector{
		late("keys-wide-tuple-100k", "a tuple of 100,000 items, 200,000 times for a key", "a key cannot be hashed", again(100_000)),
		late("keys-wide-tuple-50k", "a tuple of 50,000 items, 200,000 times for a key", "", again(50_000)),
		late("keys-wide-tuple-4k", "a tuple of 4,000 items, 200,000 times for a key", "", again(4000)),
		odd("keys-wide-tuples-in-tuple", "a thousand references to a tuple of 4,000 items for a key, 10,000 times", "", func() Data {
			return join(bytesOf("\x80\x02"+wide(4000, "K\x01")+"q\x000"+wide(1000, "h\x00")+"q\x010}"), times(10_000, "h\x01Ns"), bytesOf("."))
		}),
		late("keys-text-50k", "a text of 64 KiB, 50,000 times for a key", "limit", func() Data {
			return join(bytesOf("\x80\x02X"+u32(64<<10)), times(64<<10, "k"), bytesOf("q\x000}"), times(50_000, "h\x00Ns"), bytesOf("."))
		}),
		late("keys-nan-200k", "200,000 times what equals nothing, not even itself", "no tensors", func() Data {
			return join(bytesOf("\x80\x02}"), times(200_000, "G\x7f\xf8"+zeros(6)+"Ns"), bytesOf("."))
		}),
		late("keys-long-200", "integers of 64 KiB for keys", "", func() Data {
			return join(bytesOf("\x80\x02}"), times(200, "\x8b"+u32(64<<10)+times(64<<10, "\x7f").String()+"Ns"), bytesOf("."))
		}),
		failed("keys-wide-unhashable", "a tuple of 50,000 items and a list for a key", "cannot be a key", func() Data {
			return bytesOf("\x80\x02}" + "(" + strings.Repeat("N", 50_000) + "]tNs.")
		}),
		late("keys-collide", "1 and \"1\" give one name", "two tensors get this name", holding(dict("K\x01", floatsAt(0), str("1"), floatsAt(1)))),
		late("keys-collide-bool", "True and \"True\" give one name", "two tensors get this name", holding(dict("\x88", floatsAt(0), str("True"), floatsAt(1)))),
		late("keys-collide-path", "a.b and b in a give one name", "two tensors get this name", holding(dict(str("a.b"), floatsAt(0), str("a"), dict(str("b"), floatsAt(1))))),
		late("keys-collide-tuple", "a tuple and how it is spelled give one name", "two tensors get this name", holding(dict(
			tuple(num(1), num(2)), floatsAt(0), str("(1, 2)"), floatsAt(1)))),
		fine("keys-equal", "1, True and 1.0 are one key, whose last value counts", holding(dict(
			"K\x01", floatsAt(0), "\x88", floatsAt(1), "G?\xf0"+zeros(6), vector("0", 2)))),
	}
}
