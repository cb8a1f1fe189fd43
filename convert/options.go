package convert

import (
	"strconv"

	"depickle/convert/internal/fsx"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Version is depickle's. It stands in every output and record, and so is a
// constant: the same source gives the same bytes wherever it was built.
const Version = "0.1.0"

// Values says which values that are no tensors the record keeps.
type Values string

// The choices.
const (
	ValuesPlain Values = "plain" // numbers, strings, lists, dicts; the default
	ValuesNone  Values = "none"
	ValuesAll   Values = "all" // inert objects and their state too
)

// Options for Convert. The zero value is the strict, safe setting.
type Options struct {
	// Name is the source's file name, as the record shows it.
	Name string
	// Root is "auto" or "", "none", or a JSON Pointer.
	Root string
	// DropAliases writes one of several names for the same view.
	DropAliases bool
	// Strict refuses suspicious files.
	Strict bool
	// Disarm extracts the tensors of a dangerous file that is complete.
	Disarm bool
	// IgnoreCRC converts members whose CRC is wrong, and says so.
	IgnoreCRC bool
	// AllowEmpty writes an output without tensors.
	AllowEmpty bool
	// MaxOutput allows an output of that many bytes where the default, 64 MiB
	// or 4 times the decompressed source, is less.
	MaxOutput int64
	// Values says what the record keeps beside tensors; "" is plain.
	Values Values
	// Force replaces an output that exists.
	Force bool
	// NoRecord writes no record. RecordPath is where it goes otherwise; ""
	// for the output's path with ".json".
	NoRecord   bool
	RecordPath string
	// DryRun plans and checks, and writes nothing.
	DryRun bool
	// Recheck, if set, reports whether the source is still the file that was
	// opened.
	Recheck func() error
	// Progress, if set, is told how many bytes of how many are done. It may
	// be called from several goroutines.
	Progress func(done, total int64)
}

// record is the options as the record shows them.
func (o *Options) record() map[string]string {
	m := map[string]string{"root": "auto", "aliases": "copy", "values": string(ValuesPlain)}
	if o.Root != "" {
		m["root"] = o.Root
	}
	if o.DropAliases {
		m["aliases"] = "drop"
	}
	if o.Values != "" {
		m["values"] = string(o.Values)
	}
	for name, on := range map[string]bool{
		"strict": o.Strict, "disarm": o.Disarm, "ignore_crc": o.IgnoreCRC, "allow_empty": o.AllowEmpty,
	} {
		if on {
			m[name] = "true"
		}
	}
	if o.MaxOutput != 0 {
		m["max_output"] = strconv.FormatInt(o.MaxOutput, 10)
	}
	return m
}

// Sink decides where an output goes.
type Sink = fsx.Sink

// File puts the output at path.
func File(path string) Sink { return fsx.At(path) }

// Dir puts the output under its default name into a directory.
func Dir(path string) Sink { return fsx.Dir(path) }

// checkSize refuses an output that is large for its source: aliases and
// expanded views can make a small file huge.
func checkSize(bytes, decompressed int64, o *Options, l limit.Limits) error {
	most := l.MaxOutput(decompressed)
	if o.MaxOutput != 0 {
		most = o.MaxOutput
	}
	if bytes <= most {
		return nil
	}
	return fault.New(fault.Limit, "the output would have %s, and the most for this source is %s; --max-output %d allows it",
		limit.Size(bytes), limit.Size(most), bytes)
}
