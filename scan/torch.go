package scan

import (
	"errors"
	"strconv"
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/policy"
	"depickle/scan/tensor"
)

// storage is what a persistent id declares, noted at its node.
type storage struct {
	dtype tensor.DType
	bytes int64
}

// storage judges ("storage", class, key, location, numel[, view]): its record
// must have the size that it declares, since loaders trust it.
func (j *judge) storage(result machine.Value, items []machine.Value) {
	wrong := func(text string) { j.find(Dangerous, "storage-mismatch", "", text) }
	key, ok := j.key(items[2])
	if !ok || items[1].Kind != machine.Global || items[4].Kind != machine.Int {
		wrong("a storage's persistent id is not (storage, class, key, location, numel)")
		return
	}
	numel := items[4].Num
	s := j.declare(result, global(items[1]), key, numel)
	if s == nil || len(items) != 6 || items[5].Kind == machine.None {
		return
	}
	view, ok := items[5].Tuple()
	if !ok || len(view) != 3 || view[1].Kind != machine.Int || view[2].Kind != machine.Int {
		wrong("a storage's view is not (key, offset, numel)")
		return
	}
	end, ok := limit.Add(view[1].Num, view[2].Num)
	if !ok || end > numel {
		wrong("storage " + fault.Quote(key) + ": a view reaches outside of it")
		return
	}
	s.bytes = view[2].Num * s.dtype.Size()
}

// declare notes a storage at the node of its persistent id. It returns nil
// where that is a finding.
func (j *judge) declare(result machine.Value, g policy.Global, key string, numel int64) *storage {
	d, _, known := tensor.ByStorage(strings.TrimPrefix(g.Name, "_"))
	if !known || (g.Module != "torch" && g.Module != "torch.cuda" && g.Module != "torch.storage") {
		j.find(Dangerous, "storage-mismatch", "", fault.Quote(g.Module+"."+g.Name)+" is no storage class of torch")
		return nil
	}
	if err := j.places.Declare(container.Declared{Key: key, Class: g.Name, ElemSize: d.Size(), Numel: numel}); err != nil {
		j.storageFault(err)
		return nil
	}
	s := &storage{dtype: d, bytes: numel * d.Size()}
	result.Node.Mark = s
	return s
}

// storageFault notes a storage that is not there, which makes the file
// incomplete, or is not what the pickle says.
func (j *judge) storageFault(err error) {
	var lie *container.Disagreement
	if errors.As(err, &lie) {
		j.find(Dangerous, "storage-mismatch", "", err.Error())
		return
	}
	j.find(Inconclusive, "storage-missing", "", err.Error())
}

func (j *judge) key(v machine.Value) (string, bool) {
	if v.Kind == machine.Int {
		return strconv.FormatInt(v.Num, 10), true
	}
	return j.m.Text(v)
}

// rebuild judges the geometry of a tensor: (storage, offset, size, stride, …)
// must lie inside of the storage.
func (j *judge) rebuild(rule policy.Rule, g policy.Global, args []machine.Value) {
	least := map[policy.Rule]int{policy.RebuildTensorV1: 4, policy.RebuildTensorV2: 6, policy.RebuildTensorV3: 7}[rule]
	if len(args) < least || len(args) > least+1 || (rule == policy.RebuildTensorV1 && len(args) != 4) {
		j.bad(g, "has "+strconv.Itoa(len(args))+" arguments")
		return
	}
	var st *storage
	if args[0].Node != nil {
		st, _ = args[0].Node.Mark.(*storage)
	}
	if st == nil {
		if args[0].Kind == machine.Persistent {
			return // a finding already
		}
		j.bad(g, "rebuilds a tensor from what is no storage")
		return
	}
	shape, ok1 := j.ints(args[2])
	stride, ok2 := j.ints(args[3])
	if args[1].Kind != machine.Int || !ok1 || !ok2 {
		j.bad(g, "has an offset, size or stride that is no int")
		return
	}
	d := st.dtype
	if rule == policy.RebuildTensorV3 {
		var known bool
		if d, known = dtypeOf(args[6]); !known {
			j.bad(g, "has a dtype that torch does not have")
			return
		}
	}
	geo := tensor.Geometry{Offset: args[1].Num, Shape: shape, Stride: stride}
	if text := geo.Check(st.bytes / d.Size()); text != "" {
		j.find(Dangerous, "tensor-geometry", "", "a tensor's "+text)
	}
}

