"""The leaves of config and summary: what filters compare, what runs are sorted by and what columns are.

Promises: pure; one rule for the rows of the `value` table and for filters that run in Python. Not for: showing values.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

LONGEST_LIST = 64
LONGEST_TEXT = 4096


class Leaf(NamedTuple):
    """One scalar in a config or summary, or one item of a short list of scalars (`position` from 1).

    Attributes:
        name: path of the value, such as `config.optimizer.lr`.
        position: 0 for the value itself.
        kind: `number`, `bool`, `text`, `null`, or `other` for lists, media and the like.
        number: the number, or 0 and 1 of a bool. None for NaN, which no SQL database can compare.
        text: the text, cut off at `LONGEST_TEXT`, or `NaN`.
    """

    name: str
    position: int
    kind: str
    number: float | None
    text: str | None


def leaves(prefix: str, values: dict[str, Any]) -> Iterator[Leaf]:
    """Yields the leaves of a nested map, names beginning with `prefix.`. Maps with a `_type` (media) are leaves."""
    for key, value in values.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict) and value and "_type" not in value:
            yield from leaves(name, value)
        else:
            yield from _leaf(name, value)


def shape(found: Iterable[Leaf]) -> int:
    """Returns a number that is the same for runs with the same names and kinds of values, whatever the values are."""
    lines = sorted(f"{leaf.name}\0{leaf.kind}" for leaf in found if leaf.position == 0)
    digest = hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _leaf(name: str, value: Any) -> Iterator[Leaf]:
    yield Leaf(name, 0, *classify(value))
    if isinstance(value, list | tuple) and len(value) <= LONGEST_LIST:
        for position, item in enumerate(value, 1):
            if not isinstance(item, list | tuple | dict):
                yield Leaf(name, position, *classify(item))


def classify(value: Any) -> tuple[str, float | None, str | None]:
    """Returns kind, number and text of one value, as `Leaf` has them."""
    if isinstance(value, bool):
        return "bool", float(value), None
    if isinstance(value, int | float):
        number = _as_float(value)
        return ("number", None, "NaN") if number != number else ("number", number, None)
    if isinstance(value, str):
        return "text", None, value[:LONGEST_TEXT]
    if value is None:
        return "null", None, None
    return "other", None, None


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
