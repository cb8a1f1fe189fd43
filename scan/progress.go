package scan

import (
	"depickle/scan/container"
	"depickle/scan/limit"
)

// progress tells how many bytes of a file's pickles are judged. Checkpoints
// inside of it count as part of the pickle that holds them.
type progress struct {
	tell  func(done, total int64)
	of    *container.Source
	done  int64 // bytes of the streams that ended
	total int64
}

func newProgress(src *container.Source, tell func(done, total int64)) progress {
	p := progress{tell: tell, of: src}
	for _, st := range src.Streams {
		// Members of an archive may overlap, as often as they like.
		if sum, ok := limit.Add(p.total, st.Extent.Len); ok {
			p.total = sum
		}
	}
	return p
}

// at tells how far the stream is that runs.
func (p *progress) at(src *container.Source, n int64) {
	if p.tell != nil && src == p.of {
		done, _ := limit.Add(p.done, n)
		p.tell(min(done, p.total), p.total)
	}
}

// ended counts a stream as done, however it ended.
func (p *progress) ended(src *container.Source, st container.Stream) {
	if src == p.of {
		p.done, _ = limit.Add(p.done, st.Extent.Len)
		p.at(src, 0)
	}
}
