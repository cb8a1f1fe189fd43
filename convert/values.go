package convert

// values are the source's values that are no tensors, as tagged JSON.
func (j *job) values() []byte { return nil }
