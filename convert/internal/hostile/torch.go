package hostile

import "strings"

// storage is torch's persistent id of one, with a numel that is a pickled
// integer.
func storage(class, key, numel string) string {
	return tuple(str("storage"), global("torch", class), key, str("cpu"), numel) + "Q"
}

// floats is the storage "0" of two float32.
func floats() string { return storage("FloatStorage", str("0"), num(2)) }

// rebuild is a tensor of a storage; offset, size and stride are pickled.
func rebuild(storage, offset, size, stride string) string {
	return call(global("torch._utils", "_rebuild_tensor_v2"), storage, offset, size, stride,
		"\x89", call(global("collections", "OrderedDict")))
}

// vector is a contiguous tensor of n elements of a FloatStorage of as many.
func vector(key string, n int32) string {
	return rebuild(storage("FloatStorage", str(key), num(n)), num(0), tuple(num(n)), tuple(num(1)))
}

// weights is a state_dict of one tensor: two elements of storage "0".
func weights() string { return dict(str("w"), vector("0", 2)) }

// eight is the data of two float32.
const eight = "\x00\x00\x80\x3f\x00\x00\x00\x40"

// checkpoint is an archive as torch writes it: the object and its storages,
// by number.
func checkpoint(object Data, storages ...string) archive {
	a := archive{members: []member{
		{name: "archive/data.pkl", data: object},
		{name: "archive/byteorder", data: bytesOf("little")},
	}}
	for i, s := range storages {
		a.members = append(a.members, member{name: "archive/data/" + decimal(i), data: bytesOf(s)})
	}
	a.members = append(a.members, member{name: "archive/version", data: bytesOf("3\n")})
	return a
}

// plainCheckpoint is one in order, which lies are told in.
func plainCheckpoint() archive { return checkpoint(bytesOf(proto2(weights())), eight) }

// holding is a checkpoint of an object that is one opcode string, and the
// storage "0" of two float32.
func holding(object string) func() Data {
	return func() Data { return checkpoint(bytesOf(proto2(object)), eight).data() }
}

// withTensor is a checkpoint of a state_dict that holds a tensor beside
// something.
func withTensor(body string) func() Data {
	return holding(dict(str("w"), vector("0", 2), str("x"), body))
}

// altered is the checkpoint in order after a change.
func altered(change func(*archive)) func() Data {
	return func() Data {
		a := plainCheckpoint()
		change(&a)
		return a.data()
	}
}

// legacyMagic opens a file of torch before 1.6.
const legacyMagic = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

// legacyFile is such a file, all of whose parts can lie.
type legacyFile struct {
	protocol, sysInfo, object, keys string
	data                            Data
}

// legacyCheckpoint is one in order.
func legacyCheckpoint() legacyFile {
	return legacyFile{
		protocol: proto2("M\xe9\x03"),
		sysInfo:  proto2(dict(str("protocol_version"), num(1001), str("little_endian"), "\x88")),
		object:   proto2(weights()),
		keys:     proto2(list(str("0"))),
		data:     bytesOf(elements(2, eight)),
	}
}

func (f legacyFile) bytes() Data {
	return join(bytesOf(legacyMagic+f.protocol+f.sysInfo+f.object+f.keys), f.data)
}

// elements is a storage of a legacy file: a count, then the elements.
func elements(n int64, data string) string { return u64(uint64(n)) + data }

// legacyAltered is the legacy file in order after a change.
func legacyAltered(change func(*legacyFile)) func() Data {
	return func() Data {
		f := legacyCheckpoint()
		change(&f)
		return f.bytes()
	}
}

func zeros(n int) string { return strings.Repeat("\x00", n) }
