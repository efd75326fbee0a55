"""Records as plain JSON values: NaN and infinities become `"NaN"`, `"Infinity"`, `"-Infinity"`, since JSON has none.

Pure; shared by the server, exported pages and the command line.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec


def json_bytes(record: Any) -> bytes:
    """Returns a record, or plain values, as JSON."""
    return msgspec.json.encode(nonfinite_as_text(msgspec.to_builtins(record)))


def nonfinite_as_text(value: Any) -> Any:
    """Returns plain values with NaN and infinities as text; maps and lists are changed in place."""
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else _float_name(value)
    if kind is dict:
        for key, item in value.items():
            if type(item) in _NEEDS_LOOK:
                value[key] = nonfinite_as_text(item)
    elif kind is list:
        if _is_finite_numbers(value):
            return value
        for place, item in enumerate(value):
            if type(item) in _NEEDS_LOOK:
                value[place] = nonfinite_as_text(item)
    elif kind is tuple:
        return nonfinite_as_text(list(value))
    return value


def _is_finite_numbers(values: list[Any]) -> bool:
    """Whether there is nothing to change in a list of numbers: the most common long list, looked at without a loop of ours."""
    return _NUMBERS.issuperset(map(type, values)) and all(map(math.isfinite, values))


_NUMBERS = frozenset({float, int})
_NEEDS_LOOK = frozenset({float, dict, list, tuple})


def _float_name(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
