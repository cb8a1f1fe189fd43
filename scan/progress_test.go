package scan_test

import (
	"bytes"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

// TestProgress: it never goes back, and ends where all is judged, also where a
// checkpoint lies inside and where a pickle ends early.
func TestProgress(t *testing.T) {
	keys := keysPickle(20_000)
	inside := proto2(global("torch.storage", "_load_from_bytes") + tuple(raw(string(keys))) + "R")
	for name, file := range map[string][]byte{
		"one":     keys,
		"several": append(append([]byte{}, keys...), keys...),
		"zip":     tensorsFile(t, 2000),
		"nested":  []byte(inside),
		"damaged": keys[:len(keys)/2],
	} {
		src, err := container.Open(bytes.NewReader(file), int64(len(file)), container.Options{TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		var want int64
		for _, st := range src.Streams {
			want += st.Extent.Len
		}
		var last int64
		calls := 0
		_, _, err = scan.Scan(t.Context(), src, scan.Options{Progress: func(done, total int64) {
			if done < last || done > total || total != want {
				t.Errorf("%s: %d of %d after %d, want %d in all", name, done, total, last, want)
			}
			last = done
			calls++
		}})
		if err != nil || last != want || calls < 2 && name != "nested" {
			t.Errorf("%s: ended at %d of %d after %d calls, %v", name, last, want, calls, err)
		}
		src.Close()
	}
}
