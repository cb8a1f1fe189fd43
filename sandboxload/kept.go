package sandboxload

import (
	"io"

	"depickle/sandboxload/value"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// kept counts what a checkpoint keeps, over all files inside it. The machine
// counts what is on its way there; between them they bound the memory.
type kept struct {
	tensors *int
	objects int64 // containers, and what calls made
	items   int64 // values in containers
	hashed  int64 // bytes of keys
}

// keep counts objects and items that were made.
func (ld *loader) keep(objects, items int) error {
	k := ld.kept
	if k.objects += int64(objects); k.objects > ld.limits.Objects {
		return limit.Objects.Exceeded(ld.limits.Objects, ld.in.Offset())
	}
	if k.items += int64(items); k.items > ld.limits.Items {
		return limit.Items.Exceeded(ld.limits.Items, ld.in.Offset())
	}
	return nil
}

// tensor counts a tensor.
func (ld *loader) tensor() error {
	if *ld.kept.tensors++; *ld.kept.tensors > ld.limits.Tensors {
		return limit.Tensors.Exceeded(int64(ld.limits.Tensors), ld.in.Offset())
	}
	return nil
}

// item counts a value that a container takes.
func (ld *loader) item(v value.Value) error {
	if t, ok := v.(*value.Tuple); ok && len(t.Items) <= freshTuple {
		return ld.keep(1, 1+len(t.Items))
	}
	return ld.keep(0, 1)
}

// set stores v under key k. A pickle can use the same long text as a key again
// and again, so the bytes that are hashed are bounded.
func (ld *loader) set(d *value.Dict, k, v value.Value) error {
	ld.kept.hashed += value.KeyCost(k)
	if b, ok := k.(*value.Blob); ok {
		var err error
		if k, err = ld.whole(b); err != nil {
			return err
		}
	}
	if most := ld.limits.Kept * 4; ld.kept.hashed > most {
		return limit.Exceeded("bytes of keys, counted each time that they are used", most, ld.in.Offset())
	}
	before := d.Len()
	if !d.Set(k, v) {
		return ld.unsupported("a key cannot be hashed")
	}
	if d.Len() == before {
		return ld.item(v) // in place of another
	}
	if err := ld.item(k); err != nil {
		return err
	}
	return ld.item(v)
}

// whole is a long text or bytes, in memory: a key is equal to another of the
// same characters, and may be a tensor's name.
func (ld *loader) whole(b *value.Blob) (value.Value, error) {
	if b.Extent.Len > ld.limits.Text {
		return nil, limit.Text.Exceeded(ld.limits.Text, ld.in.Offset())
	}
	raw, err := io.ReadAll(ld.src.Section(b.Extent))
	if err != nil {
		return nil, err
	}
	s, err := opcode.Text(b.Code, raw)
	if err != nil {
		return nil, ld.malformed("%v", err)
	}
	switch b.Code {
	case opcode.String, opcode.BinString, opcode.ShortBinString:
		return value.Str2(s), nil
	case opcode.Unicode, opcode.BinUnicode, opcode.ShortBinUnicode, opcode.BinUnicode8:
		return value.Str(s), nil
	}
	return value.Bytes(s), nil
}
