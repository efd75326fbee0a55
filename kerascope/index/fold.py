"""Folds records of a segment into what the index keeps: columns of numbers, cells, lines, notes and the segment's state.

Promises: pure; folding a log in pieces gives the same as folding it at once (`tests/index/test_fold.py`). Rows of one key set are
turned into columns together, which is what makes a million points a second possible. Not for: files or SQL (`build.py`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from kerascope.events import types as ev
from kerascope.events.codec import decode
from kerascope.events.state import SegmentState
from kerascope.index import blocks
from kerascope.index.columns import NO_POINTS, Points, join

CLOCK = "_timestamp"
RUNTIME = "_runtime"
SYSTEM = "system/"
SYSTEM_CLOCK = "system/_timestamp"

_EXACT_INT = 2**53
_STEPS = (-(2**63), 2**63 - 1)
_NUMBERS = frozenset((float, int, bool))


class Line(NamedTuple):
    """One line of captured output."""

    stream: str
    time_s: float
    text: str


class FileRef(NamedTuple):
    """A file the run keeps, or a blob that a logged value refers to (policy `media`)."""

    path: str
    digest: str | None
    size_bytes: int
    policy: str
    time_s: float


@dataclass(frozen=True)
class Column:
    """New values of one key: the numbers as points, all others as cells; each in log order.

    `form` says what the numbers were, so that they are given back as such: `int`, `bool` or `float`; None without numbers.
    """

    points: Points = NO_POINTS
    form: str | None = None
    cells: tuple[tuple[int, Any], ...] = ()


@dataclass
class Piece:
    """What some records add to a run. `lost` says what could not be understood."""

    columns: dict[str, Column] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    notes: list[ev.Alert | ev.Notice | ev.ArtifactLogged | ev.ArtifactUsed] = field(default_factory=list)
    files: dict[str, FileRef] = field(default_factory=dict)
    lost: list[tuple[int, int, str]] = field(default_factory=list)
    row_count: int = 0

    def lose(self, offset: int, reason: str) -> None:
        """Notes rows that could not be understood, once a reason."""
        if all(part[2] != reason for part in self.lost):
            self.lost.append((offset, 0, reason))


class _Log:
    """Values of one key on their way into a column: single ones in lists, blocks as they are."""

    __slots__ = ("_parts", "steps", "values")

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[Any] = []
        self._parts: list[Column] = []

    def add_block(self, steps: Any, values: Any, form: str) -> None:
        """Adds numbers behind all that was added before."""
        self._close_lists()
        self._parts.append(Column(Points(steps, values), form))

    def column(self) -> Column:
        """Returns all that was added."""
        self._close_lists()
        if len(self._parts) == 1:
            return self._parts[0]
        form: str | None = None
        for part in self._parts:
            form = wider(form, part.form)
        return Column(
            join([part.points for part in self._parts if len(part.points)]),
            form,
            tuple(cell for part in self._parts for cell in part.cells),
        )

    def _close_lists(self) -> None:
        if self.steps:
            self._parts.append(_column(self.steps, self.values))
            self.steps, self.values = [], []


Log = defaultdict[str, _Log]


def fold(state: SegmentState, payloads: list[tuple[int, bytes]]) -> Piece:
    """Returns what records of a segment add, in log order, and brings its `state` up to date.

    Args:
        state: What the segment's records before these amount to; changed in place.
        payloads: Undecoded records, each with its offset in the file.
    """
    piece = Piece()
    log: Log = defaultdict(_Log)
    at = 0
    while at < len(payloads):
        if not blocks.may_start(payloads[at][1]):
            at = _fold_others(state, payloads, at, log, piece)
            continue
        at = _fold_rows_from(state, payloads, at, log, piece)
    piece.columns = {key: entry.column() for key, entry in log.items()}
    _collect_media(piece)
    return piece


def _fold_others(state: SegmentState, payloads: list[tuple[int, bytes]], at: int, log: Log, piece: Piece) -> int:
    """Folds records up to the next row; returns where that is."""
    while at < len(payloads):
        offset, payload = payloads[at]
        if blocks.may_start(payload):
            break
        at += 1
        try:
            event = decode(payload)
        except ValueError as error:
            piece.lost.append((offset, len(payload), str(error)))
            continue
        if isinstance(event, ev.Row):  # written by another encoder
            _fold_rows(state, [event], log, piece, offset)
        elif event is not None:
            state.apply(event)
            _fold_event(event, log, piece, state.updated_s)
    return at


def _fold_rows_from(state: SegmentState, payloads: list[tuple[int, bytes]], at: int, log: Log, piece: Piece) -> int:
    """Folds rows, blocks of one shape together; returns where the next other record is."""
    waiting = at
    while at < len(payloads) and blocks.may_start(payloads[at][1]):
        end = blocks.alike(payloads, at)
        block = blocks.read(payloads, at, end) if end - at >= blocks.MIN_ROWS else None
        if block is None:
            at = end
            continue
        _fold_singly(state, payloads[waiting:at], log, piece)
        _fold_block(state, block, log, piece, payloads[at][0])
        at += block.count
        waiting = at
    _fold_singly(state, payloads[waiting:at], log, piece)
    return at


def _fold_singly(state: SegmentState, payloads: list[tuple[int, bytes]], log: Log, piece: Piece) -> None:
    """Folds rows by decoding each."""
    group: list[ev.Row] = []
    began = 0
    for offset, payload in payloads:
        try:
            event = decode(payload)
        except ValueError as error:
            piece.lost.append((offset, len(payload), str(error)))
            continue
        if not isinstance(event, ev.Row):
            continue
        if group and group[0].keys != event.keys:
            _fold_rows(state, group, log, piece, began)
            group = []
        if not group:
            began = offset
        group.append(event)
    if group:
        _fold_rows(state, group, log, piece, began)


def _fold_block(state: SegmentState, block: blocks.Block, log: Log, piece: Piece, offset: int) -> None:
    """Folds rows that were read together."""
    names = state.names(block.keys)
    if names is None:
        piece.lose(offset, _without_names(block.keys))
        return
    if len(names) != len(block.forms):
        piece.lose(offset, _misfit(block.keys))
        return
    ends = [_as_logged(block, 0), _as_logged(block, block.count - 1)]
    times = block.times.tolist()
    # With the matrix given, the state looks at the first and the last row only.
    rows = [*[ends[0]] * (block.count - 1), ends[1]]
    state.apply_rows(names, block.steps.tolist(), times, block.runtimes.tolist(), rows, block.values)
    piece.row_count += block.count
    log[CLOCK].add_block(block.steps, block.times, "float")
    log[RUNTIME].add_block(block.steps, block.runtimes, "float")
    for at, (name, form) in enumerate(zip(names, block.forms, strict=True)):
        log[name].add_block(block.steps, np.ascontiguousarray(block.values[:, at]), form)


def _as_logged(block: blocks.Block, row: int) -> list[Any]:
    return [int(v) if form == "int" else v for v, form in zip(block.values[row].tolist(), block.forms, strict=True)]


def _fold_rows(state: SegmentState, rows: list[ev.Row], log: Log, piece: Piece, offset: int) -> None:
    """Folds rows of one key set, column by column."""
    keys = rows[0].keys
    names = state.names(keys)
    if names is None:
        piece.lose(offset, _without_names(keys))
        return
    width = len(names)
    good = [row for row in rows if len(row.values) == width and _STEPS[0] <= row.step <= _STEPS[1]]
    if len(good) < len(rows):
        piece.lose(offset, _misfit(keys))
        if not good:
            return
    steps = [row.step for row in good]
    times = [row.time_s for row in good]
    runtimes = [row.runtime_s for row in good]
    values = [row.values for row in good]
    piece.row_count += len(good)
    state.apply_rows(names, steps, times, runtimes, values)
    columns = ((CLOCK, times), (RUNTIME, runtimes), *zip(names, zip(*values, strict=True), strict=True))
    for name, column in columns:
        _add(log, name, steps, column)


def _without_names(keys: int) -> str:
    return f"the names of key set {keys} are lost, so its rows cannot be read"


def _misfit(keys: int) -> str:
    return f"rows do not fit their key set {keys} or have steps beyond 64 bits"


def _fold_event(event: ev.Event, log: Log, piece: Piece, now_s: float) -> None:
    if isinstance(event, ev.System):
        step = [round(event.runtime_s * 1000)]
        _add(log, SYSTEM_CLOCK, step, [event.time_s])
        for name, value in event.values.items():
            _add(log, SYSTEM + name, step, [value])
    elif isinstance(event, ev.Console):
        text = event.text.removesuffix("\n")
        piece.lines.extend(Line(event.stream, event.time_s, line) for line in text.split("\n"))
    elif isinstance(event, ev.File):
        piece.files[event.path] = FileRef(event.path, event.digest, event.size_bytes, event.policy, now_s)
    elif isinstance(event, ev.Alert | ev.Notice | ev.ArtifactLogged | ev.ArtifactUsed):
        piece.notes.append(event)


def _add(log: Log, name: str, steps: list[int], values: Any) -> None:
    entry = log[name]
    entry.steps.extend(steps)
    entry.values.extend(values)


def _column(steps: list[int], values: list[Any]) -> Column:
    kinds = set(map(type, values))
    if kinds <= _NUMBERS:
        return Column(_points(steps, values), _form(kinds, values))
    at = [i for i, value in enumerate(values) if type(value) in _NUMBERS]
    numbers = [values[i] for i in at]
    cells = tuple((steps[i], value) for i, value in enumerate(values) if type(value) not in _NUMBERS)
    if not numbers:
        return Column(cells=cells)
    return Column(_points([steps[i] for i in at], numbers), _form(set(map(type, numbers)), numbers), cells)


def _points(steps: list[int], values: list[Any]) -> Points:
    return Points(np.array(steps, np.int64), np.array(values, np.float64))


def _form(kinds: set[type], values: list[Any]) -> str:
    if kinds == {bool}:
        return "bool"
    exact = kinds == {int} and min(values) >= -_EXACT_INT and max(values) <= _EXACT_INT
    return "int" if exact else "float"


def wider(one: str | None, other: str | None) -> str | None:
    """Returns the form of numbers that are partly of one form, partly of the other."""
    if one is None or other is None or one == other:
        return one or other
    return "float"


def kind_of(value: Any) -> str:
    """Returns what a non-numeric value is called: its `_type`, `text`, `list`, `map` or `null`."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        kind = value.get("_type")
        return kind if isinstance(kind, str) else "map"
    return "null" if value is None else "list"


def _collect_media(piece: Piece) -> None:
    """Lists the blobs that logged values refer to as files of the run."""
    times: dict[int, float] | None = None
    for column in piece.columns.values():
        for step, value in column.cells:
            for part in _media_in(value):
                if times is None:
                    clock = piece.columns[CLOCK].points
                    times = dict(zip(clock.steps.tolist(), clock.values.tolist(), strict=True))
                path, digest, size = str(part["path"]), str(part["sha256"]), part.get("size", 0)
                size_bytes = size if isinstance(size, int) else 0
                piece.files[path] = FileRef(path, digest, size_bytes, "media", times[step])


def _media_in(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [part for item in value for part in _media_in(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if isinstance(value.get("sha256"), str) and isinstance(value.get("path"), str) else []
    return own + [part for item in value.values() if isinstance(item, list | dict) for part in _media_in(item)]
