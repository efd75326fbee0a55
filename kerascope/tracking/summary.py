"""`run.summary`: what is known of a run at a glance; the last value of each key unless `define_metric` or the user says otherwise.

Promises: what is set by hand is in the log when the call returns. Rows are folded when somebody looks (or every 512 rows, many at
once), so logging does not pay for the summary. Any thread may call. Not for: the rules themselves (see `events/summary.py`).
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from contextlib import AbstractContextManager
from itertools import groupby
from operator import itemgetter
from typing import Any

from kerascope.errors import WrongTypeError
from kerascope.events.summary import SummaryState
from kerascope.events.types import Summary as SummaryEvent
from kerascope.events.types import Value
from kerascope.jsonable import clean_text, to_jsonable
from kerascope.tracking.metric import Rules

FOLD_ROWS = 512


Row = tuple[int, float, float, tuple[str, ...], list[Value]]
"""Step, time, run time, names and values of a row, or part of one, that was written."""


class LiveSummary:
    """The summary of a run that is still being logged.

    Args:
        rules: the run's metric definitions.
        lock: a re-entrant lock, shared with the history.
        state: what earlier attempts left.

    Attributes:
        has_step_metrics: whether any definition names a step metric.
        waiting: rows of plain numbers that are not folded yet; the history appends to it, without a lock.
    """

    def __init__(self, rules: Rules, lock: AbstractContextManager[object], state: SummaryState | None = None) -> None:
        self._rules = rules
        self._state = state or SummaryState()
        self.waiting: list[Row] = []
        self.lock = lock
        self.has_step_metrics = False
        self.rules_changed()

    def rules_changed(self) -> None:
        """Takes note of new definitions."""
        self.has_step_metrics = self._rules.has_step_metrics

    def take_any(self, row: Row) -> None:
        """Takes a row with any values. It is folded at once, since media would make a waiting row heavy."""
        self.waiting.append(row)
        self.fold()

    def needs_step_metrics(self, names: tuple[str, ...]) -> bool:
        """Whether a row with these names lacks a step metric that one of them asks for."""
        return bool(self._rules.missing(names))

    def with_step_metrics(self, names: tuple[str, ...], values: list[Value]) -> tuple[tuple[str, ...], list[Value]]:
        """Returns the row with the latest value of each step metric that its names ask for and that it lacks."""
        missing = self._rules.missing(names)
        if not missing:
            return names, values
        with self.lock:
            self.fold()
            known = [name for name in missing if name in self._state.stats]
            return (*names, *known), [*values, *(self._state.stats[name].last for name in known)]

    def values(self) -> dict[str, Value]:
        """Returns the whole summary; the caller may change the dict but not what it holds."""
        with self.lock:
            self.fold()
            return self._state.values(self._rules.by_name)

    def value(self, key: str) -> Value:
        """Returns one value.

        Raises:
            KeyError: if there is none.
        """
        with self.lock:
            self.fold()
            return self._state.value(key, self._rules.by_name)

    def set(self, key: str, value: Value) -> None:
        """Sets a value by hand."""
        with self.lock:
            self.fold()
            self._state.set(key, value)

    def remove(self, key: str) -> None:
        """Removes a key by hand."""
        with self.lock:
            self.fold()
            self._state.remove(key)

    def fold(self) -> None:
        """Takes the waiting rows into the summary."""
        with self.lock:
            rows = self.waiting[:]
            del self.waiting[: len(rows)]  # in place: another thread may be appending
            for names, group in groupby(rows, key=itemgetter(3)):
                same = list(group)
                step, time_s, runtime_s = max(reversed(same), key=itemgetter(0))[:3]
                self._state.add_rows(step, time_s, runtime_s, names, [row[4] for row in same])


class MissingValueError(KeyError, AttributeError):
    """There is no such value: a KeyError as in the original, and an AttributeError so that `hasattr` works."""


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
        wait: returns when the media that were logged are stored, so that their values are here.
    """

    def __init__(
        self,
        live: LiveSummary,
        write: Callable[[SummaryEvent], object],
        stored: Callable[[str, Any], Value],
        wait: Callable[[], object],
    ) -> None:
        object.__setattr__(self, "_live", live)
        object.__setattr__(self, "_wait", wait)
        object.__setattr__(self, "_write", write)
        object.__setattr__(self, "_stored", stored)

    _live: LiveSummary
    _write: Callable[[SummaryEvent], object]
    _stored: Callable[[str, Any], Value]
    _wait: Callable[[], object]

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, or `default` if there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def so_far(self) -> dict[str, Value]:
        """Returns the values that are there now, without waiting for media that are still being stored."""
        return self._live.values()

    def keys(self) -> KeysView[str]:
        """Returns the keys."""
        return self._values().keys()

    def values(self) -> ValuesView[Any]:
        """Returns the values."""
        return self._values().values()

    def items(self) -> ItemsView[str, Any]:
        """Returns the pairs of key and value."""
        return self._values().items()

    def as_dict(self) -> dict[str, Any]:
        """Returns the summary as a plain dict that can be changed without changing the run."""
        return {key: to_jsonable(value) for key, value in self._values().items()}

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
            value = self._late(key)
        if not isinstance(value, dict):
            return value
        value = to_jsonable(value)  # a copy: what the log holds changes only by writing
        return _Nested(value, lambda: self.update({key: value}))

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        if key not in self._values():
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
        return key in self._values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __repr__(self) -> str:
        return repr(self._values())

    def _values(self) -> dict[str, Value]:
        """All values, those of media among them."""
        self._wait()
        return self._live.values()

    def _late(self, key: str) -> Value:
        """The value of media that were still being stored, or what was logged as a map.

        Raises:
            KeyError: if there is no such key.
        """
        self._wait()
        try:
            return self._live.value(key)
        except KeyError:
            return self._inner(key)

    def _inner(self, key: str) -> dict[str, Any]:
        """What was logged as `{key: {...}}`, which history and summary hold as `key.inner`.

        Raises:
            KeyError: if there is no such key.
        """
        prefix = f"{key}."
        found = {name[len(prefix) :]: item for name, item in self._values().items() if name.startswith(prefix)}
        if not found:
            raise KeyError(key) from None
        return found


def _attribute(values: Any, name: str) -> Any:
    """An item as an attribute.

    Raises:
        MissingValueError: if there is none.
    """
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return values[name]
    except KeyError:
        raise MissingValueError(f"The summary has no value of this name. Received: {name!r}.") from None
