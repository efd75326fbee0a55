"""Which blobs a stored value refers to: in history rows, in media inside tables, in tables that tables link to.

A reference is a map with `sha256`. A referenced table (`_type` `table-file` or a path that ends in `.table.json`) is a JSON blob that
may refer to more. Pure but for the function that reads such blobs. Not for: deciding what may go (see `blobs/sweep.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from kerascope.blobs.store import is_digest

Value = Any


def references(value: Value) -> Iterator[dict[str, Value]]:
    """Yields each map inside `value` (itself included) whose `sha256` names a blob, outer ones first."""
    if isinstance(value, dict):
        if is_digest(value.get("sha256")):
            yield value
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)


def has_inner_references(reference: dict[str, Value]) -> bool:
    """Returns whether the blob is a table, whose cells may refer to further blobs."""
    return reference.get("_type") == "table-file" or str(reference.get("path", "")).endswith(".table.json")


def all_references(value: Value, read: Callable[[str], bytes]) -> Iterator[dict[str, Value]]:
    """Yields the references in `value` and in the tables it refers to, at any depth; each blob once.

    Args:
        value: a history value, or the content of a table file.
        read: returns the bytes of the blob with the given sha256; `OSError`, `LookupError` and errors of the store pass through.
    """
    seen: set[str] = set()
    waiting = [value]
    while waiting:
        for reference in references(waiting.pop()):
            if reference["sha256"] in seen:
                continue
            seen.add(reference["sha256"])
            yield reference
            if has_inner_references(reference):
                waiting.append(json.loads(read(reference["sha256"])))
