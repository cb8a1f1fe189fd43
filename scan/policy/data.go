package policy

// dataGlobals are inert constructors: what they make is data, and making it
// reads nothing, imports nothing and calls nothing of the file's, as long as
// their rule holds.
var dataGlobals = []ruled{
	{"argparse", None, "Namespace"},
	{"types", WithoutArgs, "SimpleNamespace"},
	{"builtins", None, "bool dict float object range slice Ellipsis NotImplemented"},
	{"builtins", PlainValue, "str"},
	{"builtins", Iterates, "list tuple frozenset int"},
	{"builtins", Allocator, "bytes"},
	{"collections", None, "defaultdict"},
	{"collections", Iterates, "deque"},
	{"copyreg", Reconstructor, "_reconstructor"},
	{"functools", Partial, "partial"},
	{"datetime", None, "date datetime time timedelta timezone tzinfo"},
	{"decimal", None, "Decimal"},
	{"pathlib", None, paths},
	{"pathlib._local", None, paths}, // Python 3.13
	{"uuid", None, "UUID"},
	{"io", None, "BytesIO StringIO"},
	{"_io", None, "BytesIO StringIO"},
	{"inspect", WithoutArgs, "Parameter Signature"},
	{"inspect", Named, "_empty"},
	{"inspect", None, "_ParameterKind"},
	{"array", Iterates, "array _array_reconstructor"},

	{"numpy", NDArray, "ndarray"},
	{"numpy", NumpyDType, "dtype"},
	{"numpy", Allocator, "bytes_ void"},
	{"numpy", PlainValue, "bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 " +
		"complex128 str_ datetime64 timedelta64 longlong ulonglong intc uintc longdouble clongdouble"},
	{"numpy", Named, "object_"}, // called, it returns what it is given
	{"numpy.core.multiarray", Reconstruct, "_reconstruct"},
	{"numpy._core.multiarray", Reconstruct, "_reconstruct"},
	{"numpy.core._internal", Reconstruct, "_reconstruct"},
	{"numpy._core._internal", Reconstruct, "_reconstruct"},
	{"numpy.core.multiarray", NumpyScalar, "scalar"},
	{"numpy._core.multiarray", NumpyScalar, "scalar"},
	{"numpy.core.numeric", FromBuffer, "_frombuffer"},
	{"numpy._core.numeric", FromBuffer, "_frombuffer"},
	{"numpy.dtypes", None, "BoolDType Int8DType Int16DType Int32DType Int64DType UInt8DType UInt16DType UInt32DType " +
		"UInt64DType Float16DType Float32DType Float64DType Complex64DType Complex128DType StrDType BytesDType ObjectDType"},
	{"numpy.random", RandomCtor, "__RandomState_ctor"},
	{"numpy.random._pickle", RandomCtor, "__randomstate_ctor __generator_ctor __bit_generator_ctor"},
	{"numpy.random._mt19937", WithoutArgs, "MT19937"},
	{"numpy.random._pcg64", WithoutArgs, "PCG64 PCG64DXSM"},
	{"numpy.random._philox", WithoutArgs, "Philox"},
	{"numpy.random._sfc64", WithoutArgs, "SFC64"},
	{"numpy.random.bit_generator", None, "__pyx_unpickle_SeedSequence"},
	{"numpy.random.bit_generator", WithoutArgs, "SeedSequence"},
	{"numpy", ArrayClass, "memmap"}, // that of an array that was mapped; called, it makes or empties a file
	{"numpy.core.memmap", ArrayClass, "memmap"},
	{"numpy._core.memmap", ArrayClass, "memmap"},
	{"numpy.ma.core", Reconstruct, "_mareconstruct"},
	{"numpy.ma.core", WithoutArgs, "MaskedArray"},
	{"numpy.ma", WithoutArgs, "MaskedArray"},

	{"joblib.numpy_pickle", WithoutArgs, "NumpyArrayWrapper"}, // the judge reads what follows it

	{"torch.storage", LoadFromBytes, "_load_from_bytes"},
	{"torch", Named, "half float double short int long cfloat cdouble chalf"}, // other names of dtypes
	{"torch", Named, "strided sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc jagged " +
		"contiguous_format channels_last channels_last_3d preserve_format"},
	{"torch", Named, "relu sigmoid tanh softmax log_softmax"}, // activation functions, which modules keep
	{"torch._C._nn", Named, "gelu silu mish hardswish leaky_relu"},
	{"torch.nn.functional", Named, "relu relu6 gelu silu mish elu selu celu glu leaky_relu prelu rrelu sigmoid tanh logsigmoid " +
		"hardsigmoid hardswish hardtanh hardshrink softplus softmax softmin softsign softshrink tanhshrink log_softmax threshold"},
	{"torch.nn.parameter", Parameter, "Buffer"},
	{"torch.nn.parameter", TensorClass, "UninitializedParameter UninitializedBuffer"},
	{"torch.torch_version", None, "TorchVersion"},
	{"torch.utils.hooks", WithoutArgs, "RemovableHandle"},
	{"torch.nn.backends.thnn", None, "_get_thnn_function_backend"},
	{"torch.nn.utils.rnn", None, "PackedSequence"},

	// torch.distributed.checkpoint: what its .metadata holds, also as torch
	// wrote it before 2.0.
	{"torch.distributed.checkpoint.metadata", WithoutArgs, sharded + " StorageMeta TensorProperties"},
	{"torch.distributed.checkpoint.metadata", None, "_MEM_FORMAT_ENCODING"},
	{"torch.distributed.checkpoint.filesystem", WithoutArgs, "_StorageInfo"},
	{"torch.distributed._shard.checkpoint.metadata", WithoutArgs, sharded},
	{"torch.distributed._shard.checkpoint.filesystem", WithoutArgs, "_StorageInfo"},
	{"torch.distributed._shard.sharded_tensor.metadata", WithoutArgs, "ShardedTensorMetadata TensorProperties"},
	{"torch.distributed._shard.sharded_tensor.metadata", None, "MEM_FORMAT_ENCODING"},
	{"torch.distributed._shard.metadata", WithoutArgs, "ShardMetadata"},

	{"torch.jit._pickle", Identity, "build_intlist build_tensorlist build_doublelist build_boollist restore_type_tag " +
		"build_tensor_from_id"},
}

const sharded = "Metadata MetadataIndex TensorStorageMetadata BytesStorageMetadata ChunkStorageMetadata"

const paths = "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath"
