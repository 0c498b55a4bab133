"""A pickle read without running it: plain values and torch's tensors by place, anything else refused by name.

Python's own unpickler calls what a file names; this one only takes notes. The instructions are described in
Python's `pickletools`; those here are all that torch has ever used.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN, SAFETENSORS


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that the pickle asks for: only ever compared, never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class StorageNote:
    """A stretch of numbers kept outside the pickle."""

    kind: str
    """The name of its class: ``FloatStorage``."""
    key: str
    count: int
    """Of the whole stretch, in numbers."""
    offset: int = 0
    """Where the part of it that is meant begins: older files keep views of one storage in another."""


@dataclass(frozen=True, slots=True)
class TensorNote:
    """A tensor by its place in a storage; offsets and strides count numbers."""

    storage: StorageNote
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def read_pickle(path: Path, data: memoryview, start: int = 0) -> tuple[Any, int]:
    """The value of the pickle that begins there, and where it ends.

    Raises FormatError, naming it, for anything that is no plain value, ordered dictionary, storage or tensor.
    """
    machine = _Machine(path, data, start)
    try:
        while machine.step():
            pass
        return machine.pop(), machine.position
    except (ValueError, TypeError, LookupError, struct.error):
        raise FormatError(f"{path} is damaged: its list of tensors cannot be read.", AGAIN) from None


_MARK = object()
_LONGEST_NAME = 1000


class _Machine:
    """The unpickler's place in the data, stack and memo."""

    def __init__(self, path: Path, data: memoryview, position: int) -> None:
        self.position = position
        self._path = path
        self._data = data
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self) -> bool:
        """Take one instruction; false where it was the last."""
        code = self.read(1)
        if code == b".":
            return False
        act = _STEPS.get(code)
        if act is None:
            raise self._refused(f"the instruction 0x{code.hex()}")
        act(self)
        return True

    def read(self, size: int) -> bytes:
        """The next bytes."""
        piece = bytes(self._data[self.position : self.position + size])
        if len(piece) != size:
            raise ValueError
        self.position += size
        return piece

    def number(self, kind: str) -> Any:
        """The next number, packed as *kind* says (see `struct`)."""
        return struct.unpack(kind, self.read(struct.calcsize(kind)))[0]

    def line(self) -> str:
        """The text up to the next end of line."""
        piece = bytes(self._data[self.position : self.position + _LONGEST_NAME])
        text, end, _ = piece.partition(b"\n")
        if not end:
            raise ValueError
        self.position += len(text) + 1
        return text.decode()

    def push(self, value: Any) -> None:
        self._stack.append(value)

    def pop(self) -> Any:
        return self._stack.pop()

    def _refused(self, what: str) -> FormatError:
        return FormatError(
            f"{self._path} holds more than tensors ({what}), and opening it could run code: it was not opened.",
            SAFETENSORS,
        )

    def _pop_to_mark(self) -> list[Any]:
        at = len(self._stack) - 1
        while self._stack[at] is not _MARK:  # below the bottom: LookupError
            at -= 1
        values = self._stack[at + 1 :]
        del self._stack[at:]
        return values

    def put(self, key: int | None) -> None:
        self._memo[len(self._memo) if key is None else key] = self._stack[-1]

    def get(self, key: int) -> None:
        self._stack.append(self._memo[key])

    def tuple_of(self, count: int) -> None:
        if count > len(self._stack):
            raise LookupError
        values = tuple(self._stack[-count:])
        self._stack[-count:] = [values]

    def tuple_to_mark(self) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def list_to_mark(self) -> None:
        self._stack.append(self._pop_to_mark())

    def dict_to_mark(self) -> None:
        self._stack.append({})
        self._fill(self._stack[-1], self._pop_to_mark())

    def extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise TypeError
        target.extend(values)

    def append(self) -> None:
        value = self._stack.pop()
        self.extend([value])

    def appends(self) -> None:
        self.extend(self._pop_to_mark())

    def setitem(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._fill(self._stack[-1], [key, value])

    def setitems(self) -> None:
        values = self._pop_to_mark()
        self._fill(self._stack[-1], values)

    def _fill(self, target: Any, values: list[Any]) -> None:
        if not isinstance(target, dict):
            raise TypeError
        target |= _dict_of(zip(values[::2], values[1::2], strict=True))

    def name(self) -> None:
        self._push_name(Name(self.line(), self.line()))

    def stack_name(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise TypeError
        self._push_name(Name(module, name))

    def _push_name(self, name: Name) -> None:
        if name not in _CALLS and not _is_storage(name):
            raise self._refused(str(name))
        self._stack.append(name)

    def call(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        if not isinstance(arguments, tuple) or not isinstance(function, Name) or function not in _CALLS:
            raise TypeError
        self._stack.append(_CALLS[function](*arguments))

    def build(self) -> None:
        """Attributes of what stands below: a state dict's version numbers, which say nothing about weights."""
        self._stack.pop()
        if not isinstance(self._stack[-1], dict):
            raise TypeError

    def storage(self) -> None:
        self._stack.append(_storage(self._stack.pop()))

    def duplicate(self) -> None:
        self._stack.append(self._stack[-1])


def _pushes(kind: str) -> Callable[[_Machine], None]:
    """The instruction that pushes a number of this kind."""
    return lambda machine: machine.push(machine.number(kind))


def _pushes_text(kind: str) -> Callable[[_Machine], None]:
    """The instruction that pushes a text; its length, packed as *kind* says, stands before it."""
    return lambda machine: machine.push(machine.read(machine.number(kind)).decode())


def _pushes_long(kind: str) -> Callable[[_Machine], None]:
    return lambda machine: machine.push(int.from_bytes(machine.read(machine.number(kind)), "little", signed=True))


_STEPS: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": lambda machine: machine.read(1),  # PROTO
    b"\x95": lambda machine: machine.read(8),  # FRAME
    b"N": lambda machine: machine.push(None),  # NONE
    b"\x88": lambda machine: machine.push(True),  # NEWTRUE
    b"\x89": lambda machine: machine.push(False),  # NEWFALSE
    b"K": _pushes("<B"),  # BININT1
    b"M": _pushes("<H"),  # BININT2
    b"J": _pushes("<i"),  # BININT
    b"G": _pushes(">d"),  # BINFLOAT
    b"\x8a": _pushes_long("<B"),  # LONG1
    b"\x8b": _pushes_long("<I"),  # LONG4
    b"\x8c": _pushes_text("<B"),  # SHORT_BINUNICODE
    b"X": _pushes_text("<I"),  # BINUNICODE
    b"\x8d": _pushes_text("<Q"),  # BINUNICODE8
    b"U": _pushes_text("<B"),  # SHORT_BINSTRING, of Python 2
    b"T": _pushes_text("<I"),  # BINSTRING, of Python 2
    b"(": lambda machine: machine.push(_MARK),  # MARK
    b")": lambda machine: machine.push(()),  # EMPTY_TUPLE
    b"]": lambda machine: machine.push([]),  # EMPTY_LIST
    b"}": lambda machine: machine.push({}),  # EMPTY_DICT
    b"\x85": lambda machine: machine.tuple_of(1),  # TUPLE1
    b"\x86": lambda machine: machine.tuple_of(2),  # TUPLE2
    b"\x87": lambda machine: machine.tuple_of(3),  # TUPLE3
    b"t": _Machine.tuple_to_mark,  # TUPLE
    b"l": _Machine.list_to_mark,  # LIST
    b"d": _Machine.dict_to_mark,  # DICT
    b"a": _Machine.append,  # APPEND
    b"e": _Machine.appends,  # APPENDS
    b"s": _Machine.setitem,  # SETITEM
    b"u": _Machine.setitems,  # SETITEMS
    b"q": lambda machine: machine.put(machine.number("<B")),  # BINPUT
    b"r": lambda machine: machine.put(machine.number("<I")),  # LONG_BINPUT
    b"\x94": lambda machine: machine.put(None),  # MEMOIZE
    b"h": lambda machine: machine.get(machine.number("<B")),  # BINGET
    b"j": lambda machine: machine.get(machine.number("<I")),  # LONG_BINGET
    b"c": _Machine.name,  # GLOBAL
    b"\x93": _Machine.stack_name,  # STACK_GLOBAL
    b"R": _Machine.call,  # REDUCE
    b"b": _Machine.build,  # BUILD
    b"Q": _Machine.storage,  # BINPERSID
    b"0": _Machine.pop,  # POP
    b"2": _Machine.duplicate,  # DUP
}


def _is_storage(name: Name) -> bool:
    return name.module in ("torch", "torch.cuda") and name.name.endswith("Storage")


def _storage(identity: Any) -> StorageNote:
    """``("storage", class, key, device, count[, (view's key, offset, count) or None])``."""
    tag, kind, key, _, count, *view = identity
    if tag != "storage" or not isinstance(kind, Name) or not _is_storage(kind):
        raise TypeError
    offset = view[0][1] if view and view[0] is not None else 0
    return StorageNote(kind.name, _of(str, key), _of(int, count), _of(int, offset))


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> TensorNote:
    sizes, strides = (tuple(_of(int, value) for value in _of(tuple, values)) for values in (size, stride))
    if len(sizes) != len(strides) or len(sizes) > 16:
        raise TypeError
    return TensorNote(_of(StorageNote, storage), _of(int, offset), sizes, strides)


def _dict_of(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    values: dict[Any, Any] = {}
    for key, value in pairs:
        if not isinstance(key, str | int):  # the hash of a tuple in a tuple in a tuple … would end in a crash
            raise TypeError
        values[key] = value
    return values


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind or (kind is int and value < 0):
        raise TypeError
    return value


_CALLS: dict[Name, Callable[..., Any]] = {
    Name("collections", "OrderedDict"): lambda pairs=(): _dict_of(pairs),
    Name("torch._utils", "_rebuild_tensor"): _tensor,
    Name("torch._utils", "_rebuild_tensor_v2"): _tensor,
    Name("torch._utils", "_rebuild_parameter"): lambda tensor, *_: _of(TensorNote, tensor),
}
