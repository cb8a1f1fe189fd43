package scan

import (
	"io"

	"depickle/scan/container"
	"depickle/scan/policy"
)

// searchMost is how much of a file is searched, in bytes: a checkpoint that was
// cut off may have terabytes, of which a pickle is the least and stands at the
// beginning.
const searchMost = 256 << 20

// searchWindow is how much is looked at at once; windows overlap by what the
// spelling of one global takes at most.
const searchWindow = 1 << 20

// maxHarmless is how many harmless names are remembered.
const maxHarmless = 4096

// search looks for the names of dangerous globals in a file that could not be
// read whole. Somebody reads it, or it would not be there: other unpicklers
// than CPython's take floats, frames, arguments, limits and headers that it
// refuses, and go on to what stands behind.
func (j *judge) search(src *container.Source) error {
	j.run = run{src: src} // what the last pickle left is not needed any more
	e := src.File()
	most := min(e.Len, searchMost)
	r := src.Reader(e.Space)
	buf := make([]byte, min(most, searchWindow))
	harmless, key := map[string]bool{}, []byte(nil) // names that were looked up
	for at := int64(0); at < most; {
		if err := j.ctx.Err(); err != nil {
			return err
		}
		b := buf[:min(int64(len(buf)), most-at)]
		if n, err := r.ReadAt(b, e.Off+at); n < len(b) {
			if err == nil || err == io.EOF {
				return nil // it became shorter: whoever reads it next says so
			}
			return err
		}
		spelled(b, func(sp spelling) {
			key = append(append(append(key[:0], sp.module...), 0), sp.name...)
			if !harmless[string(key)] && !j.unreadGlobal(e.Off+at, sp) && len(harmless) < maxHarmless {
				harmless[string(key)] = true
			}
		})
		if at+int64(len(b)) == most {
			break
		}
		at += int64(len(b) - spellingMost)
	}
	return nil
}

// unreadGlobal notes a global that unread bytes spell, and reports whether it is
// dangerous.
func (j *judge) unreadGlobal(base int64, sp spelling) bool {
	g := policy.Global{Module: string(sp.module), Name: string(sp.name)}
	d := j.policy.Decide(g)
	if d.Tier != policy.Dangerous {
		return false
	}
	j.add(Finding{ID: "global-unread", Severity: Dangerous, Offset: base + int64(sp.at), Global: g.String(),
		Message: "what could not be read has " + display(g.String()) + " in it as " + sp.code.String() + " names it, which " + reason(d)})
	return true
}
