// Package scan judges a checkpoint before anything is taken out of it: what
// would loading it elsewhere reach and call? [Scan] runs every pickle of the
// file through a symbolic machine and executes nothing: of archives and
// compressed files those inside too, of .npy and joblib files those that stand
// for arrays of objects, and pickles in bytes or text of others. Where readers
// differ, each reading is judged and the worst counts: a pickle that goes on
// with the memo of the one before, a joblib file that is opened as a pickle, a
// file of another format that is a pickle as well.
//
// A [Report] is a severity and a completeness. A file is never called clean
// that was not read whole, and only a complete report gives a [Clearance],
// which is what convert wants to see. Clean means that the file asks for
// nothing beyond tensors and plain data. It does not say that the weights are
// good.
//
// # What it trusts
//
// Nothing in the file: no name, no declared size, no order of members. Of its
// reader it expects that the same range reads the same; where it does not, Scan
// ends with an error of kind fault.Changed.
//
// # What is bounded
//
// Memory, by the limit.Limits of the source. Time, which is linear in the file
// and in what it inflates to, shared text and nested checkpoints included. A
// report has at most a thousand findings of each severity, so that many small
// ones hide no bad one. Scan ends soon after its context.
//
// # What it does not defend against
//
// What a clean global does with hostile numbers in its own code; but what is
// known to corrupt loaders is checked: rebuild arguments that leave their
// storage, storages of another size than declared, items set in what is no
// container (CVE-2026-24747), numpy dtypes whose fields leave their element or
// that take bytes for objects, objects that are arrays at an address. A gadget
// that is in no table is suspicious, not dangerous. Formats that hold no pickle
// (HDF5, ONNX, GGUF, …) are named and not judged: what they can make their own
// readers do is not looked at.
//
// Sources: Modules/_pickle.c; torch/serialization.py, torch/_utils.py,
// torch/_weights_only_unpickler.py; joblib/numpy_pickle.py; the tables' own in
// package policy.
package scan
