package scan_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/limit"
)

// within judges a file within limits.
func within(t *testing.T, data string, l limit.Limits) *scan.Report {
	t.Helper()
	src, err := container.Open(bytes.NewReader([]byte(data)), int64(len(data)), container.Options{TempDir: t.TempDir(), Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r, c, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if (c != nil) != r.Complete {
		t.Fatalf("complete %v, clearance %v", r.Complete, c)
	}
	return r
}

// TestLimits: beyond a limit a file is incomplete, says which one, and keeps
// what was found before, and nothing that stands behind.
func TestLimits(t *testing.T) {
	getattrs := strings.Repeat(global("builtins", "getattr"), 5000)
	for _, c := range []struct {
		name, data string
		l          limit.Limits
		want       limit.Name // "" for none
		ids        string     // of the other findings
	}{
		{"opcodes", proto2(strings.Repeat("N0", 100) + "N"), limit.Limits{Opcodes: 203}, "", ""},
		{"an opcode too many", proto2(strings.Repeat("N0", 100) + "N"), limit.Limits{Opcodes: 202}, limit.Opcodes, ""},
		{"behind a finding", proto2(global("os", "system") + "0" + strings.Repeat("N0", 100) + "N"), limit.Limits{Opcodes: 50}, limit.Opcodes, "global-dangerous"},
		{"before a finding", proto2(strings.Repeat("N0", 100) + global("os", "system")), limit.Limits{Opcodes: 50}, limit.Opcodes, ""},
		{"memo", proto2("Nq\x00q\x01h\x00h\x01"), limit.Limits{Memo: 1}, limit.Memo, ""},
		{"stack", proto2("NNNN000"), limit.Limits{Stack: 3}, limit.Stack, ""},
		{"marks", proto2("((((1111N"), limit.Limits{Marks: 3}, limit.Marks, ""},
		{"objects", proto2("]]]]]]]"), limit.Limits{Objects: 4}, limit.Objects, ""},
		{"objects around a checkpoint inside", proto2(strings.Repeat("]", 6) + call(global("torch.storage", "_load_from_bytes"), raw("]]]]]]]]]]."))),
			limit.Limits{Objects: 12}, limit.Objects, "argument-form"},
		{"objects of a checkpoint inside", proto2("]" + call(global("torch.storage", "_load_from_bytes"), raw("]]]]]]]]]]."))),
			limit.Limits{Objects: 12}, "", "argument-form"},
		{"many that wait for their use", proto2(getattrs), limit.Limits{}, "", "global-dangerous"},
	} {
		r := within(t, c.data, c.l)
		var ids []string
		limits := ""
		for _, f := range r.Findings {
			if f.ID == "limit" {
				limits += f.Message
			} else {
				ids = append(ids, f.ID)
			}
		}
		if strings.Join(ids, " ") != c.ids || r.Complete != (c.want == "") || (c.want != "" && !strings.HasSuffix(limits, "; --limit "+string(c.want)+"=N allows more")) {
			t.Errorf("%s: complete %v, %q, %v", c.name, r.Complete, limits, ids)
		}
	}
}
