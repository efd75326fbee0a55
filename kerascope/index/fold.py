"""Folds records of a segment into what the index keeps: columns of numbers, cells, lines, notes and the segment's state.

Promises: pure; folding a log in pieces gives the same as folding it at once (`tests/index/test_fold.py`). Rows of one key set are
turned into columns together, which is what makes a million points a second possible. Not for: files or SQL (`build.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from kerascope.events import types as ev
from kerascope.events.codec import decode
from kerascope.events.state import SegmentState
from kerascope.index.columns import NO_POINTS, Points

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


Log = dict[str, tuple[list[int], list[Any]]]


def fold(state: SegmentState, payloads: list[tuple[int, bytes]]) -> Piece:
    """Returns what records of a segment add, in log order, and brings its `state` up to date.

    Args:
        state: What the segment's records before these amount to; changed in place.
        payloads: Undecoded records, each with its offset in the file.
    """
    piece = Piece()
    log: Log = {}
    group: list[ev.Row] = []
    began = 0
    for offset, payload in payloads:
        try:
            event = decode(payload)
        except ValueError as error:
            piece.lost.append((offset, len(payload), str(error)))
            continue
        if type(event) is ev.Row:
            if group and group[0].keys != event.keys:
                _fold_rows(state, group, log, piece, began)
                group = []
            if not group:
                began = offset
            group.append(event)
            continue
        if group:
            _fold_rows(state, group, log, piece, began)
            group = []
        if event is not None:
            state.apply(event)
            _fold_event(event, log, piece, state.updated_s)
    if group:
        _fold_rows(state, group, log, piece, began)
    piece.columns = {key: _column(steps, values) for key, (steps, values) in log.items()}
    _collect_media(piece)
    return piece


def _fold_rows(state: SegmentState, rows: list[ev.Row], log: Log, piece: Piece, offset: int) -> None:
    """Folds rows of one key set, column by column."""
    names = state.names(rows[0].keys)
    if names is None:
        piece.lost.append((offset, 0, f"the names of key set {rows[0].keys} are lost, so its rows cannot be read"))
        return
    width = len(names)
    good = [row for row in rows if len(row.values) == width and _STEPS[0] <= row.step <= _STEPS[1]]
    if len(good) < len(rows):
        piece.lost.append((offset, 0, f"rows do not fit their key set {rows[0].keys} or have steps beyond 64 bits"))
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
        _log(log, name, steps, column)


def _fold_event(event: ev.Event, log: Log, piece: Piece, now_s: float) -> None:
    if isinstance(event, ev.System):
        step = [round(event.runtime_s * 1000)]
        _log(log, SYSTEM_CLOCK, step, [event.time_s])
        for name, value in event.values.items():
            _log(log, SYSTEM + name, step, [value])
    elif isinstance(event, ev.Console):
        text = event.text.removesuffix("\n")
        piece.lines.extend(Line(event.stream, event.time_s, line) for line in text.split("\n"))
    elif isinstance(event, ev.File):
        piece.files[event.path] = FileRef(event.path, event.digest, event.size_bytes, event.policy, now_s)
    elif isinstance(event, ev.Alert | ev.Notice | ev.ArtifactLogged | ev.ArtifactUsed):
        piece.notes.append(event)


def _log(log: Log, name: str, steps: list[int], values: Any) -> None:
    entry = log.get(name)
    if entry is None:
        entry = log[name] = ([], [])
    entry[0].extend(steps)
    entry[1].extend(values)


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
