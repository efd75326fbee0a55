"""`run.log`: rows of values by step (`docs/formats/events.md`, `Row`).

Promises: what `log` was given is in the hands of the operating system when it returns, also with `commit=False` (the part is
written at once; parts of one step are merged); heavy media follow through the background worker as a second part of the same row.
A value that cannot be stored is named in a notice and leaves the other values of its row alone. Any thread may call.

Step rules: a row without `step` goes to the open step and closes it; `commit=False` leaves it open; a larger `step` opens that
step; the open step merges and stays open unless `commit=True`; a smaller one is merged into that past row and moves nothing.

Not for: what the summary makes of the values (see `summary.py`).
"""

from __future__ import annotations

import itertools
import operator
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.events.types import Value
from kerascope.jsonable import clean_text
from kerascope.tracking.sink import Sink
from kerascope.tracking.summary import FOLD_ROWS, LiveSummary
from kerascope.tracking.worker import Worker

if TYPE_CHECKING:
    from kerascope.blobs.store import BlobStore
    from kerascope.media.base import Media
    from kerascope.tracking.fork import CopiedRow

MAX_DEPTH = 64
MAX_STEP = 2**63 - 1
LARGE_TEXT_CHARS = 100_000
RESERVED = frozenset({"_step", "_runtime", "_timestamp"})
"""Names that every row has by itself."""

_PLAIN = frozenset({float, int, bool, type(None)})
_MAX_PLANS = 4096

_count, _time, _clock = operator.countOf, time.time, time.perf_counter  # looked up once: this is the hot path


@dataclass(frozen=True)
class Notes:
    """What the history says when something cannot be stored: `refuse(key, step, reason)` and `warn(text)` (shown once)."""

    refuse: Callable[[str, int | None, str], None]
    warn: Callable[[str], None]


@dataclass
class _Parts:
    """A row that was taken apart: what is written at once, and what the worker writes later."""

    names: tuple[str, ...]
    values: list[Value]
    heavy: dict[str, Media]


