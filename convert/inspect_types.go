package convert

import (
	"encoding/json"

	"depickle/convert/internal/stats"
	"depickle/scan"
)

// Statistics are what --stats says of a tensor.
type Statistics = stats.Summary

// Inspection is what a file holds. Text in it comes from the file: it is valid
// UTF-8, and may be anything else.
type Inspection struct {
	Size   int64  `json:"size"`
	Format string `json:"format"`
	// Note is what the file is, where it is no checkpoint.
	Note      string `json:"note,omitempty"`
	BigEndian bool   `json:"big_endian,omitempty"`
	// Members counts those of an archive.
	Members int `json:"members,omitempty"`
	// Scan is the judgement of the file's pickles; nil where it has none.
	Scan    *scan.Report `json:"scan"`
	Streams []StreamInfo `json:"streams"`
	// Root is what --root auto takes, a JSON Pointer, "" for the whole file;
	// Candidates are the other parts that --root can take.
	Root       string          `json:"root"`
	Candidates []CandidateInfo `json:"candidates"`
	// Refusal is why Convert would not convert the file as it stands, with no
	// option given; "" where nothing is known that keeps it from it.
	Refusal string `json:"refusal,omitempty"`
	// Metadata is that of a SafeTensors file.
	Metadata map[string]string `json:"metadata,omitempty"`
	// Record is the conversion record, or the one beside a SafeTensors file.
	// Nothing is compared with it: that is for Verify.
	Record *RecordInfo `json:"record,omitempty"`
	// Bytes is the sum of the tensors' bytes, each as often as it is named.
	// It saturates, as the tensors' own sizes do.
	Bytes    int64         `json:"bytes"`
	Tensors  []TensorInfo  `json:"tensors"`
	Storages []StorageInfo `json:"storages"`
	// Values are the values of the pickles, or of the record, in the tagged
	// JSON of conversion records, objects with all that they hold.
	Values json.RawMessage `json:"values,omitempty"`
	// Tree is the same for people, a node for each pickle. It is bounded, and
	// says where it leaves something out.
	Tree []*Node `json:"-"`
}

// StreamInfo is a pickle of the file.
type StreamInfo struct {
	Index    int    `json:"index"`
	Member   string `json:"member,omitempty"` // of an archive
	Role     string `json:"role"`
	Protocol int    `json:"protocol"` // -1 where it cannot be told
	Offset   int64  `json:"offset"`   // in the file; -1 for a compressed member
	Bytes    int64  `json:"bytes"`
	Error    string `json:"error,omitempty"` // why its end was not found
}

// CandidateInfo is a part of the file that holds tensors.
type CandidateInfo struct {
	Path    string `json:"path"`
	Tensors int    `json:"tensors"`
	Option  string `json:"option"`
}

// TensorInfo is a tensor. Sizes are in bytes, strides and offsets in elements.
type TensorInfo struct {
	// Path is where it stands in the source, a JSON Pointer, and Name what
	// it is called in the output, where the root selects it. A SafeTensors
	// file has names alone.
	Path     string  `json:"path"`
	Name     string  `json:"name"`
	Selected bool    `json:"selected"`
	DType    string  `json:"dtype"` // as the file's format names it
	Shape    []int64 `json:"shape"`
	// Stride is nil where the format has none.
	Stride     []int64 `json:"stride,omitempty"`
	Contiguous bool    `json:"contiguous"`
	// Bytes is what its elements take in an output. It saturates at the
	// largest int64: a view may repeat elements beyond any file's size.
	Bytes   int64       `json:"bytes"`
	Storage *StorageRef `json:"storage,omitempty"`
	Conj    bool        `json:"conj,omitempty"`
	Neg     bool        `json:"neg,omitempty"`
	Numpy   bool        `json:"numpy,omitempty"`
	Class   string      `json:"class,omitempty"` // of a parameter or subclass
	// Reason is why there are no elements to convert.
	Reason string `json:"reason,omitempty"`
	// Sharing is how many tensors have the same storage, this one included;
	// SharedWith are some of the others, by path. SameAs is the first one
	// that is the same view of it.
	Sharing    int      `json:"sharing,omitempty"`
	SharedWith []string `json:"shared_with,omitempty"`
	SameAs     string   `json:"same_as,omitempty"`
	// SHA256 is of the elements in the output; a record names it.
	SHA256 string `json:"sha256,omitempty"`
	// Stats are nil where they were not asked for, or for the reason in
	// NoStats.
	Stats   *Statistics `json:"stats,omitempty"`
	NoStats string      `json:"no_stats,omitempty"`
}

// StorageRef is the place of a tensor in a storage.
type StorageRef struct {
	Index  int    `json:"index"` // in Inspection.Storages
	Key    string `json:"key"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"` // of the storage
}

// StorageInfo is a range of elements that tensors are views of.
type StorageInfo struct {
	Key      string `json:"key"`
	DType    string `json:"dtype"`
	Bytes    int64  `json:"bytes"`
	Location string `json:"location,omitempty"` // the device it was on
	Offset   int64  `json:"file_offset"`        // -1 for what is compressed or part of a pickle
	Tensors  int    `json:"tensors"`            // that have elements in it
}
