// Package transfer moves the elements of one tensor from its storage to bytes
// in C order and little endian, bit for bit, in bounded memory.
//
// Two implementations stand here side by side. [Copier] is the fast one: it
// merges dimensions, gathers a slab or tile of the output at a time and reads
// the source upwards. [Check] and [NewNaive] are the slow, obvious one: an
// odometer, one element at a time. They share no addressing and no arithmetic
// on elements, so that comparing the output of the one with the other finds a
// mistake of either. What they share is Layout.Bytes, which refuses, and tile,
// which decides about speed alone.
//
// Trusted: nothing of a [Layout]; geometry and ranges are checked against the
// [Source] before a byte moves, and every read against the length that was
// asked for. Short data is an error, never zeros.
//
// Bounded: a Copier holds at most 15 MiB; Check and a naive reader 16 MiB of
// pages and, for the smallest pages, as much again to find them. CopyAt and
// Check take time linear in the output, whatever the strides. Copy and
// NewNaive keep to C order, so that a transposed tensor costs more for each
// byte the larger it is: at worst a read for each element.
//
// Not defended against: a source that changes while it is read but keeps its
// length. Whoever opened it compares digests.
//
// Byte order and the meaning of strides, offset, conjugate and negative bit
// are those of torch (c10/core/TensorImpl.h, aten/src/ATen/native/Resolve*,
// torch/_utils.py: _rebuild_tensor_v2) and numpy (ndarray.strides).
package transfer
