// Package convert joins the steps of a conversion: what scan cleared is loaded,
// planned, written, reopened, compared and published, with a record of which
// bytes became which. [Verify] reads an output back, and compares it with its
// source.
//
// A conversion is all or nothing. The output is written into a temporary file
// beside its place and gets its name after every tensor in it was compared with
// the source by a second copier; an error, the end of the context or a full
// disk leave nothing behind. The source is only read. That it did not change is
// proven by one pass over the whole file, which must show each page that was
// judged once more. The same source, options and version give the same bytes.
//
// # What it trusts
//
// The machine it runs on and whoever may write to its directories. Of the
// source it trusts nothing: [Convert] takes a scan.Clearance, which only a scan
// of the whole file gives, and refuses what is dangerous unless
// [Options.Disarm] asks for the tensors alone.
//
// # What is bounded
//
// Memory does not grow with the tensors' data. The output is at most 64 MiB or
// 4 times the decompressed source, whichever is more, unless
// [Options.MaxOutput] or a limit allows more. Both functions end soon after
// their context, with all goroutines that they started.
//
// # What it does not defend against
//
// It does not say that weights are good, only that they are the source's. An
// output and a record that agree prove nothing of where they came from: whoever
// can replace one can replace the other. Verify says what it did not check.
// There is no progress to follow in Verify; it reads each file once or twice.
//
// Sources: torch/nn/modules/module.py (state_dict); huggingface_hub's and
// transformers' names of files; packages safetensors and provenance for the
// formats.
package convert
