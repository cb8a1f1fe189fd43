// Package hostile writes files that are made to crash, hang, exhaust or
// deceive whoever reads them, and says what depickle must make of each.
//
// A [Vector] is one scenario: one lie in a file that is otherwise in order,
// with the exit status of every command and what the one line on standard
// error must say. Among them stand benign twins, which must convert, so that
// a tool that refuses everything fails too. [All] lists them.
//
// The package writes and reads nothing by itself: a vector's bytes are runs of
// text, so that one of gigabytes costs none. Its tests run every vector through
// decoder, judge, loader, conversion and verification in this process, and
// write them out for testdata/tools/hostile.py, which runs the commands in
// child processes under a bound of time and memory. What it defends against is
// what its vectors show; it proves nothing of others.
//
// Sources: PKWARE's APPNOTE 6.3.10 (zip) and RFC 1951 (deflate); CPython's
// Modules/_pickle.c and Lib/pickletools.py; torch/serialization.py and
// torch/_utils.py; numpy/_core/multiarray; the SafeTensors format description.
package hostile

import (
	"slices"
	"strings"
)

// Exit statuses of the program.
const (
	OK      = 0 // done; for scan: clean and read whole
	Refused = 1 // dangerous or suspicious; for verify: it does not hold
	Failed  = 2 // could not be done or decided
)

// Vector is one hostile file, or a benign twin of some.
type Vector struct {
	// Name is a file name without suffix; what stands before the first dash
	// is its topic.
	Name string
	// Why says what the file tries.
	Why string
	// Make gives the file's bytes.
	Make func() Data
	// Output is set for what verify is given: a SafeTensors file, with Record,
	// unless it is nil, beside it. The others are checkpoints.
	Output bool
	Record func() Data

	// Scan, Convert and Verify are exit statuses. Verify is that of the file
	// as an output; of a checkpoint it is never [OK], and not given.
	Scan, Convert, Verify int
	// Says is part of the one line on standard error: of convert, or, for an
	// output, of verify. It is empty where that exits 0.
	Says string
	// Holds is part of the header of the output, as JSON spells it.
	Holds string
}

// All lists every vector. Names are unique.
func All() []Vector {
	return sound(slices.Concat(
		benign(), foreign(), truncated(),
		zipMembers(), zipHeaders(), zipDirectory(), zip64(), deflated(), bombs(),
		legacy(), legacyStorages(),
		opcodes(), lengths(), literals(), text(), frames(), floods(), nesting(), sharing(), keys(),
		globals(), calls(), sizes(), storages(), geometry(), aliases(), numpyArrays(), names(),
		outputs(), headers(), records(), compressed(),
	))
}

// sound marks those that a scan finds in order, though nothing can be
// converted: an archive without pickles, and SafeTensors files that keep to
// their format, whatever their digests say, or the record beside them, which a
// scan does not read. That is for verify to find.
func sound(all []Vector) []Vector {
	for i := range all {
		switch name := all[i].Name; name {
		case "foreign-safetensors", "zip-no-object", "output-benign", "output-changed", "output-renamed", "output-alias-added",
			"output-no-digest", "header-spaces-50MB", "header-empty-tensors-60k", "header-aliases-50k":
			all[i].Scan = OK
		default:
			if strings.HasPrefix(name, "record-") {
				all[i].Scan = OK
			}
		}
	}
	return all
}

// fine is a benign twin: clean, and converted.
func fine(name, why string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Make: make}
}

// named is one whose output has a tensor of that name, as JSON spells it.
func named(name, why, holds string, make func() Data) Vector {
	v := fine(name, why, make)
	v.Holds = `"` + holds + `":{"dtype":`
	return v
}

// inert is converted although it is suspicious: what is strange stays inert.
func inert(name, why string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Make: make, Scan: Refused}
}

// refused is dangerous.
func refused(name, why, says string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Make: make, Scan: Refused, Convert: Refused, Says: says}
}

// failed cannot be read whole.
func failed(name, why, says string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Make: make, Scan: Failed, Convert: Failed, Says: says}
}

// late is clean to the judge, who runs the pickle and keeps nothing, and is
// not converted: it holds no tensors, too much of something, or what
// SafeTensors has no form for.
func late(name, why, says string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Make: make, Convert: Failed, Says: says}
}

// odd is suspicious, and not converted for another reason.
func odd(name, why, says string, make func() Data) Vector {
	return Vector{Name: name, Why: why, Make: make, Scan: Refused, Convert: Failed, Says: says}
}
