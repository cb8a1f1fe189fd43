// Package sandboxload takes the values and tensors out of a checkpoint
// without running any of it. [Load] gives them as the inert types of package
// value. Elements are not read: a tensor is a range of the file and arithmetic
// over it.
//
// The pickle is rewritten in canonical form (internal/canonical) and run by
// gopickle with an allow-list: tensor-rebuild functions and inert constructors
// are modelled here, every other global becomes a record of its name and
// arguments. Nothing of the file is called, imported or compiled.
//
// # What it trusts
//
// Nothing that the pickle says. Offset, size and stride must lie inside the
// storage, the storage must have the size that it declares, and all arithmetic
// is checked. gopickle gets no byte of the file, only what the translator
// wrote; should it panic, that is an error.
//
// # What is bounded
//
// Memory grows with the number of pickled objects that are kept, under the
// limit.Limits of the source, never with the elements. A deflated storage is
// inflated into the source's spool. Load ends soon after its context.
//
// # What it does not defend against
//
// It does not judge: what a file would do elsewhere is for package scan to
// say, and a caller that skips it loads a suspicious file as gladly as a clean
// one. What comes back may share containers and hold cycles, as in Python, so
// a walk over it must bound itself. Strings in it are whatever the file holds.
//
// Sources: torch/_utils.py, torch/_tensor.py, torch/serialization.py,
// torch/_weights_only_unpickler.py; numpy/_core/multiarray and
// numpy/_core/numeric.py.
package sandboxload
