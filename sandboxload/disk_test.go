package sandboxload_test

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"depickle/sandboxload"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// TestDiskFails: a spool that cannot be made is not the pickle's fault, though
// the error comes through gopickle.
func TestDiskFails(t *testing.T) {
	text := strings.Repeat("a", 10_000)
	pickle := "\x80\x02}X\x01\x00\x00\x00kc_codecs\nencode\nX" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))) + text +
		"X\x06\x00\x00\x00latin1\x86Rs."
	gone := filepath.Join(t.TempDir(), "gone")
	src, err := container.Open(strings.NewReader(pickle), int64(len(pickle)), container.Options{TempDir: gone})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	_, err = sandboxload.Load(t.Context(), src, sandboxload.Options{})
	var f *fault.Error
	if !errors.Is(err, fs.ErrNotExist) || errors.As(err, &f) {
		t.Errorf("got %v", err)
	}
}
