package convert_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"depickle/convert"
	"depickle/convert/safetensors"
	"depickle/scan"
	"depickle/scan/container"
)

// A file is judged, converted, and compared with its source once more.
func ExampleConvert() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background() // or one that a signal ends: nothing stays behind

	in, err := convert.OpenContext(ctx, "../testdata/checkpoints/tied.pt", container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	report, clearance, err := scan.Scan(ctx, in.Source, scan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if clearance == nil {
		log.Fatal(report.Worst().Message) // not read whole, so not converted
	}
	res, err := convert.Convert(ctx, clearance, convert.Dir(dir), convert.Options{Name: in.Name, Recheck: in.Recheck})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict, "→", filepath.Base(res.Output))
	for _, it := range res.Plan.Items {
		fmt.Println(it.Name, it.DType, it.Shape)
	}
	fmt.Println("content", res.Record.Output.ContentSHA256)

	v, err := convert.Verify(ctx, res.Output, res.RecordPath, in)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("consistent:", v.Consistent, "matches its source:", v.MatchesSource)
	// Output:
	// clean → tied.safetensors
	// embed.weight F32 [3 2]
	// flat F32 [6]
	// lm_head.weight F32 [3 2]
	// other F32 [3 2]
	// view F32 [2]
	// content 791ab5874c794cfad9bf755d71bc9d25546806b9de7f4534b12933e3637feea1
	// consistent: true matches its source: true
}

// A checkpoint in memory; only the output is a file.
func ExampleConvert_memory() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	checkpoint, err := os.ReadFile("../testdata/checkpoints/tiny.pt")
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	src, err := container.OpenContext(ctx, bytes.NewReader(checkpoint), int64(len(checkpoint)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	_, clearance, err := scan.Scan(ctx, src, scan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	out := filepath.Join(dir, "model.safetensors")
	// A clearance that is nil is an error here.
	if _, err := convert.Convert(ctx, clearance, convert.File(out), convert.Options{Name: "tiny.pt"}); err != nil {
		log.Fatal(err)
	}

	b, err := os.ReadFile(out)
	if err != nil {
		log.Fatal(err)
	}
	r, err := safetensors.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		log.Fatal(err)
	}
	section, _ := r.Section("0.bias")
	bias := make([]float32, section.Size()/4)
	if err := binary.Read(section, binary.LittleEndian, bias); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bias)
	// Output:
	// [-1.3905061 -0.815238 -0.3204377]
}

// Without a source, verifying says that output and record agree, and what it
// did not check.
func ExampleVerify() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "model.safetensors")
	ctx := context.Background()
	in, err := convert.OpenContext(ctx, "../testdata/checkpoints/tiny.pt", container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	_, clearance, err := scan.Scan(ctx, in.Source, scan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := convert.Convert(ctx, clearance, convert.File(out), convert.Options{Name: in.Name, Recheck: in.Recheck}); err != nil {
		log.Fatal(err)
	}

	v, err := convert.Verify(ctx, out, out+".json", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("consistent:", v.Consistent, "matches its source:", v.MatchesSource)
	for _, what := range v.NotChecked {
		fmt.Println("not checked:", what)
	}

	b, err := os.ReadFile(out)
	if err != nil {
		log.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(out, b, 0o600); err != nil {
		log.Fatal(err)
	}
	_, err = convert.Verify(ctx, out, out+".json", nil)
	fmt.Println(err)
	// Output:
	// consistent: true matches its source: false
	// not checked: the source was not given, so where the tensors came from is not proven
	// changed: "2.weight": the tensor does not have the SHA-256 that the record names
}
