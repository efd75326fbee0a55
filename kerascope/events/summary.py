"""The summary of a run: what follows from its rows, and what was set by hand (contract of `run.summary`).

Rules: a key's value is the one logged last, in the order of logging, whatever its step. `define_metric(summary=)` makes it a map of
aggregates instead. A value set by hand replaces it and starts the aggregates afresh; it holds until the key is logged again.
NaN poisons min, max and mean; values that are no numbers (text, bool, media) do not disturb them.

Promises: pure; rows folded one by one or many at once, in one piece or in several, give the same state bit by bit, so that an index
that grew equals one that was rebuilt. Not for: threads (the owner of a state locks).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from kerascope.events.metrics import AGGREGATES, MetricRule, rule_for
from kerascope.events.types import Value

_FEW_ROWS: Final = 8
_FLOAT_MARK: Final = 0xCB
_FLOAT_SIZE: Final = 9
_pack: Final = msgspec.msgpack.Encoder().encode


def is_number(value: object) -> bool:
    """Returns whether `value` counts as a number: int or float, but not bool."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_matrix(rows: Sequence[Sequence[Value]]) -> np.ndarray | None:
    """Returns `rows`, all of one length, as float64 of shape (rows, values), or None if a value is no number.

    Goes through msgpack, whose floats are a mark and eight big-endian bytes: twice as fast as numpy's own conversion, which would
    also take bools for numbers.
    """
    if not rows or not rows[0]:
        return np.empty((len(rows), 0))
    try:
        matrix = _unpacked(_pack(rows), len(rows), len(rows[0]))
        if matrix is None:
            floats = msgspec.convert(rows, list[list[float]])  # ints become floats, anything else is refused
            matrix = _unpacked(_pack(floats), len(rows), len(rows[0]))
    except (msgspec.ValidationError, TypeError, OverflowError):
        # Something that is no number, or an int beyond 63 bits, which msgspec takes for none.
        return np.array(rows, np.float64) if all(is_number(value) for row in rows for value in row) else None
    return matrix


def _unpacked(packed: bytes, count: int, width: int) -> np.ndarray | None:
    """The floats of a msgpack array of arrays, or None if it holds anything else."""
    head = _array_head(width)
    if len(packed) != _array_head(count) + count * (head + _FLOAT_SIZE * width):
        return None
    raw = np.frombuffer(packed, np.uint8, offset=_array_head(count)).reshape(count, -1)
    cells = raw[:, head:].reshape(count, width, _FLOAT_SIZE)
    if not bool((cells[:, :, 0] == _FLOAT_MARK).all()):
        return None
    return np.ascontiguousarray(cells[:, :, 1:]).view(">f8").astype(np.float64)[:, :, 0]


def _array_head(length: int) -> int:
    """Bytes that msgpack puts in front of an array of this length."""
    return 1 if length < 16 else 3 if length < 65536 else 5


class KeyStats(msgspec.Struct, array_like=True):
    """What was logged under one key, folded. `count`, `total`, `low` and `high` are about its numbers."""

    last: Value
    first: Value
    count: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: Value) -> None:
        """Folds one value."""
        self.last = value
        if is_number(value):
            self.count += 1
            number = float(value)
            self.total = _plain_nan(self.total + number)
            if number != number or self.low != self.low:
                self.low = self.high = math.nan
            else:
                # Adding 0.0 makes -0.0 plain zero: which of the two a minimum gives must not depend on how it was computed.
                self.low = min(self.low, number) + 0.0
                self.high = max(self.high, number) + 0.0

    def add_numbers(self, last: Value, count: int, total: float, low: float, high: float) -> None:
        """Folds many numbers, given their count, minimum and maximum; `total` is the sum to be had after them."""
        self.last = last
        self.count += count
        self.total = _plain_nan(total)
        if low != low or self.low != self.low:
            self.low = self.high = math.nan
        else:
            self.low = min(self.low, low) + 0.0
            self.high = max(self.high, high) + 0.0

    def followed_by(self, later: KeyStats) -> KeyStats:
        """Returns the fold of both, `later` being logged after this one."""
        poisoned = self.low != self.low or later.low != later.low
        return KeyStats(
            later.last,
            self.first,
            self.count + later.count,
            _plain_nan(self.total + later.total),
            math.nan if poisoned else min(self.low, later.low),
            math.nan if poisoned else max(self.high, later.high),
        )


