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

// storages is container's calculator with the parts of storages that legacy
// files declare, by root and name.
type storages struct {
	*container.Storages
	views map[string]view
}

type view struct{ off, numel int64 }

func newStorages(src *container.Source, st container.Stream) *storages {
	return &storages{src.NewStorages(st), map[string]view{}}
}

// storage judges ("storage", class, key, location, numel[, view]): its record
// must have the size that it declares, since loaders trust it.
func (j *judge) storage(result machine.Value, items []machine.Value) {
	class := global(items[1])
	key, ok1 := j.key(items[2])
	_, ok2 := j.m.Text(items[3])
	if class == nil || !ok1 || !ok2 || items[4].Kind != machine.Int {
		j.mismatch("a storage's persistent id is not (storage, class, key, location, numel)")
		return
	}
	t := j.declare(result, class.global, key, items[4].Num)
	if t == nil || len(items) != 6 || items[5].Kind == machine.None {
		return
	}
	part, ok := items[5].Tuple()
	if !ok || len(part) != 3 || part[1].Kind != machine.Int || part[2].Kind != machine.Int {
		j.mismatch("a storage's view is not (key, offset, numel)")
		return
	}
	name, ok := j.key(part[0])
	v := view{part[1].Num, part[2].Num}
	end, fits := limit.Add(v.off, v.numel)
	if !ok || !fits || end > items[4].Num {
		j.mismatch("storage " + fault.Quote(key) + ": a view reaches outside of it")
		return
	}
	name = key + "\x00" + name
	if old, twice := j.places.views[name]; twice && old != v {
		j.mismatch("storage " + fault.Quote(key) + ": a view is declared twice, differently")
		return
	}
	j.places.views[name] = v
	t.bytes = v.numel * t.dtype.Size()
}

func (j *judge) mismatch(text string) { j.find(Dangerous, "storage-mismatch", "", text) }

// declare notes a storage at the node of its persistent id. It returns nil
// where that is a finding.
func (j *judge) declare(result machine.Value, g policy.Global, key string, numel int64) *thing {
	d, _, known := tensor.ByStorage(strings.TrimPrefix(g.Name, "_"))
	if !known || (g.Module != "torch" && g.Module != "torch.cuda" && g.Module != "torch.storage") {
		j.mismatch(display(g.String()) + " is no storage class of torch")
		return nil
	}
	if err := j.places.Declare(container.Declared{Key: key, Class: g.Name, ElemSize: d.Size(), Numel: numel}); err != nil {
		j.storageFault(err)
		return nil
	}
	t := &thing{kind: aStorage, dtype: d, bytes: numel * d.Size()}
	result.Node.Mark = t
	return t
}

// storageFault notes a storage that is not there, which makes the file
// incomplete, or is not what the pickle says.
func (j *judge) storageFault(err error) {
	severity := Inconclusive
	if _, lie := err.(*container.Disagreement); lie {
		severity = Dangerous
	}
	if j.kept[severity] >= maxFindings {
		return // nobody would see it, and a file can have a million
	}
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) {
		if text = f.Text; f.Name != "" {
			text = "storage " + fault.Quote(f.Name) + ": " + text
		}
	}
	if severity == Dangerous {
		j.mismatch(text)
		return
	}
	j.find(Inconclusive, "storage-missing", "", text)
}

// maxKey is the longest key of a storage, in bytes; torch's are numbers.
const maxKey = 4096

func (j *judge) key(v machine.Value) (string, bool) {
	if v.Kind == machine.Int {
		return strconv.FormatInt(v.Num, 10), true
	}
	if v.Len() > maxKey {
		return "", false
	}
	return j.m.Text(v)
}

// ints reads a shape: a tuple of ints, or a torch.Size made of one.
func (j *judge) ints(args ...machine.Value) ([]int64, bool) {
	if len(args) == 0 {
		return nil, true
	}
	v := args[0]
	if callee, ok := v.Callee(); ok && callee.IsGlobal("torch", "Size") {
		inner, ok := v.Args()
		if !ok || len(inner) > 1 || (len(inner) == 1 && inner[0].Kind != machine.Tuple) {
			return nil, false
		}
		return j.ints(inner...)
	}
	if len(args) > 1 {
		return nil, false
	}
	return v.Ints()
}

// keys collects the list that ends a legacy file's pickles: what is stored in
// the one value that the stream leaves.
type keys struct {
	list  []string
	node  *machine.Node
	wrong bool
}

func (k *keys) note(j *judge, ev *machine.Event) {
	if j.st.Role != container.Keys {
		return
	}
	k.wrong = k.wrong || ev.Target.Kind != machine.List || (k.node != nil && k.node != ev.Target.Node)
	k.node = ev.Target.Node
	for _, v := range ev.Items {
		key, ok := j.key(v)
		k.wrong = k.wrong || !ok
		k.list = append(k.list, key)
	}
}

// keysEnd finds a legacy file's storages, once its last pickle is read.
func (j *judge) keysEnd() {
	end := j.ev.Result
	if j.keys.wrong || end.Kind != machine.List || (j.keys.node != nil && j.keys.node != end.Node) {
		j.mismatch("the legacy file's storage keys are no plain list of strings")
		return
	}
	off, err := j.places.Keys(j.keys.list)
	if err != nil {
		j.storageFault(err)
		return
	}
	file := j.src.File()
	if rest := file.Off + file.Len - off; rest > 0 {
		j.add(Finding{ID: "bytes-unaccounted", Severity: Inconclusive, Offset: off, Stream: j.st.Index,
			Message: "bytes follow the last storage"})
		j.missing += rest
	}
}
