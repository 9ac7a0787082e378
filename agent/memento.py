"""The state of objects as JSON and arrays, and back: no pickle, and nothing in a file names what code is run.

A program lists the classes whose objects have a state, and of each the attributes that it builds itself and that never
change (`Kinds`). All other attributes are the state, whatever they are called, so that a new one cannot be forgotten:
what is neither plain data nor an object of a listed class is an error that says where it stands.

Restoring fills the objects that the program has built, in place; where there is none yet, one of a listed class is
made without calling it. An object, list or array that stands in two places is one again. Arrays and tensors come back
with the order of axes in memory that they had, on which the last bits of a sum may depend.

An object whose state lies beyond Python's reach (a compiled detector, a world) keeps itself, see `SelfKept`.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from garden_env.container import Arrays

Kinds = Mapping[type, tuple[str, ...]]
"""By class, the attributes that are no state: the program builds them, and they never change."""


TAGS = frozenset(
    ("float", "scalar", "tuple", "again", "array", "tensor", "generator", "list", "deque", "dict", "object")
)  # what a thing in an outline can be


class MementoError(ValueError):
    """A state that cannot be taken or put back; the message says where in the object it stands."""


@runtime_checkable
class SelfKept(Protocol):
    """An object that says itself what its state is."""

    def kept(self) -> Any:
        """Its state: plain data, arrays and objects of listed classes."""
        ...

    def restore(self, kept: Any) -> None:
        """Become what `kept` said; called on an object that was made without calling its class, too."""
        ...


@dataclass(frozen=True)
class Memento:
    """A state.

    Attributes:
        outline: JSON: the structure, and all that is no array.
        arrays: by name.
    """

    outline: Any
    arrays: Arrays

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values())


def take(value: Any, kinds: Kinds) -> Memento:
    """The state of a value as it is now; later changes of the value do not reach it.

    Raises:
        MementoError: it holds something that is neither plain data nor of a listed class.
    """
    taker = _Taker(kinds)
    return Memento(taker.outline(value, ""), taker.arrays)


def put_back(memento: Memento, value: Any, kinds: Kinds) -> Any:
    """Fill what the program has built with a state.

    Args:
        memento: of `take`, or read from a file.
        value: as the program has built it; its dicts, lists and objects are filled in place.
        kinds: as when the state was taken.

    Returns:
        The value; another one where it cannot be filled in place (numbers, texts, tuples, arrays).

    Raises:
        MementoError: the state is not one of such a value, or damaged.
    """
    return _Filler(kinds, memento.arrays).value(memento.outline, value, "")


@dataclass
class _Taker:
    kinds: Kinds
    arrays: Arrays = field(default_factory=dict)
    seen: dict[int, tuple[int, Any]] = field(default_factory=dict)  # by id: its number, and itself, lest ids come again

    def outline(self, value: Any, place: str) -> Any:
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if np.isfinite(value) else {"float": repr(value)}
        if isinstance(value, np.generic):
            return {"scalar": [_plain_dtype(value.dtype, place), self.outline(value.item(), place)]}
        if isinstance(value, tuple) and type(value) is tuple:
            return {"tuple": [self.outline(part, f"{place}/{i}") for i, part in enumerate(value)]}
        if id(value) in self.seen:
            return {"again": self.seen[id(value)][0]}
        self.seen[id(value)] = len(self.seen), value
        match value:
            case Tensor():
                half = value.dtype == torch.bfloat16  # NumPy has no such type: its bits are kept
                array = (value.view(torch.int16) if half else value).detach().cpu().numpy()
                return {"tensor": self._array(array, place) | {"half": half}}
            case np.ndarray():
                return {"array": self._array(value, place)}
            case np.random.Generator():
                return {"generator": self.outline(value.bit_generator.state, place)}
            case list():
                return {"list": [self.outline(part, f"{place}/{i}") for i, part in enumerate(value)]}
            case deque():
                parts = [self.outline(part, f"{place}/{i}") for i, part in enumerate(value)]
                return {"deque": parts, "most": value.maxlen}
            case dict():
                return {"dict": [self._entry(key, part, place) for key, part in value.items()]}
        kind = type(value)
        if kind not in self.kinds:
            raise MementoError(
                f"{place or 'the value'} is a {kind.__module__}.{kind.__qualname__}, whose state nobody has said how "
                "to keep; list its class, or name it among what the program builds"
            )
        if isinstance(value, SelfKept):
            return {"object": kind.__qualname__, "kept": self.outline(value.kept(), place)}
        given = self.kinds[kind]
        state = {name: self.outline(part, f"{place}/{name}") for name, part in vars(value).items() if name not in given}
        return {"object": kind.__qualname__, "state": state}

    def _entry(self, key: Any, part: Any, place: str) -> list[Any]:
        if isinstance(key, np.generic) or not isinstance(key, str | int | tuple | None):
            raise MementoError(f"{place} has the key {key!r}, a {type(key).__name__}; expected text, int or tuple")
        return [self.outline(key, place), self.outline(part, f"{place}/{key}")]

    def _array(self, array: np.ndarray, place: str) -> dict[str, Any]:
        """Keep a copy under a name of its own, laid out with the slowest axis first; says how its axes then lie."""
        _plain_dtype(array.dtype, place)
        axes = [int(axis) for axis in np.argsort([-abs(stride) for stride in array.strides], kind="stable")]
        name = place if place not in self.arrays else f"{place}#{len(self.arrays)}"
        self.arrays[name] = np.array(array.transpose(axes), order="C")
        return {"name": name, "axes": axes}


@dataclass
class _Filler:
    kinds: Kinds
    arrays: Arrays
    found: list[Any] = field(default_factory=list)  # by number

    def value(self, told: Any, built: Any, place: str) -> Any:
        if told is None or isinstance(told, bool | int | float | str):
            return told
        try:
            [tag] = [tag for tag in told if tag not in ("most", "state", "kept")]
            if tag not in TAGS:
                raise MementoError(f"{place or 'the value'}: {tag!r} is no kind of thing that is kept")
            return getattr(self, f"_{tag}")(told, built, place)
        except MementoError:
            raise
        except (
            ArithmeticError,
            AssertionError,
            AttributeError,
            IndexError,
            KeyError,
            RecursionError,
            RuntimeError,
            TypeError,
            ValueError,
        ) as error:  # fmt: skip (what fills itself raises what it likes)
            raise MementoError(f"{place or 'the value'}: what is kept of it makes no sense: {error!r}") from error

    def _float(self, told: dict[str, Any], built: Any, place: str) -> float:
        return float(told["float"])

    def _scalar(self, told: dict[str, Any], built: Any, place: str) -> Any:
        dtype, value = told["scalar"]
        return np.dtype(_plain_dtype(np.dtype(dtype), place)).type(self.value(value, None, place))

    def _tuple(self, told: dict[str, Any], built: Any, place: str) -> tuple[Any, ...]:
        return tuple(self._parts(told["tuple"], built if isinstance(built, tuple) else (), place))

    def _again(self, told: dict[str, Any], built: Any, place: str) -> Any:
        return self.found[told["again"]]

    def _array(self, told: dict[str, Any], built: Any, place: str) -> np.ndarray:
        array = self._laid_out(told["array"])
        self.found.append(array)
        return array

    def _tensor(self, told: dict[str, Any], built: Any, place: str) -> Tensor:
        tensor = torch.from_numpy(self._laid_out(told["tensor"]))
        tensor = tensor.view(torch.bfloat16) if told["tensor"]["half"] else tensor
        self.found.append(tensor)
        return tensor

    def _laid_out(self, told: dict[str, Any]) -> np.ndarray:
        return self.arrays[told["name"]].transpose(np.argsort(told["axes"]))

    def _generator(self, told: dict[str, Any], built: Any, place: str) -> np.random.Generator:
        rng = built if isinstance(built, np.random.Generator) else np.random.Generator(np.random.PCG64())
        self.found.append(rng)
        rng.bit_generator.state = self.value(told["generator"], None, place)
        return rng

    def _list(self, told: dict[str, Any], built: Any, place: str) -> list[Any]:
        return self._filled(built if type(built) is list else [], told["list"], place)

    def _deque(self, told: dict[str, Any], built: Any, place: str) -> deque[Any]:
        ours = isinstance(built, deque) and built.maxlen == told["most"]
        return self._filled(built if ours else deque(maxlen=told["most"]), told["deque"], place)

    def _filled(self, row: Any, told: list[Any], place: str) -> Any:
        """A list or deque with what it was told; what stands in it is filled in place where there are as many."""
        self.found.append(row)
        before = list(row) if len(row) == len(told) else []
        row.clear()
        row.extend(self._parts(told, before, place))
        return row

    def _parts(self, told: list[Any], built: Any, place: str) -> list[Any]:
        before = built if len(built) == len(told) else [None] * len(told)
        return [self.value(part, before[i], f"{place}/{i}") for i, part in enumerate(told)]

    def _dict(self, told: dict[str, Any], built: Any, place: str) -> dict[Any, Any]:
        table = built if type(built) is dict else {}
        self.found.append(table)
        before = dict(table)
        table.clear()
        for key, part in told["dict"]:
            name = self.value(key, None, place)
            table[name] = self.value(part, before.get(name), f"{place}/{name}")
        return table

    def _object(self, told: dict[str, Any], built: Any, place: str) -> Any:
        kind = {kind.__qualname__: kind for kind in self.kinds}.get(told["object"])
        if kind is None:
            raise MementoError(f"{place}: no class {told['object']!r} has a state here")
        ours = type(built) is kind
        target = built if ours else object.__new__(kind)
        self.found.append(target)
        if isinstance(target, SelfKept):
            target.restore(self.value(told["kept"], target.kept() if ours else None, place))
            return target
        given, attributes = self.kinds[kind], vars(target)
        lacking = [name for name in (*attributes, *given) if name not in (*given, *told["state"])]
        lacking += [name for name in given if name not in attributes]
        if lacking:
            raise MementoError(f"{place}: a {told['object']} has {', '.join(lacking)}, of which nothing is known here")
        for name, part in told["state"].items():
            attributes[name] = self.value(part, attributes.get(name), f"{place}/{name}")
        return target


def _plain_dtype(dtype: np.dtype, place: str) -> str:
    if dtype.kind not in "biuf":
        raise MementoError(f"{place} is an array of {dtype}; expected bool, integers or floats")
    return dtype.str
