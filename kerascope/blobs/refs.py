"""Which blobs a stored value refers to: in history rows, in media inside tables, in tables that tables link to.

A reference is a map with `sha256`. A referenced table (`_type` `table-file` or a path that ends in `.table.json`) is a JSON blob that
may refer to more. For cleaning up there is a coarser view that cannot miss one: whatever spells a digest refers to it. Not for: deciding what may go (see `blobs/sweep.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from kerascope.blobs.store import BlobStore, is_digest
from kerascope.errors import NotFoundError

Value = Any

# A look-ahead, so that digests are found at every place: of 65 hex digits in a row, both runs of 64 count.
_SPELLED: Final = re.compile(rb"(?=([0-9a-f]{64}))")
_BLOCK: Final = 1 << 20
_OVERLAP: Final = 63
_TABLE: Final = b'{"_type":"'


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


def spelled_digests(data: bytes) -> set[str]:
    """Returns every 64-digit lower-case hex text in `data`: all digests it names, and perhaps some that are none."""
    return {match[1].decode() for match in _SPELLED.finditer(data)}


def spelled_in_file(path: Path) -> set[str]:
    """Returns the digests that a file of any kind spells, such as a run log; it is read in blocks."""
    found: set[str] = set()
    rest = b""
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            found |= spelled_digests(rest + block)
            rest = block[-_OVERLAP:]
    return found


def reachable(blobs: BlobStore, roots: Iterable[str]) -> set[str]:
    """Returns `roots` and the blobs that the tables among them refer to, at any depth; blobs that are missing count too."""
    known: set[str] = set()
    waiting = set(roots)
    while waiting:
        digest = waiting.pop()
        known.add(digest)
        try:
            with blobs.open(digest) as file:
                inner = spelled_digests(file.read()) if file.read(len(_TABLE)) == _TABLE else set[str]()
        except NotFoundError:
            continue
        waiting |= inner - known
    return known
