"""`run.summary`: what is known of a run at a glance; the last value of each key unless `define_metric` or the user says otherwise.

Promises: what is set by hand is in the log when the call returns. Rows are folded when somebody looks (or every 256 rows, many at
once), so logging does not pay for the summary. Any thread may call. Not for: the rules themselves (see `events/summary.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from itertools import groupby
from typing import Any, NamedTuple

from kerascope.errors import WrongTypeError
from kerascope.events.summary import SummaryState
from kerascope.events.types import Summary as SummaryEvent
from kerascope.events.types import Value
from kerascope.jsonable import clean_text, to_jsonable
from kerascope.tracking.metric import Rules

_FOLD_ROWS = 256


class _Row(NamedTuple):
    """A row, or part of one, that was written and is not folded yet."""

    step: int
    time_s: float
    runtime_s: float
    names: tuple[str, ...]
    values: list[Value]


class LiveSummary:
    """The summary of a run that is still being logged.

    Args:
        rules: the run's metric definitions.
        state: what earlier attempts left.
    """

    def __init__(self, rules: Rules, state: SummaryState | None = None) -> None:
        self._rules = rules
        self._state = state or SummaryState()
        self._waiting: list[_Row] = []
        self._latest: dict[str, Value] = {}
        self._step_metrics: frozenset[str] = frozenset()
        # Re-entrant: a signal handler may log while its own thread is in here.
        self._lock = threading.RLock()
        self.rules_changed()

    @property
    def has_step_metrics(self) -> bool:
        """Whether any definition names a step metric."""
        return bool(self._step_metrics)

    def rules_changed(self) -> None:
        """Takes note of new definitions."""
        with self._lock:
            self._fold()
            self._step_metrics = self._rules.step_metrics()
            for name in self._step_metrics:
                if name in self._state.stats:
                    self._latest[name] = self._state.stats[name].last

    def observe(self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: list[Value]) -> None:
        """Takes a row or part of one that was written; `values` must not change afterwards."""
        with self._lock:
            self._waiting.append(_Row(step, time_s, runtime_s, names, values))
            if len(self._waiting) >= _FOLD_ROWS:
                self._fold()
            if self._step_metrics and not self._step_metrics.isdisjoint(names):
                self._latest.update(
                    (name, value) for name, value in zip(names, values, strict=True) if name in self._step_metrics
                )

    def with_step_metrics(self, names: tuple[str, ...], values: list[Value]) -> tuple[tuple[str, ...], list[Value]]:
        """Returns the row with the latest value of each step metric that its names ask for and that it lacks."""
        missing = [name for name in self._rules.missing(names) if name in self._latest]
        if not missing:
            return names, values
        return (*names, *missing), [*values, *(self._latest[name] for name in missing)]

    def values(self) -> dict[str, Value]:
        """Returns the whole summary; the caller may change the dict but not what it holds."""
        with self._lock:
            self._fold()
            return self._state.values(self._rules.by_name)

    def value(self, key: str) -> Value:
        """Returns one value.

        Raises:
            KeyError: if there is none.
        """
        with self._lock:
            self._fold()
            return self._state.value(key, self._rules.by_name)

    def set(self, key: str, value: Value) -> None:
        """Sets a value by hand."""
        with self._lock:
            self._fold()
            self._state.set(key, value)

    def remove(self, key: str) -> None:
        """Removes a key by hand."""
        with self._lock:
            self._fold()
            self._state.remove(key)

    def forget_lock(self) -> None:
        """In a forked child: the lock may be held by a thread that does not exist here."""
        self._lock = threading.RLock()

    def _fold(self) -> None:
        waiting, self._waiting = self._waiting, []
        for names, group in groupby(waiting, key=lambda row: row.names):
            rows = list(group)
            last = rows[-1]
            self._state.add_rows(last.step, last.time_s, last.runtime_s, names, [row.values for row in rows])


class _Nested:
    """A map inside the summary: changes are written as a change of the whole top-level key.

    Args:
        values: the map itself, which is changed in place.
        changed: called after each change.
    """

    def __init__(self, values: dict[str, Any], changed: Callable[[], None]) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_changed", changed)

    _values: dict[str, Any]
    _changed: Callable[[], None]

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, or `default` if there is none."""
        return self[key] if key in self._values else default

    def keys(self) -> KeysView[str]:
        """Returns the keys."""
        return self._values.keys()

    def values(self) -> ValuesView[Any]:
        """Returns the values."""
        return self._values.values()

    def items(self) -> ItemsView[str, Any]:
        """Returns the pairs of key and value."""
        return self._values.items()

    def update(self, d: Mapping[str, Any]) -> None:
        """Sets several values."""
        self._values.update({clean_text(str(key)): to_jsonable(value) for key, value in d.items()})
        self._changed()

    def __getitem__(self, key: str) -> Any:
        value = self._values[key]
        return _Nested(value, self._changed) if isinstance(value, dict) else value

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._changed()

    def __getattr__(self, name: str) -> Any:
        return _attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return self._values == (other._values if isinstance(other, _Nested) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._values)


