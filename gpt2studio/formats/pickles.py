"""A pickle read without running it: plain values and torch's tensors by place, anything else refused by name.

Python's own unpickler calls what a file names; this one only takes notes. Opcodes: Python's `pickletools`.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2studio.errors import FormatError
from gpt2studio.formats.mapped import AGAIN


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
    source = _Source(data, start)
    machine = _Machine(path)
    try:
        for opcode, argument, _ in pickletools.genops(source):  # type: ignore[arg-type]
            machine.step(opcode.name, argument)
        return machine.pop(), source.position
    except (ValueError, TypeError, LookupError, OverflowError):
        raise FormatError(f"{path} is damaged: its list of tensors cannot be read.", AGAIN) from None


class _Source:
    """A view as the little of a file that `pickletools` asks for."""

    def __init__(self, data: memoryview, position: int) -> None:
        self._data = data
        self.position = position

    def read(self, size: int) -> bytes:
        piece = bytes(self._data[self.position : self.position + size])
        self.position += len(piece)
        return piece

    def readline(self) -> bytes:
        piece = bytes(self._data[self.position : self.position + 4096])
        return self.read(piece.find(b"\n") + 1 or len(piece))

    def tell(self) -> int:
        return self.position


_MARK = object()

_WHOLE = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4")
_TEXTS = ("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING")
_LITERALS = frozenset((*_WHOLE, *_TEXTS, "FLOAT", "BINFLOAT", "BINBYTES", "SHORT_BINBYTES"))
_FRESH: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "MARK": lambda: _MARK,
}
_NOTHING = frozenset(("PROTO", "FRAME", "STOP"))


class _Machine:
    """The unpickler's stack and memo."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self, opcode: str, argument: Any) -> None:
        """Take one opcode."""
        if opcode in _LITERALS:
            self._stack.append(argument)
        elif opcode in _FRESH:
            self._stack.append(_FRESH[opcode]())
        elif opcode in _STEPS:
            _STEPS[opcode](self, argument)
        elif opcode not in _NOTHING:
            raise self._refused(f"the instruction {opcode}")

    def pop(self) -> Any:
        return self._stack.pop()

    def _refused(self, what: str) -> FormatError:
        return FormatError(
            f"{self._path} holds more than tensors ({what}), and opening it could run code: it was not opened.",
            "Get the model as safetensors, or from someone you trust.",
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
        if not isinstance(target, dict) or len(values) % 2:
            raise TypeError
        target.update(zip(values[::2], values[1::2], strict=True))

    def name(self, argument: str) -> None:
        """GLOBAL: pickletools gives module and name in one, a space between."""
        module, _, name = argument.partition(" ")
        self._push_name(Name(module, name))

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


_STEPS: dict[str, Callable[[_Machine, Any], Any]] = {
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": lambda machine, _: machine.put(None),
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "TUPLE": lambda machine, _: machine.tuple_to_mark(),
    "LIST": lambda machine, _: machine.list_to_mark(),
    "DICT": lambda machine, _: machine.dict_to_mark(),
    "APPEND": lambda machine, _: machine.append(),
    "APPENDS": lambda machine, _: machine.appends(),
    "SETITEM": lambda machine, _: machine.setitem(),
    "SETITEMS": lambda machine, _: machine.setitems(),
    "GLOBAL": _Machine.name,
    "STACK_GLOBAL": lambda machine, _: machine.stack_name(),
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.storage(),
    "POP": lambda machine, _: machine.pop(),
    "DUP": lambda machine, _: machine.duplicate(),
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


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind or (kind is int and value < 0):
        raise TypeError
    return value


_CALLS: dict[Name, Callable[..., Any]] = {
    Name("collections", "OrderedDict"): lambda pairs=(): dict(pairs),
    Name("torch._utils", "_rebuild_tensor"): _tensor,
    Name("torch._utils", "_rebuild_tensor_v2"): _tensor,
    Name("torch._utils", "_rebuild_parameter"): lambda tensor, *_: _of(TensorNote, tensor),
}