func dtypeOf(v machine.Value) (tensor.DType, bool) {
	if v.Kind != machine.Global || v.Node.Opaque {
		return tensor.Invalid, false
	}
	g := global(v)
	d, ok := tensor.ByName(g.Name)
	return d, ok && g.Module == "torch"
}

// ints reads a shape: a tuple, or a torch.Size made of one.
func (j *judge) ints(v machine.Value) ([]int64, bool) {
	if callee, ok := v.Callee(); ok && callee.IsGlobal("torch", "Size") {
		args, ok := v.Args()
		if !ok || len(args) != 1 {
			return nil, ok && len(args) == 0
		}
		v = args[0]
	}
	return v.Ints()
}

// builtObject judges BUILD into what a known constructor made. What numpy
// arrays and old tensors get as state is arithmetic too.
func (j *judge) builtObject(ev *machine.Event) {
	callee, _ := ev.Target.Callee()
	if callee.Kind != machine.Global || callee.Node.Opaque {
		return
	}
	switch g := global(callee); {
	case g.Name == "_reconstruct" && policy.Decide(g).Rule == policy.Allocator:
		j.arrayState(g, ev.State)
	case policy.Decide(g).Rule == policy.Getattr:
		j.bad(g, "gets its result's attributes changed")
	}
}

// arrayState judges ndarray's state: (version, shape, dtype, order, data).
func (j *judge) arrayState(g policy.Global, state machine.Value) {
	items, ok := state.Tuple()
	if !ok || len(items) < 4 {
		return
	}
	items = items[len(items)-4:]
	shape, ok := items[0].Ints()
	if !ok {
		return
	}
	n, ok := tensor.Numel(shape)
	if !ok {
		j.bad(g, "makes an array whose shape is negative or overflows")
		return
	}
	size, ok := itemSize(j, items[1])
	if !ok || items[3].Kind != machine.Bytes {
		return
	}
	if want, ok := limit.Mul(n, size); !ok || want != items[3].Len {
		j.bad(g, "makes an array of another size than its data has")
	}
}

// itemSize is the bytes of one element of a plain numpy dtype.
func itemSize(j *judge, v machine.Value) (int64, bool) {
	callee, ok := v.Callee()
	if !ok || !callee.IsGlobal("numpy", "dtype") {
		return 0, false
	}
	args, ok := v.Args()
	if !ok || len(args) == 0 {
		return 0, false
	}
	spec, ok := j.m.Text(args[0])
	if !ok || len(spec) < 2 || !strings.Contains("biufc", spec[:1]) {
		return 0, false
	}
	n, err := strconv.ParseInt(spec[1:], 10, 64)
	return n, err == nil && n > 0
}

// keysEnd finds a legacy file's storages, once its last pickle is read.
func (j *judge) keysEnd() {
	keys, ok := j.legacyKeys()
	if !ok {
		j.find(Dangerous, "storage-mismatch", "", "the legacy file's storage keys are no list of strings")
		return
	}
	end, err := j.places.Keys(keys)
	if err != nil {
		j.storageFault(err)
		return
	}
	file := j.src.File()
	if rest := file.Off + file.Len - end; rest > 0 {
		j.add(Finding{ID: "bytes-unaccounted", Severity: Inconclusive, Offset: end, Stream: j.st.Index,
			Message: "bytes follow the last storage"})
		j.missing += rest
	}
}

// legacyKeys are the strings of the list that ends a legacy file's pickles.
func (j *judge) legacyKeys() ([]string, bool) {
	return j.keys, j.keysOK && j.ev != nil && j.ev.Result.Kind == machine.List
}

// noteKeys collects what is stored while the keys' stream runs.
func (j *judge) noteKeys(items []machine.Value) {
	for _, v := range items {
		key, ok := j.key(v)
		j.keysOK = j.keysOK && ok
		j.keys = append(j.keys, key)
	}
}
