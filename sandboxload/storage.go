package sandboxload

import (
	"math"
	"strconv"
	"strings"

	"depickle/sandboxload/internal/canonical"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"

	"github.com/nlpodyssey/gopickle/types"
)

// persistentLoad resolves a persistent id of canonical form.
func (ld *loader) persistentLoad(id any) (any, error) {
	switch id := id.(type) {
	case bool:
		return ld.atom()
	case *types.Tuple:
		switch len(*id) {
		case 1:
			v, err := ld.value((*id)[0], 0)
			if err != nil {
				return nil, err
			}
			return ld.made(ld.persistent(v))
		case 2:
			items, ok1 := (*id)[0].(*types.Tuple)
			what, ok2 := (*id)[1].(int)
			if ok1 && ok2 && what > 0 && what <= math.MaxUint8 {
				return ld.own(canonical.Own(what), *items)
			}
		}
	}
	return nil, ld.malformed("a persistent id is not in canonical form")
}

// persistent models torch's persistent_load (torch/serialization.py).
func (ld *loader) persistent(id value.Value) (value.Value, error) {
	if s, ok := id.(value.Str); ok {
		t, ok := container.ParseTextID(string(s))
		if !ok {
			return &value.Persistent{ID: id}, nil
		}
		return ld.storage([]value.Value{value.Str("storage"), value.Global{Module: t.Module, Name: t.Class},
			value.Str(t.Key), value.Str(t.Location), value.Int(t.Numel)})
	}
	t, ok := id.(*value.Tuple)
	if !ok || len(t.Items) == 0 {
		return &value.Persistent{ID: id}, nil
	}
	tag, _ := value.Text(t.Items[0])
	switch {
	case tag == "storage" && (len(t.Items) == 5 || len(t.Items) == 6):
		return ld.storage(t.Items)
	case tag == "module" && len(t.Items) == 4 && ld.src.Format == container.TorchLegacy:
		// (tag, class, source file, source text): torch warns when the
		// source differs, and takes the class.
		if g, ok := t.Items[1].(value.Global); ok {
			return g, nil
		}
	}
	return &value.Persistent{ID: id}, nil
}

// storageName tells storages apart. An untyped one may have a typed one of the
// same bytes beside it, under the same key.
type storageName struct {
	key     string
	untyped bool
}

// storage is ("storage", class, key, location, numel[, view_metadata]).
func (ld *loader) storage(id []value.Value) (value.Value, error) {
	class, ok1 := id[1].(value.Global)
	key, ok2 := storageKey(id[2])
	location, ok3 := value.Text(id[3])
	numel, ok4 := id[4].(value.Int)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil, ld.malformed("a storage's persistent id is not (storage, class, key, location, numel)")
	}
	d, untyped, ok := storageClass(class)
	if !ok {
		return nil, ld.malformed("%s is no storage class of torch", fault.Quote(class.String()))
	}
	bytes, ok := limit.Mul(int64(numel), d.Size())
	if !ok {
		return nil, ld.malformed("storage %s: its size is negative or overflows", fault.Quote(key))
	}
	if err := ld.spelled(id[2], key); err != nil {
		return nil, err
	}
	if ld.views[key] != nil && ld.storages[storageName{key, untyped}] == nil {
		return nil, ld.unsupported("storage " + fault.Quote(key) + " has the key of a view, for which torch takes it")
	}
	name := storageName{key, untyped}
	root := ld.storages[name]
	if root == nil {
		root = &value.Storage{Key: key, DType: d, Untyped: untyped, Location: location, Bytes: bytes, BigEndian: ld.src.BigEndian}
		ld.storages[name] = root
	}
	declared := container.Declared{Key: key, Class: class.Name, ElemSize: d.Size(), Numel: int64(numel)}
	if err := ld.places.Declare(declared); err != nil {
		return nil, err
	}
	if len(id) == 6 {
		return ld.view(root, id[5])
	}
	return root, nil
}

// view is legacy torch's view_metadata: None, or (key, offset, numel) of a
// part of the root storage, in elements.
func (ld *loader) view(root *value.Storage, v value.Value) (value.Value, error) {
	if _, none := v.(value.None); none {
		return root, nil
	}
	t, ok := v.(*value.Tuple)
	if !ok || len(t.Items) != 3 {
		return nil, ld.malformed("a storage's view is not (key, offset, numel)")
	}
	key, ok1 := storageKey(t.Items[0])
	off, ok2 := t.Items[1].(value.Int)
	n, ok3 := t.Items[2].(value.Int)
	if !ok1 || !ok2 || !ok3 {
		return nil, ld.malformed("a storage's view is not (key, offset, numel)")
	}
	size := root.DType.Size()
	start, fits1 := limit.Mul(int64(off), size)
	bytes, fits2 := limit.Mul(int64(n), size)
	end, fits3 := limit.Add(start, bytes)
	if !fits1 || !fits2 || !fits3 || end > root.Bytes {
		return nil, ld.malformed("storage %s: the view %s reaches outside of it", fault.Quote(root.Key), fault.Quote(key))
	}
	if err := ld.spelled(t.Items[0], key); err != nil {
		return nil, err
	}
	if old := ld.views[key]; old != nil {
		if old.Root == root && (old.Extent.Off != start || old.Bytes != bytes) {
			return nil, ld.malformed("view %s is declared twice, differently", fault.Quote(key))
		}
		if old.Root != root {
			return nil, ld.unsupported("view " + fault.Quote(key) + " has the key of a view of another storage, for which torch takes it")
		}
		return old, nil
	}
	// torch keeps roots and views under their keys in one dict, and gives what
	// it has there (torch/serialization.py, _legacy_load, persistent_load).
	if same := ld.rootOf(key); same != nil {
		if same == root && start == 0 && bytes == root.Bytes {
			return root, nil
		}
		return nil, ld.unsupported("view " + fault.Quote(key) + " has the key of a storage, for which torch takes it")
	}
	s := &value.Storage{Key: root.Key, DType: root.DType, Location: root.Location, Bytes: bytes, Root: root,
		BigEndian: root.BigEndian, Extent: container.Extent{Off: start}}
	ld.views[key] = s
	return s, nil
}

// rootOf is the storage of that key, nil for none.
func (ld *loader) rootOf(key string) *value.Storage {
	if s := ld.storages[storageName{key, false}]; s != nil {
		return s
	}
	return ld.storages[storageName{key, true}]
}

// spelled refuses a legacy file that writes one key as a str here and as an int
// there. To torch, which looks keys up as they are, these are two storages.
func (ld *loader) spelled(v value.Value, key string) error {
	if ld.src.Format != container.TorchLegacy {
		return nil
	}
	_, number := v.(value.Int)
	if was, ok := ld.numbers[key]; ok && was != number {
		return ld.unsupported("storage key " + fault.Quote(key) + " is a text here and a number there, which torch tells apart")
	}
	ld.numbers[key] = number
	return nil
}

func storageKey(v value.Value) (string, bool) {
	if n, ok := v.(value.Int); ok {
		return strconv.FormatInt(int64(n), 10), true
	}
	return value.Text(v)
}

// storageClass finds the dtype of a storage class. torch looks at the module
// only to import it; here it must be one of torch's own.
func storageClass(g value.Global) (d tensor.DType, untyped, ok bool) {
	switch g.Module {
	case "torch", "torch.cuda", "torch.storage":
		return tensor.ByStorage(strings.TrimPrefix(g.Name, "_"))
	}
	return tensor.Invalid, false, false
}
