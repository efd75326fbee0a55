"""Reads segments many rows at a time: consecutive rows of one key set come as one block, for folding at millions of points a second.

Promises: the same records as `reader.scan`, in an order that folds to the same state; rows that cannot be named (their key set was
lost to damage) are reported as damage, not dropped in silence. Not for: following a file (see `runlog/follow.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerascope.events.codec import decode
from kerascope.events.state import SegmentState
from kerascope.events.summary import is_number, number_matrix
from kerascope.events.types import Event, Keys, Row, Summary, Value
from kerascope.runlog.format import HEADER_SIZE
from kerascope.runlog.reader import Damage, TornTail, scan_raw


class Numbers(NamedTuple):
    """The numbers of one name in a block: positions of their rows in the block, and their values (float64)."""

    name: str
    rows: np.ndarray
    values: np.ndarray


class Other(NamedTuple):
    """A value that is no number: text, bool, None, list or map."""

    name: str
    row: int
    value: Value


@dataclass
class RowBlock:
    """Rows with the same names, in file order.

    Attributes:
        names: the keys.
        offsets: where each row's frame stands in the file.
        steps, times_s, runtimes_s: of each row.
        values: of each row, as logged.
    """

    names: tuple[str, ...]
    offsets: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    runtimes_s: list[float] = field(default_factory=list)
    values: list[list[Value]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def matrix(self) -> np.ndarray | None:
        """The values as float64 of shape (rows, names), or None if one of them is no number."""
        return number_matrix(self.values)

    def apply_to(self, state: SegmentState) -> None:
        """Folds the rows into the state of their segment."""
        state.apply_rows(self.names, self.steps, self.times_s, self.runtimes_s, self.values, self.matrix)

    def split(self) -> tuple[list[Numbers], list[Other]]:
        """Returns the numbers by name, and everything else one by one."""
        rows = np.arange(len(self))
        if self.matrix is not None:
            return [Numbers(name, rows, self.matrix[:, i]) for i, name in enumerate(self.names)], []
        numbers: list[Numbers] = []
        others: list[Other] = []
        for i, name in enumerate(self.names):
            column = [row[i] for row in self.values]
            mask = np.fromiter(map(is_number, column), np.bool_, len(column))
            if mask.any():
                values = np.array([float(value) for value in column if is_number(value)], dtype=np.float64)
                numbers.append(Numbers(name, rows[mask], values))
            others.extend(Other(name, int(row), column[row]) for row in rows[~mask])
        return numbers, others


class Blocks(NamedTuple):
    """What a piece of a segment holds; the fields but `items` are those of `reader.Scan`."""

    items: list[tuple[int, Event | RowBlock]]
    next_offset: int
    damage: tuple[Damage, ...]
    torn: TornTail | None
    unknown: int


def scan_blocks(path: Path, state: SegmentState, offset: int = 0, limit_bytes: int | None = None) -> Blocks:
    """Returns events and row blocks of the segment at `path`, in an order that may be folded.

    Args:
        path: the segment file.
        state: the state folded up to `offset`. Its key sets name the rows, and key sets read here are folded into it at once;
            everything else is left to the caller: `state.apply(event)` and `block.apply_to(state)`.
        offset: 0, or `next_offset` of an earlier scan.
        limit_bytes: read about this much only; None reads to the end.

    Raises:
        OSError: if the file cannot be read.
    """
    frames = scan_raw(path, offset, limit_bytes)
    gather = _Gather(state, list(frames.damage))
    for position, payload in frames.payloads:
        gather.take(position, payload)
    gather.damage.sort()
    return Blocks(gather.items, frames.next_offset, tuple(gather.damage), frames.torn, gather.unknown)


def iter_blocks(path: Path, state: SegmentState, offset: int, piece_bytes: int) -> Iterator[Blocks]:
    """Yields `scan_blocks` of one piece after the other until the end, so that memory stays bounded."""
    while True:
        blocks = scan_blocks(path, state, offset, piece_bytes)
        yield blocks
        if blocks.next_offset == offset:
            return
        offset = blocks.next_offset


class _Gather:
    """Sorts frames into events and blocks."""

    def __init__(self, state: SegmentState, damage: list[Damage]) -> None:
        self.state = state
        self.damage = damage
        self.items: list[tuple[int, Event | RowBlock]] = []
        self.unknown = 0
        self._keys = -1
        self._block: RowBlock | None = None
        self._rows = 0  # taken, but not folded into the state yet

    def take(self, position: int, payload: bytes) -> None:
        try:
            event = decode(payload)
        except ValueError as error:
            self.damage.append(Damage(position, HEADER_SIZE + len(payload), str(error)))
            return
        if type(event) is Row:
            self._take_row(position, payload, event)
        elif event is None:
            self.unknown += 1
        elif type(event) is Keys:
            self.state.announce(event, self.state.rows + self._rows)
            self._block = None
        else:
            if type(event) is Summary:  # the only event that does not commute with rows
                self._block = None
            self.items.append((position, event))

    def _take_row(self, position: int, payload: bytes, row: Row) -> None:
        block = self._block
        if block is None or row.keys != self._keys or len(row.values) != len(block.names):
            names = self.state.names(row.keys)
            if names is None or len(names) != len(row.values):
                self.damage.append(Damage(position, HEADER_SIZE + len(payload), _why_nameless(row, names)))
                return
            block = self._block = RowBlock(names)
            self._keys = row.keys
            self.items.append((position, block))
        self._rows += 1
        block.offsets.append(position)
        block.steps.append(row.step)
        block.times_s.append(row.time_s)
        block.runtimes_s.append(row.runtime_s)
        block.values.append(row.values)


def _why_nameless(row: Row, names: tuple[str, ...] | None) -> str:
    if names is None:
        return f"a row refers to key set {row.keys}, which was not announced"
    return f"a row has {len(row.values)} values for {len(names)} names"


__all__ = ["Blocks", "Numbers", "Other", "RowBlock", "iter_blocks", "scan_blocks"]
