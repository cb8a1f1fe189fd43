package policy

// tensorGlobals are what torch 2.15's weights-only loader allows
// (_get_allowed_globals), no more and no less: a test compares the two.
var tensorGlobals = []ruled{
	{"torch._utils", RebuildTensorV1, "_rebuild_tensor"},
	{"torch._utils", RebuildTensorV2, "_rebuild_tensor_v2"},
	{"torch._utils", RebuildTensorV3, "_rebuild_tensor_v3"},
	{"torch._utils", RebuildQTensor, "_rebuild_qtensor"},
	{"torch._utils", RebuildElsewhere, "_rebuild_sparse_tensor _rebuild_wrapper_subclass"},
	{"torch._utils", RebuildMeta, "_rebuild_meta_tensor_no_storage"},
	{"torch._utils", RebuildDevice, "_rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor"},
	{"torch._utils", Parameter, "_rebuild_parameter _rebuild_parameter_with_state"},
	{"torch._tensor", RebuildFromType, "_rebuild_from_type_v2"},
	{"torch.nn.parameter", Parameter, "Parameter"},
	{"torch.serialization", None, "_get_layout"},
	{"collections", None, "OrderedDict"},
	{"collections", Iterates, "Counter"},
	{"_codecs", Latin1Encode, "encode"},
	{"builtins", Allocator, "bytearray"},
	{"builtins", Iterates, "set"},
	{"builtins", None, "complex"},
	{"torch", Iterates, "Size"},
	{"torch", None, "device"},
	{"torch", Named, "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 " +
		"complex32 bcomplex32 complex64 complex128 float8_e5m2 float8_e4m3fn float8_e5m2fnuz float8_e4m3fnuz " +
		"float8_e8m0fnu float4_e2m1fn_x2 bits8 bits16 bits1x8 bits2x4 bits4x2 qint8 qint32 quint8 quint4x2 quint2x4 " +
		"int1 int2 int3 int4 int5 int6 int7 uint1 uint2 uint3 uint4 uint5 uint6 uint7"},
	{"torch", Named, "per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric " +
		"per_channel_affine_float_qparams"},
	{"torch", Named, plainStorages + " QInt8Storage QInt32Storage QUInt8Storage QUInt4x2Storage QUInt2x4Storage"},
	{"torch.cuda", Named, plainStorages},
	{"torch.storage", Named, "TypedStorage UntypedStorage"},
	{"torch", TensorClass, "Tensor BoolTensor " + tensorClasses},
	{"torch.cuda", TensorClass, "BoolTensor " + tensorClasses},
	{"torch.sparse", TensorClass, tensorClasses},
	{"torch.cuda.sparse", TensorClass, tensorClasses},
}

const (
	plainStorages = "DoubleStorage FloatStorage HalfStorage LongStorage IntStorage ShortStorage CharStorage ByteStorage " +
		"BoolStorage BFloat16Storage ComplexDoubleStorage ComplexFloatStorage"
	tensorClasses = "BFloat16Tensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor ShortTensor"
)

// oldSpellings are names of the same things in other releases of torch, and
// what torch allows once the module that owns it is imported.
var oldSpellings = []ruled{
	{"torch._utils", RebuildElsewhere, "_rebuild_sparse_csr_tensor"},              // 1.13
	{"torch._utils", RebuildDevice, "_rebuild_xla_tensor"},                        // 1.7 to 1.13
	{"torch._tensor", RebuildFromType, "_rebuild_from_type"},                      // 1.9 to 1.11
	{"torch.tensor", RebuildFromType, "_rebuild_from_type"},                       // 1.7, 1.8
	{"torch.storage", Named, "_TypedStorage _UntypedStorage"},                     // 1.11, 1.12
	{"torch", Named, "TypedStorage UntypedStorage _TypedStorage _UntypedStorage"}, // the same, as torch exports them
	{"torch.nested._internal.nested_tensor", RebuildElsewhere, "_rebuild_njt"},    // with torch.nested
	{"torch.nested._internal.nested_tensor", None, "NestedTensor"},                // the class of the same
	{"torch.distributed.tensor", None, "DTensor"},                                 // the rest with torch.distributed.tensor
	{"torch.distributed.tensor._dtensor_spec", None, "DTensorSpec TensorMeta ShardOrderEntry"},
	{"torch.distributed.tensor.placement_types", None, "Partial Replicate Shard _StridedShard"},
	{"torch.distributed.device_mesh", None, "DeviceMesh"},
	{"torch.distributed._mesh_layout", None, "_MeshLayout _FlatLayout"},
}
