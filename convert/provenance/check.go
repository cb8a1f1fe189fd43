package provenance

import (
	"slices"
	"strings"

	"depickle/scan/fault"
)

// check proves what a record must hold, on the way out as on the way in.
func (r *Record) check() error {
	for _, name := range []string{r.Source.Name, r.Output.Name} {
		if name == "" || strings.ContainsAny(name, `/\`) {
			return invalid("%s is not the name of a file alone", fault.Quote(name))
		}
	}
	if r.Source.Size < 0 || r.Output.Size < 0 {
		return invalid("negative size")
	}
	switch r.Severity {
	case "clean", "suspicious", "dangerous":
	default:
		return invalid("unknown severity %s", fault.Quote(r.Severity))
	}
	switch r.Verdict {
	case "clean", "suspicious", "dangerous", "inconclusive":
	default:
		return invalid("unknown verdict %s", fault.Quote(r.Verdict))
	}
	if len(r.Values) > MaxValues {
		return fault.New(fault.Limit, "conversion record: values of more than %d bytes", MaxValues)
	}
	if len(r.Values) > 0 && !r.Values.IsValid() {
		return invalid("values are not strict JSON")
	}
	if len(r.Options) > maxOptions {
		return fault.New(fault.Limit, "conversion record: more than %d options", maxOptions)
	}
	return r.checkNumbers()
}

func (r *Record) checkNumbers() error {
	for i := range r.Findings {
		if r.Findings[i].Offset < -1 {
			return invalid("negative offset of finding %s", fault.Quote(r.Findings[i].ID))
		}
	}
	for i := range r.Globals {
		if r.Globals[i].Count < 0 {
			return invalid("negative count of global %s", fault.Quote(r.Globals[i].Name))
		}
	}
	for i := range r.Tensors {
		if err := checkShape(r.Tensors[i].Name, r.Tensors[i].Shape); err != nil {
			return err
		}
	}
	for i := range r.NotSelected {
		if err := checkShape(r.NotSelected[i].Path, r.NotSelected[i].Shape); err != nil {
			return err
		}
	}
	return nil
}

func checkShape(name string, shape []int64) error {
	if len(shape) > maxRank {
		return fault.New(fault.Limit, "conversion record: %s has more than %d dimensions", fault.Quote(name), maxRank)
	}
	if slices.ContainsFunc(shape, negative) {
		return invalid("negative dimension of %s", fault.Quote(name))
	}
	return nil
}

func negative(n int64) bool { return n < 0 }

func invalid(format string, args ...any) error {
	return fault.New(fault.Malformed, "conversion record: "+format, args...)
}

func unknownSchema(s string) error {
	return fault.New(fault.Unsupported, "conversion record of schema %s: only %s is known", fault.Quote(s), Schema)
}
