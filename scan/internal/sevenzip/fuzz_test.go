package sevenzip

import (
	"runtime"
	"testing"
)

// FuzzOpen: no header makes the reader panic, or take more memory than the
// limits and its own bytes allow; and members lie in folders, and folders in
// the file.
func FuzzOpen(f *testing.F) {
	f.Add("hello", header("\x02"+property(idEmptyStream, "\x80")+property(idNames, "\x00"+name("d")+name("a"))+property(idWinAttributes, "\x01\x00\x20\x80\xff\xa1\x20\x80\xff\xa1")))
	f.Add("hello", "\x01\x04"+pack+one+sized+"\x08\x0d\x02\x09\x03\x0a\x00\x40\x01\x02\x03\x04\x00\x00\x05\x02"+property(idNames, "\x00"+name("a")+name("b"))+"\x00\x00")
	f.Add("hello", "\x01\x04"+pack+"\x07\x0b\x01\x00\x02\x21\x03\x01\x03\x21\x21\x01\x18\x00\x01"+"\x0c\x07\x06\x00"+"\x00\x05\x01"+property(idNames, "\x00"+name("a"))+"\x00\x00")
	f.Add(header("\x01"), "\x17\x06\x00\x01\x09\x30\x00"+one+"\x0c\x30\x00\x00")
	f.Fuzz(func(t *testing.T, packed, header string) {
		data := file7z(packed, header)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := opened(data)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20+100*uint64(len(data)) {
			t.Errorf("%d bytes of memory for %d: %v", n, len(data), err)
		}
		for _, m := range a.Members {
			if m.Folder >= 0 && (m.Off < 0 || m.Size < 0 || m.Off > a.Folders[m.Folder].Size-m.Size) {
				t.Errorf("member %+v of %+v", m, a.Folders[m.Folder])
			}
		}
		for _, f := range a.Folders {
			if f.Packed.Off < 0 || f.Packed.Len < 0 || f.Packed.Off > int64(len(data))-f.Packed.Len {
				t.Errorf("folder %+v of %d bytes", f, len(data))
			}
		}
	})
}
