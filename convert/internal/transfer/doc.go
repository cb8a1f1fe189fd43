// Package transfer moves the elements of one tensor from its storage to bytes
// in C order and little endian, bit for bit, in bounded memory.
//
// Two implementations stand here side by side. [Copier] is the fast one: it
// merges dimensions, takes the output slab by slab and reads the source in
// ascending order. [NewNaive] is the slow, obvious one: an odometer, one
// element at a time. They share no addressing, so that comparing the output of
// the one with the other finds a mistake of either.
//
// Trusted: nothing of a [Layout]; geometry and ranges are checked against the
// [Source] before a byte moves, and every read against the length that was
// asked for. Short data is an error, never zeros.
//
// Bounded: a Copier holds at most 15 MiB, a naive reader 16 MiB of pages and
// their index, whatever the tensor's size. Time is linear in the output: at
// worst one read of the source for each element, or of maxGap bytes.
//
// Not defended against: a source that changes while it is read but keeps its
// length. Whoever opened it compares digests.
//
// Byte order and the meaning of strides, offset, conjugate and negative bit
// are those of torch (c10/core/TensorImpl.h, aten/src/ATen/native/Resolve*,
// torch/_utils.py: _rebuild_tensor_v2) and numpy (ndarray.strides).
package transfer
