// Package stats says what numbers a tensor holds: how many are NaN, infinite
// or zero, and the extremes, mean and standard deviation of the finite ones.
//
// A [Collector] takes the elements' bytes as a stream, in any order and any
// pieces, little endian, and forgets them: it holds at most 300 KiB whatever
// the tensor's size. Nothing of the bytes is trusted or can fail: every bit
// pattern is an element. Time is linear in them.
//
// # What the figures mean
//
// Zeros count both signs of zero. Extremes, mean and standard deviation are of
// the finite numbers alone, and absent where there are none. Extremes are
// exact, those of 64-bit integers too. Mean and deviation are computed in
// float64: blocks of 1,024 numbers, each in two passes, joined by the formula
// of Chan, Golub and LeVeque; elements of one and two bytes are counted by
// value instead, which is as exact and faster. They do not overflow. The
// deviation is that of the population, as numpy.std gives it (torch.std
// divides by n-1); below 1e-150 it may come out as 0.
//
// Complex numbers count as two numbers each, their real and imaginary part.
// A bool is 0, or 1 for any byte that is not 0.
// Elements without numbers (torch's bits types), quantized ones, whose scale
// stands elsewhere, and numpy's long doubles have no statistics.
//
// Sources: Chan, Golub, LeVeque, "Algorithms for computing the sample
// variance" (1983); OCP 8-bit Floating Point Specification and Microscaling
// Formats Specification for F8 and F4; c10/util/Float8_*.h for the FNUZ types.
package stats
