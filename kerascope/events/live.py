"""The summary of a run while it is being written: what `run.summary` shows, kept without slowing `log` down.

Promises: taking in a row costs one append to a list; rows are folded when somebody looks, or a thousand at a time; the values equal
those that the index finds in the log. Any thread may call. Not for: writing the log.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from kerascope.events.metrics import MetricRule, merge_definition
from kerascope.events.summary import SummaryState
from kerascope.events.types import Metric, Value

_FOLD_AT: Final = 1024
_Row = tuple[int, float, float, tuple[str, ...], Sequence[Value]]


class LiveSummary:
    """The summary of a run that goes on.

    Args:
        before: summary of the run's earlier segments, when it is resumed.
        rules: `define_metric` rules of the earlier segments.
    """

    def __init__(self, before: SummaryState | None = None, rules: dict[str, MetricRule] | None = None) -> None:
        self._lock = threading.RLock()
        self._before = before
        self._state = SummaryState()
        self._rules = dict(rules or {})
        self._pending: list[_Row] = []

    @property
    def rules(self) -> dict[str, MetricRule]:
        """The rules so far, by name."""
        return self._rules

    def add_row(
        self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: Sequence[Value]
    ) -> None:
        """Takes in a logged row. `values` must not be changed afterwards."""
        self._pending.append((step, time_s, runtime_s, names, values))
        if len(self._pending) >= _FOLD_AT:
            self._fold()

    def define(self, event: Metric) -> MetricRule:
        """Takes in a `define_metric` call; returns the rule as it is now."""
        with self._lock:
            rule = merge_definition(self._rules.get(event.name), event)
            self._rules = self._rules | {event.name: rule}
            return rule

    def set(self, key: str, value: Value) -> None:
        """Sets a value by hand; it holds until the key is logged again."""
        with self._lock:
            self._fold().set(key, value)

    def remove(self, key: str) -> None:
        """Removes a key by hand, until it is logged again."""
        with self._lock:
            self._fold().remove(key)

    def value(self, key: str) -> Value:
        """Returns the value of `key`.

        Raises:
            KeyError: if there is none.
        """
        with self._lock:
            return self._whole().value(key, self._rules)

    def values(self) -> dict[str, Value]:
        """Returns all values."""
        with self._lock:
            return self._whole().values(self._rules)

    def _whole(self) -> SummaryState:
        state = self._fold()
        return state if self._before is None else self._before.followed_by(state)

    def _fold(self) -> SummaryState:
        with self._lock:
            count = len(self._pending)  # another thread may append meanwhile
            rows, self._pending[:count] = self._pending[:count], []
            start = 0
            for position in range(1, count + 1):
                if position == count or (
                    rows[position][3] is not rows[start][3] and rows[position][3] != rows[start][3]
                ):
                    step, time_s, runtime_s, names, _ = rows[position - 1]
                    self._state.add_rows(step, time_s, runtime_s, names, [row[4] for row in rows[start:position]])
                    start = position
            return self._state
