package scan_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

// Pickles are written by hand, as strings of opcodes.

func global(module, name string) string { return "c" + module + "\n" + name + "\n" }

// str is BINUNICODE.
func str(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// raw is BINBYTES.
func raw(s string) string {
	return "B" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// num is BININT.
func num(n int32) string { return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// big is LONG.
func big(n int64) string { return fmt.Sprintf("L%dL\n", n) }

// tuple is MARK … TUPLE.
func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

// call is REDUCE.
func call(callee string, args ...string) string { return callee + tuple(args...) + "R" }

// stack is STACK_GLOBAL.
func stack(module, name string) string { return str(module) + str(name) + "\x93" }

// proto2 is a whole pickle of protocol 2.
func proto2(body string) string { return "\x80\x02" + body + "." }

// storage is torch's persistent id of one.
func storage(class, key string, numel int32) string {
	return tuple(str("storage"), global("torch", class), str(key), str("cpu"), num(numel)) + "Q"
}

// tensor is a contiguous vector of a FloatStorage.
func tensor(key string, n int32) string {
	return call(global("torch._utils", "_rebuild_tensor_v2"), storage("FloatStorage", key, n), num(0), tuple(num(n)), tuple(num(1)),
		"\x89", call(global("collections", "OrderedDict")))
}

type member struct{ name, data string }

// archive is a zip of stored members.
func archive(t testing.TB, members ...member) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

const magic = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

// legacy is a file of torch before 1.6: five pickles, then the storages.
func legacy(object, keys, storages string) []byte {
	return []byte(magic + proto2("M\xe9\x03") + proto2("}") + object + keys + storages)
}

func keyList(keys ...string) string {
	s := "](" // EMPTY_LIST MARK … APPENDS
	for _, k := range keys {
		s += str(k)
	}
	return proto2(s + "e")
}

// elements is a storage of a legacy file: a count, then the elements.
func elements(n int64, data string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) + data
}

// judge scans bytes as a file of their own.
func judge(t testing.TB, data []byte) *scan.Report {
	t.Helper()
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r, c, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Valid() != r.Complete {
		t.Fatalf("clearance valid: %v, report complete: %v", c.Valid(), r.Complete)
	}
	return r
}

// found lists a report's findings as "severity id @offset".
func found(r *scan.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s @%d", f.Severity, f.ID, f.Offset))
	}
	return out
}

func has(r *scan.Report, id string) *scan.Finding {
	for i := range r.Findings {
		if r.Findings[i].ID == id {
			return &r.Findings[i]
		}
	}
	return nil
}
