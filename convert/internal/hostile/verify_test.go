package hostile

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/scan/fault"
)

// verify reads the output back, or the vector as if it were one.
func verify(ctx context.Context, t *testing.T, v *Vector, in *convert.Input, path, out string) {
	t.Helper()
	if !v.Output && v.Convert == OK {
		got, err := convert.Verify(ctx, out, out+".json", in)
		if err != nil || !got.Consistent || !got.MatchesSource {
			t.Errorf("verify of the output: %+v, %v", got, err)
		}
		holds(t, out, v.Holds)
		return
	}
	if !v.Output {
		empty(t, filepath.Dir(out))
	}
	_, err := convert.Verify(ctx, path, path+".json", nil)
	switch {
	case !v.Output && err == nil:
		t.Error("verify takes the checkpoint for an output")
	case !v.Output:
		oneLine(t, err.Error(), "")
	case verifyExit(err) != v.Verify:
		t.Errorf("verify exits %d, want %d: %v", verifyExit(err), v.Verify, err)
	case err != nil:
		oneLine(t, err.Error(), v.Says)
		if len(err.Error()) > 2000 {
			t.Errorf("says %d bytes", len(err.Error()))
		}
	}
}

// holds looks for a text in the header of an output.
func holds(t *testing.T, path, want string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := b[8 : 8+le.Uint64(b)]
	if !strings.Contains(string(head), want) {
		t.Errorf("the header does not hold %.100s: %.500s", want, head)
	}
}

// verifyExit is the program's.
func verifyExit(err error) int {
	switch {
	case err == nil:
		return OK
	case fault.Is(err, fault.Changed), fault.Is(err, fault.Malformed):
		return Refused
	}
	return Failed
}

// empty proves that nothing was left behind.
func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("%s was left behind", f.Name())
	}
}
