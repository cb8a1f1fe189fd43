package sandboxload_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"strings"

	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/container"
)

// The elements of a tensor are a range of the file and arithmetic over it.
func ExampleLoad() {
	file, err := os.ReadFile("../testdata/checkpoints/tiny.pt")
	if err != nil {
		log.Fatal(err)
	}
	src, err := container.Open(bytes.NewReader(file), int64(len(file)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	c, err := sandboxload.Load(context.Background(), src, sandboxload.Options{})
	if err != nil {
		log.Fatal(err)
	}

	top, ok := c.Roots[0].Value.(*value.Dict)
	if !ok {
		log.Fatal("not a state_dict")
	}
	for i := range top.Len() {
		name, v := top.At(i)
		if t, ok := v.(*value.Tensor); ok {
			fmt.Println(name, t.DType, t.Geometry.Shape, "strides", t.Geometry.Stride, "storage", t.Storage.Key)
		}
	}

	v, _ := top.Get("0.weight")
	t := v.(*value.Tensor)
	storage := make([]float32, t.Storage.Bytes/t.DType.Size())
	if err := binary.Read(src.Section(t.Storage.Extent), binary.LittleEndian, storage); err != nil {
		log.Fatal(err)
	}
	shape, stride := t.Geometry.Shape, t.Geometry.Stride
	for row := range shape[0] {
		for col := range shape[1] {
			fmt.Printf("%8.4f", storage[t.Geometry.Offset+row*stride[0]+col*stride[1]])
		}
		fmt.Println()
	}
	// Output:
	// 0.weight float32 [3 2] strides [2 1] storage 0
	// 0.bias float32 [3] strides [1] storage 1
	// 2.weight float32 [1 3] strides [3 1] storage 2
	// 2.bias float32 [1] strides [1] storage 3
	//   0.3607 -0.2859
	//  -0.3938  0.2429
	//  -1.3833 -2.3134
}

// Everything else that a checkpoint holds are inert values. Containers may
// share each other and form cycles, so a walk remembers where it was.
func ExampleLoad_values() {
	file, err := os.ReadFile("../testdata/checkpoints/pickled_mixed.pkl")
	if err != nil {
		log.Fatal(err)
	}
	src, err := container.Open(bytes.NewReader(file), int64(len(file)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	c, err := sandboxload.Load(context.Background(), src, sandboxload.Options{})
	if err != nil {
		log.Fatal(err)
	}
	printTree(c.Roots[0].Value, "", map[value.Value]bool{})
	// Output:
	// array:
	//   tensor int16 [3]
	// tensor:
	//   tensor float32 [3]
	// args:
	//   record of argparse.Namespace
	//     scale:
	//       tensor float32 [2]
}

// printTree prints a value and what it holds, each container once.
func printTree(v value.Value, indent string, seen map[value.Value]bool) {
	switch v := v.(type) {
	case *value.Dict:
		if seen[v] {
			fmt.Println(indent + "the same dict again")
			return
		}
		seen[v] = true
		for i := range v.Len() {
			k, item := v.At(i)
			fmt.Printf("%s%v:\n", indent, k)
			printTree(item, indent+"  ", seen)
		}
	case *value.List:
		if seen[v] {
			fmt.Println(indent + "the same list again")
			return
		}
		seen[v] = true
		for _, item := range v.Items {
			printTree(item, indent+"- ", seen)
		}
	case *value.Object:
		fmt.Println(indent+"record of", v.Callee)
		printTree(v.State, indent+"  ", seen)
	case *value.Tensor:
		fmt.Println(indent+"tensor", v.DType, v.Geometry.Shape)
	default:
		fmt.Printf("%s%v\n", indent, v)
	}
}

// A pickle that names what is dangerous is refused, unless the caller wants
// its data all the same: what is dangerous stays a record then.
func ExampleOptions_disarm() {
	pickle := "\x80\x02}X\x04\x00\x00\x00hookcos\nsystem\nX\x02\x00\x00\x00id\x85Rs."
	src, err := container.Open(strings.NewReader(pickle), int64(len(pickle)), container.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	_, err = sandboxload.Load(context.Background(), src, sandboxload.Options{})
	fmt.Println(err)
	c, err := sandboxload.Load(context.Background(), src, sandboxload.Options{Disarm: true})
	if err != nil {
		log.Fatal(err)
	}
	hook, _ := c.Roots[0].Value.(*value.Dict).Get("hook")
	fmt.Println(hook.(*value.Object).Callee)
	// Output:
	// refused: at offset 0xc: "os.system": a dangerous global, which runs commands or reaches the operating system
	// os.system
}
