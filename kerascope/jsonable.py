"""Any Python object as a value that a log can hold: null, bool, 64-bit int, float, text, list, string-keyed map.

Promises: never raises; what has no such form becomes its text; a structure deeper than 64 levels is cut there; the result shares
nothing mutable with the argument. numpy and tensor objects are recognised by their methods, so nothing is imported.
Not for: media and history values (see `media/convert.py`).
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import os
from collections.abc import Callable, Mapping
from typing import Any

MAX_DEPTH = 64
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
_MAX_ARRAY_ITEMS = 10_000


def to_jsonable(value: object, depth: int = 0) -> Any:
    """Returns `value` as null, bool, int, float, str, list or dict with text keys; NaN and infinities are kept.

    Args:
        value: anything. Tuples and sets become lists, dataclasses and namespaces maps, paths and dates text, numpy scalars and
            arrays numbers and lists, functions and classes their dotted name.
        depth: how deep `value` lies in the structure that is being converted.
    """
    if value is None or isinstance(value, bool):
        return value
    plain = _plain(value)
    if plain is not None:
        return plain
    if depth >= MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {clean_text(_key(key)): to_jsonable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_jsonable(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(
            (to_jsonable(item, depth + 1) for item in value), key=lambda item: (type(item).__name__, str(item))
        )
    return _object(value, depth)


def clean_text(text: str) -> str:
    """Returns `text` with what UTF-8 cannot say (lone surrogates) replaced by `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _key(key: object) -> str:
    return key if type(key) is str else str(key.value if isinstance(key, enum.Enum) else key)


def _plain(value: object) -> int | float | str | None:
    """Numbers and text, or None for anything else."""
    if isinstance(value, enum.Enum):
        inner = value.value
        return _plain(inner) if isinstance(inner, (int, float, str)) else value.name
    if isinstance(value, int):
        number = int(value)
        return number if INT_MIN <= number <= INT_MAX else _wide_int(number)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return clean_text(str(value))
    if isinstance(value, os.PathLike):
        return clean_text(os.fsdecode(value))
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return None


def _wide_int(number: int) -> float | str:
    """An int beyond 64 bits as the nearest float, or as text when it is beyond that too."""
    try:
        return float(number)
    except OverflowError:
        return hex(number)


def _object(value: object, depth: int) -> Any:
    """Objects that are no container: by their methods, else by their text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_jsonable(getattr(value, field.name, None), depth + 1) for field in dataclasses.fields(value)
        }
    if callable(value):
        return _dotted(value)
    array = _array(value)
    if array is not value:
        return to_jsonable(array, depth + 1)
    named = getattr(value, "__dict__", None)
    if type(value).__name__ in {"Namespace", "SimpleNamespace"} and isinstance(named, dict):
        return to_jsonable(named, depth + 1)
    return clean_text(_text(value))


def _array(value: object) -> Any:
    """What an array or tensor holds, as Python numbers; `value` itself if it is no array."""
    size, to_list = getattr(value, "size", None), getattr(value, "tolist", None)
    try:
        if to_list is None and hasattr(value, "numpy"):
            return _array(value.numpy())
        if not callable(to_list):
            return value
        if isinstance(size, int) and size > _MAX_ARRAY_ITEMS:
            return f"array of shape {tuple(getattr(value, 'shape', ()))}, dtype {getattr(value, 'dtype', '?')}"
        return to_list()
    except Exception:  # a foreign object's method failed: its text is the value then
        return value


def _dotted(value: Callable[..., object]) -> str:
    name = getattr(value, "__qualname__", None)
    module = getattr(value, "__module__", None)
    return clean_text(f"{module}.{name}" if name and module else _text(value))


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # a foreign object that cannot even be printed: its kind is all there is to say
        return f"<{type(value).__name__} without a text form>"
