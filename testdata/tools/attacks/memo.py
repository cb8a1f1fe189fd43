"""The memo and the stack: what a global is called shows only to who keeps both."""

import struct

from .kit import (
    BUILD,
    DUP,
    EMPTY_DICT,
    MARK,
    MEMOIZE,
    NONE,
    POP,
    REDUCE,
    STACK_GLOBAL,
    STOP,
    TUPLE1,
    call,
    get,
    name,
    num,
    proto,
    put,
    short,
    technique,
    text,
    tup,
)

RUN = short("touch marker") + TUPLE1 + REDUCE


@technique("stack-global-memo", "STACK_GLOBAL whose two names come from the memo")
def stack_global_memo():
    both = short("os") + MEMOIZE + POP + short("system") + MEMOIZE + POP
    return {
        "binget": proto(4) + both + get(0) + get(1) + STACK_GLOBAL + RUN + STOP,
        "long": proto(4) + both + b"j" + struct.pack("<I", 0) + b"j" + struct.pack("<I", 1) + STACK_GLOBAL + RUN + STOP,
        "text": proto(4) + both + b"g0\n" + b"g1\n" + STACK_GLOBAL + RUN + STOP,
    }


@technique("memoize-after-pop", "MEMOIZE of what is on top after a POP, not of the opcode before")
def memoize_after_pop():
    return (
        proto(4)
        + short("os")
        + short("math")
        + POP
        + MEMOIZE
        + POP
        + short("system")
        + short("sqrt")
        + POP
        + MEMOIZE
        + POP
        + get(0)
        + get(1)
        + STACK_GLOBAL
        + RUN
        + STOP
    )


@technique("memo-overwritten", "a memo slot that is used twice")
def memo_overwritten():
    return {
        "put": proto(4) + short("math") + put(0) + POP + short("os") + put(0) + POP + get(0) + short("system") + STACK_GLOBAL + RUN + STOP,
        "memoize": proto(4)
        + short("os")
        + put(1)
        + POP
        + short("math")
        + MEMOIZE
        + POP
        + short("collections")
        + put(7)
        + POP
        + short("os")
        + put(7)
        + POP
        + get(7)
        + short("system")
        + STACK_GLOBAL
        + RUN
        + STOP,
    }


@technique("memo-far", "memo slots with gaps, beyond any that a pickler uses")
def memo_far():
    far = struct.pack("<I", 3_000_000)
    return proto(4) + short("os") + b"r" + far + POP + b"j" + far + short("system") + STACK_GLOBAL + RUN + STOP


@technique("memo-callable", "the function itself from the memo, called later")
def memo_callable():
    return {
        "get": proto(2) + name("os", "system") + put(0) + POP + get(0) + text("touch marker") + TUPLE1 + REDUCE + STOP,
        "dup": proto(2) + name("os", "system") + DUP + POP + text("touch marker") + TUPLE1 + REDUCE + STOP,
        "tuple": proto(2) + text("touch marker") + TUPLE1 + put(3) + POP + name("os", "system") + get(3) + REDUCE + STOP,
    }


@technique(
    "memo-reused-unpickler", "an unpickler that is used again keeps its memo: the second pickle names what the first left", "pickle-reused"
)
def memo_reused():
    first = proto(4) + short("os") + MEMOIZE + POP + short("system") + MEMOIZE + STOP
    second = proto(4) + get(0) + get(1) + STACK_GLOBAL + RUN + STOP
    # Read alone, the second pickle names collections.OrderedDict: MEMOIZE
    # counts on from what the first one left.
    decoy = proto(4) + short("collections") + MEMOIZE + POP + short("OrderedDict") + MEMOIZE + POP + second[2:]
    return {"missing": first + second, "innocuous": first + decoy}


@technique("stack-global-odd-operands", "STACK_GLOBAL with names of other opcodes, or with nothing before them")
def odd_operands():
    return {
        "string": proto(4) + b"S'os'\nS'system'\n" + STACK_GLOBAL + RUN + STOP,
        "short": proto(4) + b"U\x02osU\x06system" + STACK_GLOBAL + RUN + STOP,
        "unicode": proto(4) + b"Vos\nVsyst\\u0065m\n" + STACK_GLOBAL + RUN + STOP,
        "no-proto": short("os") + short("system") + STACK_GLOBAL + RUN + STOP,
        "wide": proto(4) + b"\x8d" + struct.pack("<Q", 2) + b"os" + text("system") + STACK_GLOBAL + RUN + STOP,
    }


@technique("stack-global-apart", "names with other opcodes between them and STACK_GLOBAL")
def apart():
    return {
        "values": proto(4) + short("os") + NONE + num(1) + POP + POP + short("system") + MARK + num(1) + b"1" + STACK_GLOBAL + RUN + STOP,
        "dup": proto(4) + short("os") + short("x") + POP + DUP + POP + short("system") + STACK_GLOBAL + RUN + STOP,
    }


@technique("stack-global-computed", "names that a call returns at run time")
def computed():
    joined = call("builtins", "str", text("os"))
    by_bytes = call("builtins", "str", b"C\x06system", text("ascii"))
    return {
        "str": proto(4) + joined + short("system") + STACK_GLOBAL + RUN + STOP,
        "codec": proto(4) + short("os") + by_bytes + STACK_GLOBAL + RUN + STOP,
    }


@technique("global-behind-pops", "the call's result is dropped, and something harmless returned")
def dropped():
    return {
        "pop": proto(2) + call("os", "system", text("touch marker")) + POP + EMPTY_DICT + STOP,
        "pop-mark": proto(2) + MARK + call("os", "system", text("touch marker")) + b"1" + EMPTY_DICT + STOP,
        "build": proto(2)
        + call("collections", "OrderedDict")
        + tup(NONE, EMPTY_DICT + text("a") + call("os", "system", text("touch marker")) + b"s")
        + BUILD
        + STOP,
    }
