package policy

import "strings"

// dataRules are inert constructors that need a look at their arguments.
var dataRules = map[Global]Rule{
	{"copyreg", "_reconstructor"}:                 Reconstructor,
	{"torch.storage", "_load_from_bytes"}:         LoadFromBytes,
	{"numpy.core.multiarray", "_reconstruct"}:     Allocator,
	{"numpy._core.multiarray", "_reconstruct"}:    Allocator,
	{"numpy.core._internal", "_reconstruct"}:      Allocator,
	{"numpy._core._internal", "_reconstruct"}:     Allocator,
	{"numpy", "ndarray"}:                          Allocator,
	{"torch.nn.parameter", "Buffer"}:              Parameter,
	{"torch.nn.parameter", "UninitializedBuffer"}: None,
}

// dataGlobals are the other inert constructors: what they make is data, and
// making it reads nothing, imports nothing and calls nothing of the file's.
// Listed by module, names separated by spaces.
var dataGlobals = map[string]string{
	"argparse":    "Namespace",
	"builtins":    "bool bytes dict float frozenset int list object range slice str tuple",
	"collections": "defaultdict deque",
	"datetime":    "date datetime time timedelta timezone",
	"decimal":     "Decimal",
	"fractions":   "Fraction",
	"pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath " +
		"WindowsPath",
	"pathlib._local": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
	"types":          "SimpleNamespace",
	"uuid":           "UUID",
	"numpy": "bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 " +
		"complex64 complex128 dtype str_ bytes_ void datetime64 timedelta64 longlong ulonglong intc uintc",
	"numpy.core.multiarray":  "scalar",
	"numpy._core.multiarray": "scalar",
	"numpy.core.numeric":     "_frombuffer",
	"numpy._core.numeric":    "_frombuffer",
	"numpy.dtypes": "BoolDType Int8DType Int16DType Int32DType Int64DType UInt8DType UInt16DType UInt32DType " +
		"UInt64DType Float16DType Float32DType Float64DType Complex64DType Complex128DType StrDType BytesDType ObjectDType",
	"numpy.random._pickle":                 "__randomstate_ctor __generator_ctor __bit_generator_ctor",
	"numpy.random._mt19937":                "MT19937",
	"numpy.random._pcg64":                  "PCG64 PCG64DXSM",
	"numpy.random._philox":                 "Philox",
	"numpy.random._sfc64":                  "SFC64",
	"numpy.ma.core":                        "MaskedArray",
	"torch.nested._internal.nested_tensor": "NestedTensor",
	"torch.torch_version":                  "TorchVersion",
	"torch.nn.parameter":                   "UninitializedParameter ParameterDict ParameterList",
	"torch.utils.hooks":                    "RemovableHandle",
	"torch.nn.backends.thnn":               "_get_thnn_function_backend",
	"torch.jit._pickle":                    "build_intlist build_tensorlist build_doublelist build_boollist restore_type_tag build_tensor_from_id",
	"torch.nn.utils.rnn":                   "PackedSequence",
	"torch.nn.utils.spectral_norm":         "SpectralNorm SpectralNormStateDictHook SpectralNormLoadStateDictPreHook",
	"torch.nn.utils.weight_norm":           "WeightNorm",
	"torch.nn.utils.parametrize":           "ParametrizationList",
	"torch.nn.parallel.data_parallel":      "DataParallel",
	"torch.nn.parallel.distributed":        "DistributedDataParallel",
}

// dataTier looks a global up in the data tier.
func dataTier(g Global) (Decision, bool) {
	if rule, ok := dataRules[g]; ok {
		return Decision{Tier: Data, Rule: rule}, true
	}
	if listed(dataGlobals[g.Module], g.Name) || listed(torchClasses[g.Module], g.Name) {
		return Decision{Tier: Data}, true
	}
	return Decision{}, false
}

// listed reports whether name is a word of list.
func listed(list, name string) bool {
	for list != "" {
		var word string
		word, list, _ = strings.Cut(list, " ")
		if word == name && word != "" {
			return true
		}
	}
	return false
}