class Summary:
    """The summary as users see it: a map, also by attribute, whose values can be set and deleted.

    Args:
        live: what it shows.
        write: takes each change.
        stored: turns a value that was set into what the log holds (media become maps).
    """

    def __init__(
        self,
        live: LiveSummary,
        write: Callable[[SummaryEvent], object],
        stored: Callable[[str, Any], Value],
    ) -> None:
        object.__setattr__(self, "_live", live)
        object.__setattr__(self, "_write", write)
        object.__setattr__(self, "_stored", stored)

    _live: LiveSummary
    _write: Callable[[SummaryEvent], object]
    _stored: Callable[[str, Any], Value]

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, or `default` if there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def keys(self) -> KeysView[str]:
        """Returns the keys."""
        return self._live.values().keys()

    def values(self) -> ValuesView[Any]:
        """Returns the values."""
        return self._live.values().values()

    def items(self) -> ItemsView[str, Any]:
        """Returns the pairs of key and value."""
        return self._live.values().items()

    def as_dict(self) -> dict[str, Any]:
        """Returns the summary as a plain dict that can be changed without changing the run."""
        return {key: to_jsonable(value) for key, value in self._live.values().items()}

    def update(self, d: Mapping[str, Any] | None = None, **named: Any) -> None:
        """Sets several values by hand; each holds until its key is logged again.

        Raises:
            WrongTypeError: if `d` is no mapping.
        """
        if d is not None and not isinstance(d, Mapping):
            raise WrongTypeError(f"`summary.update` takes a dict. Received: d={d!r}. Write update({{'key': value}}).")
        values = {clean_text(str(key)): value for key, value in {**(d or {}), **named}.items()}
        stored = {key: self._stored(key, value) for key, value in values.items()}
        for key, value in stored.items():
            self._live.set(key, value)
        if stored:
            self._write(SummaryEvent(set=stored))

    def __getitem__(self, key: str) -> Any:
        try:
            value = self._live.value(key)
        except KeyError:
            value = self._inner(key)
        if not isinstance(value, dict):
            return value
        value = to_jsonable(value)  # a copy: what the log holds changes only by writing
        return _Nested(value, lambda: self.update({key: value}))

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        if key not in self._live.values():
            raise KeyError(key)
        self._live.remove(key)
        self._write(SummaryEvent(remove=(key,)))

    def __getattr__(self, name: str) -> Any:
        return _attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __contains__(self, key: object) -> bool:
        return key in self._live.values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._live.values())

    def __len__(self) -> int:
        return len(self._live.values())

    def __repr__(self) -> str:
        return repr(self._live.values())

    def _inner(self, key: str) -> dict[str, Any]:
        """What was logged as `{key: {...}}`, which history and summary hold as `key.inner`.

        Raises:
            KeyError: if there is no such key.
        """
        prefix = f"{key}."
        found = {name[len(prefix) :]: item for name, item in self._live.values().items() if name.startswith(prefix)}
        if not found:
            raise KeyError(key)
        return found


def _attribute(values: Any, name: str) -> Any:
    """An item as an attribute. Missing ones raise KeyError as in the original; names with underscores AttributeError,
    so that copying and inspecting work as for any object."""
    if name.startswith("__"):
        raise AttributeError(name)
    return values[name]
