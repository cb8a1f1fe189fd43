package policy

import (
	"strings"

	"depickle/scan/tensor"
)

// tensorGlobals are what torch's weights-only loader allows, but for the
// storages, tensor classes and dtypes, which come from the dtype table.
var tensorGlobals = map[Global]Rule{
	{"torch._utils", "_rebuild_tensor"}:                        RebuildTensorV1,
	{"torch._utils", "_rebuild_tensor_v2"}:                     RebuildTensorV2,
	{"torch._utils", "_rebuild_tensor_v3"}:                     RebuildTensorV3,
	{"torch._utils", "_rebuild_parameter"}:                     Parameter,
	{"torch._utils", "_rebuild_parameter_with_state"}:          Parameter,
	{"torch._utils", "_rebuild_qtensor"}:                       None,
	{"torch._utils", "_rebuild_sparse_tensor"}:                 None,
	{"torch._utils", "_rebuild_sparse_csr_tensor"}:             None,
	{"torch._utils", "_rebuild_nested_tensor"}:                 None,
	{"torch._utils", "_rebuild_meta_tensor_no_storage"}:        None,
	{"torch._utils", "_rebuild_wrapper_subclass"}:              None,
	{"torch._utils", "_rebuild_device_tensor_from_numpy"}:      None,
	{"torch._utils", "_rebuild_device_tensor_from_cpu_tensor"}: None,
	{"torch._utils", "_rebuild_xla_tensor"}:                    None,
	{"torch._tensor", "_rebuild_from_type"}:                    RebuildFromType,
	{"torch._tensor", "_rebuild_from_type_v2"}:                 RebuildFromType,
	{"torch.tensor", "_rebuild_from_type"}:                     RebuildFromType,
	{"torch.nn.parameter", "Parameter"}:                        Parameter,
	{"torch.nested._internal.nested_tensor", "_rebuild_njt"}:   None,
	{"torch.serialization", "_get_layout"}:                     None,
	{"torch", "Size"}:                                          None,
	{"torch", "device"}:                                        None,
	{"torch", "Tensor"}:                                        None,
	{"torch.storage", "TypedStorage"}:                          None,
	{"torch.storage", "UntypedStorage"}:                        None,
	{"torch.storage", "_TypedStorage"}:                         None,
	{"torch.storage", "_UntypedStorage"}:                       None,
	{"torch", "per_tensor_affine"}:                             None,
	{"torch", "per_tensor_symmetric"}:                          None,
	{"torch", "per_channel_affine"}:                            None,
	{"torch", "per_channel_symmetric"}:                         None,
	{"torch", "per_channel_affine_float_qparams"}:              None,
	{"collections", "OrderedDict"}:                             None,
	{"collections", "Counter"}:                                 None,
	{"_codecs", "encode"}:                                      Latin1Encode,
	{"builtins", "bytearray"}:                                  Allocator,
	{"builtins", "set"}:                                        None,
	{"builtins", "complex"}:                                    None,
}

// tensorClasses are the tensor classes of old torch, by kind.
var tensorClasses = words("BFloat16 Bool Byte Char Double Float Half Int Long Short")

// tensorTier looks a global up in the tensor tier.
func tensorTier(g Global) (Decision, bool) {
	if rule, ok := tensorGlobals[g]; ok {
		return Decision{Tier: Tensor, Rule: rule}, true
	}
	switch g.Module {
	case "torch", "torch.cuda":
		if _, _, ok := tensor.ByStorage(g.Name); ok {
			return Decision{Tier: Tensor}, true
		}
	case "torch.sparse", "torch.cuda.sparse":
	default:
		return Decision{}, false
	}
	if kind, ok := strings.CutSuffix(g.Name, "Tensor"); ok && tensorClasses[kind] {
		return Decision{Tier: Tensor}, true
	}
	if _, ok := tensor.ByName(g.Name); ok && g.Module == "torch" {
		return Decision{Tier: Tensor}, true
	}
	return Decision{}, false
}