class SummaryState(msgspec.Struct):
    """The summary of one segment, in a form that goes on growing and can be merged.

    Attributes:
        stats: what follows from rows, by key.
        explicit: values set by hand and not logged since.
        cut: keys that were set or removed by hand: what earlier segments say about them no longer counts.
        step, time_s, runtime_s: those of the row with the greatest step. A part with heavy values may come after later rows.
    """

    stats: dict[str, KeyStats] = {}
    explicit: dict[str, Value] = {}
    cut: dict[str, bool] = {}
    step: int | None = None
    time_s: float = 0.0
    runtime_s: float = 0.0

    def add_row(
        self, step: int, time_s: float, runtime_s: float, names: Sequence[str], values: Sequence[Value]
    ) -> None:
        """Folds one row or part of a row."""
        self._newest(step, time_s, runtime_s)
        stats = self.stats
        for name, value in zip(names, values, strict=True):
            found = stats.get(name)
            if found is None:
                found = self._begin(name, value)
            found.add(value)

    def add_rows(
        self,
        step: int,
        time_s: float,
        runtime_s: float,
        names: Sequence[str],
        rows: Sequence[Sequence[Value]],
        matrix: np.ndarray | None = None,
    ) -> None:
        """Folds many rows with the same names: the same as `add_row` one after the other, but fast where all are numbers.

        Args:
            step: the greatest step; of rows with that step, the last one counts.
            time_s: time of that row.
            runtime_s: run time of that row.
            names: the keys.
            rows: the values of each row.
            matrix: `number_matrix(rows)`, if the caller has it.
        """
        if not rows:
            return
        self._newest(step, time_s, runtime_s)
        if matrix is None and len(rows) >= _FEW_ROWS:
            matrix = number_matrix(rows)
        if matrix is None or len(rows) < _FEW_ROWS or len(set(names)) < len(names):
            for values in rows:
                self.add_row(step, time_s, runtime_s, names, values)
            return
        stats = [self.stats.get(name) or self._begin(name, value) for name, value in zip(names, rows[0], strict=True)]
        totals = _running_totals([entry.total for entry in stats], matrix)
        lows, highs = matrix.min(axis=0).tolist(), matrix.max(axis=0).tolist()
        for position, entry in enumerate(stats):
            entry.add_numbers(rows[-1][position], len(rows), totals[position], lows[position], highs[position])

    def set(self, key: str, value: Value) -> None:
        """Sets a value by hand."""
        self.stats.pop(key, None)
        self.cut[key] = True
        self.explicit[key] = value

    def remove(self, key: str) -> None:
        """Removes a key by hand, until it is logged again."""
        self.stats.pop(key, None)
        self.cut[key] = True
        self.explicit.pop(key, None)

    def followed_by(self, later: SummaryState) -> SummaryState:
        """Returns the summary of this segment's and then `later`'s records."""
        stats = {key: entry for key, entry in self.stats.items() if key not in later.cut}
        for key, entry in later.stats.items():
            stats[key] = stats[key].followed_by(entry) if key in stats else entry
        explicit = {
            key: value for key, value in self.explicit.items() if key not in later.cut and key not in later.stats
        }
        is_newer = later.step is not None and (self.step is None or later.step >= self.step)
        last = later if is_newer else self
        return SummaryState(
            stats, explicit | later.explicit, self.cut | later.cut, last.step, last.time_s, last.runtime_s
        )

    def value(self, key: str, rules: dict[str, MetricRule]) -> Value:
        """Returns the summary value of one key.

        Raises:
            KeyError: if there is none.
        """
        if key in self.explicit:
            return self.explicit[key]
        if key in self.stats:
            rule = rule_for(rules, key)
            if rule is None or rule.summary is None:
                return self.stats[key].last
            if "none" not in rule.summary:
                return _aggregate(self.stats[key], rule)
        if self.step is not None and key in _ROW_KEYS:
            return self._row_values()[key]
        raise KeyError(key)

    def values(self, rules: dict[str, MetricRule]) -> dict[str, Value]:
        """Returns the whole summary: explicit and logged values, then `_step`, `_runtime` and `_timestamp` of the last row."""
        shown: dict[str, Value] = {}
        for key, entry in self.stats.items():
            rule = rule_for(rules, key) if rules else None
            if rule is None or rule.summary is None:
                shown[key] = entry.last
            elif "none" not in rule.summary:
                shown[key] = _aggregate(entry, rule)
        shown.update(self.explicit)
        return shown if self.step is None else self._row_values() | shown

    def _newest(self, step: int, time_s: float, runtime_s: float) -> None:
        if self.step is None or step >= self.step:
            self.step, self.time_s, self.runtime_s = step, time_s, runtime_s

    def _row_values(self) -> dict[str, Value]:
        return dict(zip(_ROW_KEYS, (self.step, self.runtime_s, self.time_s), strict=True))

    def _begin(self, key: str, value: Value) -> KeyStats:
        if self.explicit:
            self.explicit.pop(key, None)
        # Only a scalar can be asked for as "first"; media would only make the state heavy.
        entry = KeyStats(value, None if isinstance(value, dict | list) else value)
        self.stats[key] = entry
        return entry


_ROW_KEYS: Final = ("_step", "_runtime", "_timestamp")


def _plain_nan(number: float) -> float:
    """The one NaN, whatever its sign and bits, so that equal states have equal bytes."""
    return math.nan if number != number else number


def _running_totals(before: list[float], matrix: np.ndarray) -> list[float]:
    """Adds the rows to `before` one after the other: float addition depends on order, and pieces must not show in the result."""
    with np.errstate(invalid="ignore", over="ignore"):
        start = np.asarray(before, dtype=np.float64)[np.newaxis, :]
        totals: list[float] = np.add.accumulate(np.concatenate((start, matrix)), axis=0)[-1].tolist()
    return totals


def _aggregate(entry: KeyStats, rule: MetricRule) -> Value:
    """The value of a key with a rule: a map of aggregates; the plain last value where none applies."""
    wanted = [name for name in rule.summary or () if name in AGGREGATES]
    if not wanted or (not entry.count and not {"last", "first"} & set(wanted)):
        return entry.last
    best = entry.high if rule.goal == "maximize" else entry.low
    numbers = {"min": entry.low, "max": entry.high, "best": best}
    shown: dict[str, Value] = {}
    for name in wanted:
        if name == "last":
            shown[name] = entry.last
        elif name == "first":
            shown[name] = entry.first
        elif entry.count and name == "mean":
            shown[name] = entry.total / entry.count
        elif entry.count:
            shown[name] = _as_logged(numbers[name], entry.last)
    return shown


def _as_logged(number: float, last: Value) -> float | int:
    """A minimum or maximum as an int where the key holds ints."""
    return int(number) if type(last) is int and number.is_integer() else number
