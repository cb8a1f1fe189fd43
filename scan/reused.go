package scan

import (
	"depickle/scan/container"
	"depickle/scan/machine"
)

// reused judges the pickles of a file once more, as a program reads them that
// calls load again and again on one Unpickler: it keeps its memo, so that a
// pickle may fetch what an earlier one stored, and MEMOIZE counts on from
// there. Nothing but a dangerous global counts in that reading: pickles that
// were written one by one make no sense in it.
func (j *judge) reused(src *container.Source) error {
	if src.Format != container.Pickle || !fetches(src.Streams) {
		return nil
	}
	object := j.object
	var before *machine.Machine
	for _, st := range src.Streams {
		if st.Err != nil || st.Joblib {
			break
		}
		st.Role, st.Any = container.Guess, true
		j.before = before
		if err := j.stream(st, newStorages(src, st)); err != nil {
			return err
		}
		before = j.m
	}
	j.before, j.object = nil, object
	return nil
}

// fetches reports whether a later pickle fetches anything from its memo.
func fetches(streams []container.Stream) bool {
	for _, st := range streams[min(1, len(streams)):] {
		if st.Fetched != nil {
			return true
		}
	}
	return false
}
