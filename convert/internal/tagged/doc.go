// Package tagged writes the values of a checkpoint that are no tensors as JSON,
// for the conversion record.
//
// The form is made to be read by people and programs without Python, to keep
// what Python tells apart, and to be the same bytes for the same file. It is
// strict JSON in UTF-8 without spaces, with the shortest escapes of RFC 8785.
//
// Nothing of a value is trusted. Output ends at 16 MiB and what the value that
// reaches it takes; nesting at limit.Limits.Depth, at most 2,000; at most 1 GiB
// of values in memory is digested, and a long text in the file is read once,
// however often it is named. Memory is twice the output and some 200 bytes for
// each container in it. Not defended against: a secret under a key that does
// not say so, or in a text; what is published should be looked at.
//
// Sources of facts: CPython's Objects/floatobject.c (float_repr) for the spelling
// of floats, RFC 6901, RFC 8259 and RFC 8785.
//
// # Natural forms
//
// None is null; True, False, text and lists are themselves. An int from
// -(2^53-1) to 2^53-1 is a number without point and exponent. A float is
// a number with one of them, spelled as Python's repr does. A dict whose keys
// are all natural is an object, in the dict's order. A key is natural if it is
// text in UTF-8 of at most 4096 bytes that does not begin with "$".
//
// # Tags
//
// An object with a member that begins with "$" has this member only, the tag:
//
//	$int        another int: its decimal digits as text; above 1024 bits the
//	            length and digest of its hexadecimal digits
//	$float      "inf", "-inf" or "nan"; "nan:" and the bits in hexadecimal
//	            where they are not those of Python's float('nan')
//	$str        text of more than 4096 bytes: length and digest
//	$latin1     Python 2's str that is not UTF-8, each byte as a character
//	$wtf8       text with lone surrogates: its WTF-8 in base64
//	$bytes      base64; of more than 256 bytes length and digest
//	$bytearray  as $bytes
//	$list       a long list: length and digest
//	$tuple      a list of its items, or length and digest
//	$set        as $tuple; $frozenset too
//	$dict       a list of pairs, where a key is not natural; in mode All an
//	            object of class, factory, items and state where the dict is a
//	            subclass or has state. items is an object or a list of pairs
//	$tensors    how many tensors a dict has whose values are nothing else
//	$tensor     dtype as torch names it, or "object" or "unknown"; shape; path
//	            of its entry in the record, if it has one; items of an array
//	            of objects; reason why it has no elements. In mode All numpy,
//	            class and state too, where it has them
//	$storage    key, dtype and bytes of a storage that is no tensor's
//	$size       a torch.Size: a list of numbers, or length and digest
//	$dtype      a torch dtype, such as "float32"
//	$device     a torch.device, such as "cuda:0"
//	$numpy      dtype as numpy names it, with its byte order; value of
//	            a scalar: a bool, an int, a float with the shortest digits of
//	            its own width, $complex, or what the pickle holds
//	$complex    a list of real and imaginary part
//	$global     "module.name"; [module, name] where name has a dot itself
//	$object     an inert object. In mode Plain who made it, as in $global or
//	            a value; in mode All an object of that as class, of new, args,
//	            kwargs, items, pairs and state, where it has them
//	$persistent a persistent id that names no storage
//	$ref        a container that stands elsewhere: "#" and a JSON Pointer
//	            (RFC 6901, not percent-encoded) to it in these values
//	$redacted   true: the value of a secret
//	$truncated  left: so many values of this container, from this one on, were
//	            left out; limit: "size" or "depth"
//	$error      why there are no values at all; package convert writes it
//
// A length and digest is {"len": n, "sha256": hex}: bytes of text (in UTF-8,
// or WTF-8, or Python 2's own bytes), of binary data and of digits; of
// a collection len is its items, and the digest that of the JSON list of them.
//
// Collections of more than 1000 items are so written where all of them are
// constants: anything but lists, tuples, sets, dicts, objects, tensors, persistent
// ids and numpy scalars of these. A set of constants stands in the order of its
// items' JSON, by bytes; any other in the file's order.
//
// Lists, dicts and other containers that occur again are references, cycles
// too. Tuples of up to 16 items without tuples may not be: the loader makes
// such tuples anew. In mode Plain what an object, a dict subclass or a tensor
// carries beside its items is left out, state_dict's _metadata with it, and
// only there a dict of tensors alone is $tensors.
//
// Secret is the value of a key, in a dict, attribute or keyword, that ends in
// password, passwd, secret, api_key, access_token, auth_token, hf_token or
// private_key, in any case of letters.
//
// Several streams are a list of their values.
//
// # Vectors
//
// In Python's spelling, then in JSON; for "all:" in mode All.
//
//	{'epoch': 3, 'lr': 1.0, 'eps': 1e-08, 'best': None, 'on': True}
//		{"epoch":3,"lr":1.0,"eps":1e-08,"best":null,"on":true}
//	[9007199254740991, -9007199254740992, 18446744073709551616]
//		[9007199254740991,{"$int":"-9007199254740992"},{"$int":"18446744073709551616"}]
//	1 << 1024
//		{"$int":{"len":257,"sha256":"6b2acaeb9f1b285c04b825214e3310e0d3badbabb70a02eea7cd8cdb1384f4da"}}
//	[-0.0, 1e16, inf, -inf, nan, the NaN of bits fff8000000000001]
//		[-0.0,1e+16,{"$float":"inf"},{"$float":"-inf"},{"$float":"nan"},{"$float":"nan:fff8000000000001"}]
//	['é/\n', '\ud800', Python 2's '\xe9', 'a' * 4097]
//		["é/\n",{"$wtf8":"7aCA"},{"$latin1":"é"},{"$str":{"len":4097,"sha256":"4e369b5618643c3abddd027b650bfa54810be3b418028a7c9d82299a59d008e8"}}]
//	[b'\x00\xff', bytearray(b'a'), b'a' * 257]
//		[{"$bytes":"AP8="},{"$bytearray":"YQ=="},{"$bytes":{"len":257,"sha256":"e8d95cc2b4bc198c54b40bd214df958afb65f5e73d2c2eafe0593cf5c635c1f0"}}]
//	[(1, 'a'), (), {3, 10, 'b'}, frozenset([()])]
//		[{"$tuple":[1,"a"]},{"$tuple":[]},{"$set":["b",10,3]},{"$frozenset":[{"$tuple":[]}]}]
//	list(range(1001))
//		{"$list":{"len":1001,"sha256":"a1701f5ca3afdd421901b632c29bce95586a3e9bfe6796fc7c8d1d4669a2c9b2"}}
//	{0: 'a', (1, 2): 'b'}
//		{"$dict":[[0,"a"],[{"$tuple":[1,2]},"b"]]}
//	{'$tuple': [1]}
//		{"$dict":[["$tuple",[1]]]}
//	{'a/b': (l := [], l), 'c': l}
//		{"a/b":{"$tuple":[[],{"$ref":"#/a~1b/$tuple/0"}]},"c":{"$ref":"#/a~1b/$tuple/0"}}
//	l = []; l.append(l)
//		[{"$ref":"#"}]
//	{'HF_TOKEN': 'hf_1', 'user': {'password': ['p']}, b'secret': 1}
//		{"$dict":[["HF_TOKEN",{"$redacted":true}],["user",{"password":{"$redacted":true}}],[{"$bytes":"c2VjcmV0"},{"$redacted":true}]]}
//	{'state_dict': OrderedDict(w=w, b=b), 'step': w, 'meta': m}
//		{"state_dict":{"$tensors":2},"step":{"$tensor":{"dtype":"float32","shape":[2,3],"path":"/state_dict/w"}},"meta":{"$tensor":{"dtype":"float32","shape":[1],"reason":"meta"}}}
//	numpy.array([None, 'a'], dtype=object)
//		{"$tensor":{"dtype":"object","shape":[2],"items":[null,"a"]}}
//	all: OrderedDict(w=w) with _metadata
//		{"$dict":{"class":"collections.OrderedDict","items":{"w":{"$tensor":{"dtype":"float32","shape":[2,3],"path":"/state_dict/w","class":"torch.nn.parameter.Parameter","state":{"tag":1}}}},"state":{"_metadata":{"":{"version":1}}}}}
//	all: defaultdict(list, {1: 2})
//		{"$dict":{"class":"collections.defaultdict","factory":{"$global":"builtins.list"},"items":[[1,2]]}}
//	[torch.Size([2, 3]), torch.float32, torch.device('cuda', 0), list, a.b's C.d]
//		[{"$size":[2,3]},{"$dtype":"float32"},{"$device":"cuda:0"},{"$global":"builtins.list"},{"$global":["a.b","C.d"]}]
//	[numpy.float32(0.1), numpy.dtype('>i2'), numpy.complex64(1+2j), numpy.bool_(True), numpy.str_('a')]
//		[{"$numpy":{"dtype":"<f4","value":0.1}},{"$numpy":{"dtype":">i2"}},{"$numpy":{"dtype":"<c8","value":{"$complex":[1.0,2.0]}}},{"$numpy":{"dtype":"|b1","value":true}},{"$numpy":{"dtype":"<U1","value":{"$bytes":"YQAAAA=="}}}]
//	argparse.Namespace(lr=0.5, api_key='k')
//		{"$object":"argparse.Namespace"}
//	all: argparse.Namespace(lr=0.5, api_key='k')
//		{"$object":{"class":"argparse.Namespace","new":true,"state":{"lr":0.5,"api_key":{"$redacted":true}}}}
//	all: f(1)(x=2), with an item and a pair
//		{"$object":{"class":{"$object":{"class":"m.f","args":[1]}},"kwargs":{"x":2},"items":[3],"pairs":{"k":4}}}
//	[the persistent id 'x', an untyped storage]
//		[{"$persistent":"x"},{"$storage":{"key":"0","dtype":"untyped","bytes":24}}]
package tagged