class History:
    """The rows of one segment.

    Args:
        sink: where rows go.
        summary: takes each part of a row that was written.
        lock: a re-entrant lock, shared with the summary.
        worker: encodes heavy media.
        blobs: where media go.
        notes: how to tell what could not be stored.
        on_media: told of key, object and value of each heavy media value that was stored, on the worker's thread.
        runtime_s: run time of earlier attempts, in seconds.
        first_step: the first open step.

    Attributes:
        row_count: parts of rows that were logged.
        keeps_media: whether heavy media are stored; not by a run that records nothing.
    """

    def __init__(
        self,
        *,
        sink: Sink,
        summary: LiveSummary,
        lock: AbstractContextManager[object],
        worker: Worker,
        blobs: BlobStore,
        notes: Notes,
        on_media: Callable[[str, Media, Value], None],
        runtime_s: float = 0.0,
        first_step: int = 0,
    ) -> None:
        self._summary = summary
        self._append_row, self._wait = sink.append_row, summary.waiting.append
        self._worker = worker
        self._blobs = blobs
        self._notes = notes
        self._on_media = on_media
        self._pending: set[int] = set()  # ids of media objects that the worker has not stored yet
        self._started_clock = _clock() - runtime_s
        self._is_open = False  # whether the open step has values
        self._plans: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.lock = lock
        self._steps = itertools.count(first_step)
        self._last_names: tuple[str, ...] = ()
        self.row_count = 0
        self._continued = 0
        self.keeps_media = True

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        """Writes a row or a part of one; see the rules above.

        Raises:
            WrongTypeError: if `data` is no mapping with text keys, or `step` no int.
            WrongValueError: if `step` is negative.
        """
        if type(data) is not dict and not isinstance(data, Mapping):
            raise WrongTypeError(
                f"`data` must be a dict with text keys. Received: data={data!r} of type {type(data).__name__}. "
                'Write log({"loss": value}).'
            )
        keys = tuple(data)
        values: list[Value] = [*data.values()]
        names = self._last_names if keys == self._last_names else self._plans.get(keys)
        # The usual case in few steps (benchmarks/log_call.py): known names, numbers, the open step, which is closed by them.
        # No lock: taking the next number and appending to a list cannot be torn apart by another thread.
        if names and step is None and commit is None:
            numbers = values if _is_plain(values) else _plain_numbers(values)
            summary = self._summary
            if numbers is not None and not (summary.has_step_metrics and summary.needs_step_metrics(names)):
                row = (next(self._steps), _time(), _clock() - self._started_clock, names, numbers)
                self._append_row(*row)
                self._last_names, self._is_open = names, False
                self.row_count += 1
                self._wait(row)
                if not self.row_count % FOLD_ROWS:
                    summary.fold()
                return
        self._log_any(keys, names, values, None if step is None else check_step(step), commit)

    @property
    def step(self) -> int:
        """The open step: the one that is logged to next."""
        return int(repr(self._steps)[len("count(") : -1])  # the only way to look at a counter without moving it

    @property
    def whole_rows(self) -> int:
        """How many rows there are: parts of one count once, and so does a row of nothing but media."""
        return self.row_count - self._continued + self._is_open

    def _log_any(
        self,
        keys: tuple[str, ...],
        names: tuple[str, ...] | None,
        values: list[Value],
        step: int | None,
        commit: bool | None,
    ) -> None:
        heavy: dict[str, Media] = {}
        if names is None or not _is_plain(values):
            parts = self._take_apart(keys, values, self.step if step is None else step)
            names, values, heavy = parts.names, parts.values, parts.heavy
        with self.lock:
            self._write(names, values, heavy, step, commit)

    def copy(self, row: CopiedRow) -> None:
        """Writes a row of another run as it is, before the first own one."""
        self._append_row(row.step, row.time_s, row.runtime_s, self._interned(row.names), row.values)
        self._summary.take_any(row)
        self.row_count += 1

    def runtime_s(self) -> float:
        """Seconds the run has been running, over all attempts; never steps back when the clock is set."""
        return _clock() - self._started_clock

    def _write(
        self,
        names: tuple[str, ...],
        values: list[Value],
        heavy: dict[str, Media],
        step: int | None,
        commit: bool | None,
    ) -> None:
        closes = commit if commit is not None else step is None
        if step is None and closes:
            if names or heavy or self._is_open:
                self._continued -= self._is_open and not names and not heavy
                # Taken at once, not looked at first: another thread may be logging plain numbers, which needs no lock.
                taken, self._is_open = next(self._steps), False
                self._write_at(taken, names, values, heavy, is_past=False)
            return
        open_step = self.step
        target = open_step if step is None else step
        self._write_at(target, names, values, heavy, is_past=target < open_step)
        is_part = bool(names) or bool(heavy)
        if target < open_step:
            self._continued += is_part
            return
        if target > open_step:
            self._continued -= self._is_open  # that row ends without a part of its own
            self._steps, self._is_open = itertools.count(target), False
        was_open, self._is_open = self._is_open, self._is_open or is_part
        if closes and self._is_open:
            next(self._steps)
            self._is_open = False
            self._continued -= was_open and not is_part
        else:
            self._continued += is_part

    def _write_at(
        self, step: int, names: tuple[str, ...], values: list[Value], heavy: dict[str, Media], *, is_past: bool
    ) -> None:
        if names and self._summary.has_step_metrics and not is_past:
            names, values = self._summary.with_step_metrics(names, values)
            names = self._interned(names)
        time_s, runtime_s = _time(), _clock() - self._started_clock
        if names:
            self._append(step, time_s, runtime_s, names, values)
        if names or heavy:
            self.row_count += 1
        if heavy and self.keeps_media:
            self._submit(step, time_s, runtime_s, heavy)

    def _append(self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: list[Value]) -> None:
        try:
            self._append_row(step, time_s, runtime_s, names, values)
        except (TypeError, ValueError) as error:
            self._append_singly(step, time_s, runtime_s, names, values, error)
            return
        self._summary.take_any((step, time_s, runtime_s, names, values))

    def _append_singly(
        self,
        step: int,
        time_s: float,
        runtime_s: float,
        names: tuple[str, ...],
        values: list[Value],
        error: Exception,
    ) -> None:
        """Writes a row that was refused value by value, so that only the value at fault is lost."""
        if len(names) == 1:
            self._notes.refuse(names[0], step, str(error))
            return
        for name, value in zip(names, values, strict=True):
            self._append(step, time_s, runtime_s, self._interned((name,)), [value])

    def _submit(self, step: int, time_s: float, runtime_s: float, heavy: dict[str, Media]) -> None:
        def work() -> None:
            done: dict[str, Value] = {}
            for key, media in heavy.items():
                try:
                    done[key] = media.to_value(self._blobs, key, step)
                    self._on_media(key, media, done[key])
                except Exception as error:  # border: this value is lost and named, training goes on
                    self._notes.refuse(key, step, f"{type(error).__name__}: {error}")
                self._pending.discard(id(media))
            if done:
                self._append(step, time_s, runtime_s, self._interned(tuple(done)), list(done.values()))

        self._worker.submit(work, sum(media.size_bytes for media in heavy.values()))

    def _interned(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The one tuple that stands for these names: the writer recognises a repeated key set by identity."""
        if len(self._plans) >= _MAX_PLANS:  # bounds the memory of a script that invents keys as it goes
            self._plans.clear()
        return self._plans.setdefault(names, names)

    def _take_apart(self, keys: tuple[Any, ...], values: list[Any], step: int) -> _Parts:
        for key in keys:
            if not isinstance(key, str):
                raise WrongTypeError(
                    f"`data` must be a dict with text keys. Received: key {key!r} of type {type(key).__name__}. "
                    f"Use {str(key)!r}."
                )
        light: dict[str, Value] = {}
        heavy: dict[str, Media] = {}
        for key, value in zip(keys, values, strict=True):
            self._take(clean_text(str(key)), value, step, light, heavy)
        return _Parts(self._interned(tuple(light)), list(light.values()), heavy)

    def _take(self, key: str, value: Any, step: int, light: dict[str, Value], heavy: dict[str, Media]) -> None:
        try:
            flat: dict[str, Any] = {}
            flatten(key, value, flat)
            for name, item in flat.items():
                self._take_one(name, item, step, light, heavy)
        except Exception as error:  # border: this value is lost and named, training goes on
            self._notes.refuse(key, step, f"{type(error).__name__}: {error}")

    def _take_one(self, key: str, value: Any, step: int, light: dict[str, Value], heavy: dict[str, Media]) -> None:
        if key in RESERVED:
            self._notes.refuse(key, step, "every row has this value by itself; choose another name")
            return
        stored = value if type(value) in _PLAIN else self._converted(key, value)
        if not _is_media(stored):
            light[key] = stored
            return
        for name, media in stored.expand(key).items():
            self._take_media(name, media, step, light, heavy)

    def _take_media(self, key: str, media: Media, step: int, light: dict[str, Value], heavy: dict[str, Media]) -> None:
        if id(media) in self._pending:  # logged again before it was stored: freezing it now would change what is stored
            self._worker.drain()
        media.freeze()
        if media.heavy:
            if self.keeps_media:
                self._pending.add(id(media))
            heavy[key] = media
        else:
            light[key] = media.to_value(self._blobs, key, step)

    def _converted(self, key: str, value: Any) -> Any:
        if type(value) is str:
            if len(value) > LARGE_TEXT_CHARS:
                self._notes.warn(
                    f"{key!r} is a text of {len(value)} characters; a table or a file suits large values better."
                )
            return clean_text(value)
        if isinstance(value, float):  # numpy's float64 is one
            return float(value)
        from kerascope.media.convert import convert  # loads numpy: not for scripts that log plain numbers

        return convert(value)


def flatten(key: str, value: Any, into: dict[str, Any], depth: int = 0) -> None:
    """Puts `value` into `into` under `key`; what nested mappings hold goes under `key.inner`.

    Raises:
        WrongValueError: if mappings are nested deeper than 64 levels (one may hold itself).
    """
    if not isinstance(value, Mapping) or "_type" in value:
        into[key] = value
        return
    if depth >= MAX_DEPTH:
        raise WrongValueError(f"a dict may be nested {MAX_DEPTH} levels deep at most")
    for name, item in value.items():
        flatten(f"{key}.{clean_text(str(name))}", item, into, depth + 1)


def check_step(step: Any) -> int:
    """Returns `step` as an int.

    Raises:
        WrongTypeError: if it is no int (numpy and tensor ints are).
        WrongValueError: if it is negative or beyond 64 bits.
    """
    try:
        number = operator.index(step)
    except TypeError as error:
        raise WrongTypeError(
            f"`step` must be an int. Received: step={step!r} of type {type(step).__name__}. Use int(step)."
        ) from error
    if isinstance(step, bool) or not 0 <= number <= MAX_STEP:
        raise WrongValueError(
            f"`step` must be an int from 0 on. Received: step={step!r}. Leave it out to count by one."
        )
    return number


def _is_plain(values: list[Value]) -> bool:
    """Whether all values are numbers as Python has them (or None); counting the usual kind is much faster than asking each."""
    return _count(map(type, values), float) == len(values) or _PLAIN.issuperset(map(type, values))


def _plain_numbers(values: list[Value]) -> list[Value] | None:
    """The values with numpy's scalars as Python numbers; None if there is anything else among them."""
    numbers: list[Value] = []
    for value in values:
        if type(value) not in _PLAIN:
            if type(value).__module__ != "numpy" or value.ndim != 0:
                return None
            value = value.item()
            if type(value) not in _PLAIN:
                return None
        numbers.append(value)
    return numbers


def _is_media(value: Any) -> bool:
    return not isinstance(value, (str, int, float, list, dict, type(None))) and hasattr(value, "to_value")
