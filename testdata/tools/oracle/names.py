"""Roots, names and the walk: section 5 of the design, written a second time."""

import numpy as np

from . import inert, tensors

TABLE = (
    "state_dict", "model_state_dict", "params_ema", "params-ema", "params", "ema", "model",
    "module", "net", "network", "generator", "weight", "string_to_param",
)
UNWRAPS = 4
DEPTH = 1000


class Refused(Exception):
    """The names of the file do not fit a SafeTensors header, or each other."""


def spell(key):
    """The fixed spelling of a mapping's key."""
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int)) and not isinstance(key, np.generic):
        return str(key)
    if isinstance(key, np.generic):
        return f"<numpy.{type(key).__name__}>"
    if isinstance(key, float):
        return repr(key)
    if isinstance(key, (bytes, bytearray)):
        return bytes(key).decode("latin1")
    if isinstance(key, tuple):
        inner = ", ".join(spell(part) for part in key)
        return f"({inner},)" if len(key) == 1 else f"({inner})"
    cls = key if isinstance(key, type) else type(key)
    if issubclass(cls, inert.Inert):
        return f"<{cls.module}.{cls.name}>"
    return f"<{cls.__module__}.{cls.__qualname__}>"


def is_module(value):
    return isinstance(value, inert.Inert) and value.is_module()


def entries(value):
    """The keyed entries of a mapping, or None if it is none."""
    if isinstance(value, dict):
        return value
    if isinstance(value, inert.Inert) and value.kept_items and not is_module(value):
        return value.kept_items
    return None


def state_entries(module):
    """What the module's state_dict() walks: (path parts, name, child)."""
    attrs = module.kept_attrs
    transient = attrs.get("_non_persistent_buffers_set") or ()
    for part in ("_parameters", "_buffers", "_modules"):
        for key, child in attrs[part].items():
            if child is None or part == "_buffers" and key in transient:
                continue
            yield (part, spell(key)), spell(key), child


def members(value, raw):
    """The children of a container in the order of the stream: (path parts, name, child)."""
    if is_module(value) and not raw:
        return list(state_entries(value))
    found = []
    if isinstance(value, dict):
        found += [((spell(k),), spell(k), v) for k, v in value.items()]
        found += [((spell(k),), spell(k), v) for k, v in getattr(value, "__dict__", {}).items()]
    elif isinstance(value, (list, tuple)):
        found += [((str(i),), str(i), v) for i, v in enumerate(value)]
    elif isinstance(value, np.ndarray) and value.dtype == object:
        found += [((str(i),), str(i), v) for i, v in enumerate(value.flat)]
    elif isinstance(value, inert.Inert):
        found += [(("__args__", str(i)), f"__args__.{i}", v) for i, v in enumerate(value.kept_args)]
        found += [(("__kwargs__", k), f"__kwargs__.{k}", v) for k, v in value.kept_kwargs.items()]
        found += [((str(i),), str(i), v) for i, v in enumerate(value.kept_elems)]
        found += [((spell(k),), spell(k), v) for k, v in value.kept_items.items()]
        found += [((spell(k),), spell(k), v) for k, v in value.kept_attrs.items()]
        for state in value.kept_states:
            found.append((("__state__",), "__state__", state))
    return found


def is_container(value):
    if isinstance(value, np.ndarray):
        return value.dtype == object
    return isinstance(value, (dict, list, tuple, inert.Inert))


def walk(value, raw=False):
    """Yield (path parts, name parts, leaf), depth first.

    A container is named where it is met first. A module is named at every
    place, as state_dict() does, but never inside itself.
    """
    seen = set()
    stack = [((), (), value, ())]
    while stack:
        path, name, value, above = stack.pop()
        if tensors.is_leaf(value):
            yield path, name, value
            continue
        if not is_container(value):
            continue
        if len(name) > DEPTH:
            raise Refused("nested deeper than 1000")
        if is_module(value) and not raw:
            if id(value) in above:
                continue
            above += (id(value),)
        elif id(value) in seen:
            continue
        seen.add(id(value))
        for parts, own, child in reversed(members(value, raw)):
            stack.append((path + parts, name + (own,), child, above))


def holds_tensors(value):
    return (entries(value) is not None or is_module(value)) and any(True for _ in walk(value))


def in_table(value):
    """The first entry of the root table that fits, or None."""
    found = entries(value)
    for key in TABLE:
        if key not in found or not holds_tensors(found[key]):
            continue
        if key == "ema" and not (is_module(found[key]) and is_module(found.get("model"))):
            continue
        return key
    return None


def auto_root(value):
    """The path of the root that auto takes."""
    path = ()
    for _ in range(UNWRAPS + 1):
        if is_module(value):
            return path
        found = entries(value)
        if found is None:
            return ()
        key = in_table(value)
        if key is not None:
            return path + (key,)
        if any(tensors.is_leaf(child) for child in found.values()):
            return path
        if len(found) != 1:
            return ()
        (key, value), = found.items()
        path += (spell(key),)
    return ()


def resolve(value, path):
    """The value at a path; a name that several keys spell alike gives the first."""
    while path:
        for parts, _, child in members(value, raw=True):
            if path[: len(parts)] == parts:
                value, path = child, path[len(parts):]
                break
        else:
            raise Refused(f"no value at root {pointer(path)}")
    return value


def pointer(path):
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def parse_pointer(text):
    if text == "":
        return ()
    if not text.startswith("/"):
        raise Refused("a root is auto, none or a JSON pointer")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))


def select(value, root):
    """(root path, [(path, name, leaf)]) of one stream."""
    if root == "auto":
        path = auto_root(value)
    else:
        path = () if root == "none" else parse_pointer(root)
    chosen, named = resolve(value, path), []
    for parts, name, leaf in walk(chosen):
        if path and path[-1] == "string_to_param" and name[:1] == ("*",):
            name = ("emb_params",) + name[1:]
        named.append((path + parts, ".".join(name) if name else "tensor", leaf))
    return path, named


def check(names):
    """Names must be different from each other, valid UTF-8, and not reserved."""
    seen = set()
    for name in names:
        if name in seen:
            raise Refused(f"two tensors have the name {name!r}")
        seen.add(name)
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            raise Refused(f"name {name!r} has a lone surrogate") from None
        if name == "__metadata__":
            raise Refused("a tensor is named __metadata__, which the format reserves")
