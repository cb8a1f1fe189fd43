package scan_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"

	"depickle/scan"
	"depickle/scan/container"
)

// A file is opened, judged and never executed. A clearance comes only with a
// report over the whole file.
func ExampleScan() {
	f, err := os.Open("../testdata/checkpoints/tiny.pt")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	src, err := container.OpenContext(ctx, f, st.Size(), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	report, clearance, err := scan.Scan(ctx, src, scan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Format, report.Verdict, clearance.Valid())
	for _, g := range report.Globals {
		fmt.Println(g.Tier, g.Module+"."+g.Name, g.Count)
	}
	// Output:
	// torch-zip clean true
	// tensor collections.OrderedDict 1
	// tensor torch.FloatStorage 1
	// tensor torch._utils._rebuild_tensor_v2 1
}

// What a pickle in memory would do elsewhere. It was read whole, so there is a
// clearance: a caller that acts on it looks at the severity first.
func ExampleScan_memory() {
	pickle := []byte("cos\nsystem\n(S'echo pwned'\ntR.")
	src, err := container.Open(bytes.NewReader(pickle), int64(len(pickle)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	report, clearance, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict, clearance.Valid())
	for _, f := range report.Findings {
		fmt.Printf("%s at %d, %s: %s\n", f.Severity, f.Offset, f.Opcode, f.Message)
	}
	// Output:
	// dangerous true
	// dangerous at 0, GLOBAL: calls os.system('echo pwned') when loaded; it runs commands or reaches the operating system
}

// A file that cannot be read whole is never clean.
func ExampleScan_damaged() {
	pickle := []byte("\x80\x04}\x94\x8c\x06weight")
	src, err := container.Open(bytes.NewReader(pickle), int64(len(pickle)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	report, clearance, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict, report.Complete, clearance.Valid())
	fmt.Println(report.Worst().Message)
	// Output:
	// inconclusive false false
	// the data ends and no STOP was read
}
