"""The segment of a process other than the first one of a distributed training.

It is silent until it is opened: by default only the first process records. What it writes carries the number of the process in its
name (`rank1/loss`), so that nothing of it passes for the first one's (docs/decisions/012). Promises: names are stable, so that a
repeated key set costs one look-up more than on the first process. Not for: which process records (see `init.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from kerascope.events.types import (
    Alert,
    Config,
    Console,
    Environment,
    Event,
    File,
    Metric,
    Notice,
    RunInfo,
    Summary,
    System,
    Value,
)
from kerascope.tracking.ranks import Place
from kerascope.tracking.sink import Sink

_MAX_KEY_SETS = 4096


class RankSink:
    """Takes the events of one process; see `Sink`.

    Args:
        place: which process it is.
        open_segment: makes the segment. Called by `open`, once.
    """

    def __init__(self, place: Place, open_segment: Callable[[], Sink]) -> None:
        self._prefix = place.prefix
        self._label = f"[rank {place.rank}] "
        self._open_segment = open_segment
        self._sink: Sink | None = None
        self._config: dict[str, Value] = {}
        self._metrics: dict[str, Metric] = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    @property
    def is_silent(self) -> bool:
        """Whether nothing is recorded."""
        return self._sink is None

    def open(self) -> None:
        """Begins to record, with the config and the metric definitions that were given so far."""
        if self._sink is None:
            self._sink = self._open_segment()
            for metric in self._metrics.values():
                self._sink.append(metric)
            if self._config:
                self._sink.append(self._as_environment())

    def append(self, event: Event) -> bool:
        """Takes one event."""
        renamed = self._renamed(event)
        if self._sink is None or renamed is None:
            return True
        return self._sink.append(renamed)

    def append_row(
        self, step: int, time_s: float, runtime_s: float, names: tuple[str, ...], values: Sequence[Value]
    ) -> bool:
        """Takes a history row or a part of one."""
        sink = self._sink
        if sink is None:
            return True
        return sink.append_row(step, time_s, runtime_s, self._names.get(names) or self._intern(names), values)

    def sync(self) -> None:
        """Makes durable what was taken so far."""
        if self._sink is not None:
            self._sink.sync()

    def close(self) -> None:
        """Ends the segment."""
        if self._sink is not None:
            self._sink.close()

    def _intern(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(self._names) >= _MAX_KEY_SETS:
            self._names.clear()
        return self._names.setdefault(names, tuple(self._prefix + name for name in names))

    def _renamed(self, event: Event) -> Event | None:
        rename = _RENAMES.get(type(event))
        return event if rename is None else rename(self, event)

    def _config_event(self, event: Config) -> Event:
        """The config is the run's, which the first process sets; that of this one is kept with its surroundings."""
        self._config.update(event.set)
        for key in event.remove:
            self._config.pop(key, None)
        return self._as_environment()

    def _as_environment(self) -> Environment:
        return Environment({"config": dict(self._config)})

    def _metric_event(self, event: Metric) -> Event:
        step = None if event.step_metric is None else self._prefix + event.step_metric
        renamed = replace(event, name=self._prefix + event.name, step_metric=step)
        if self._sink is None:
            self._metrics[event.name] = renamed
        return renamed

    def _summary_event(self, event: Summary) -> Event:
        return Summary(self._keyed(event.set), tuple(self._prefix + key for key in event.remove))

    def _console_event(self, event: Console) -> Event:
        lines = event.text.splitlines(keepends=True)
        return replace(event, text="".join(self._label + line for line in lines))

    def _keyed(self, values: dict[str, Any]) -> dict[str, Any]:
        return {self._prefix + key: value for key, value in values.items()}


_RENAMES: dict[type, Callable[[RankSink, Any], Event | None]] = {
    RunInfo: lambda sink, event: None,  # name, tags and notes are the run's: the first process sets them
    Config: RankSink._config_event,
    Metric: RankSink._metric_event,
    Summary: RankSink._summary_event,
    Console: RankSink._console_event,
    System: lambda sink, event: replace(event, values=sink._keyed(event.values)),
    File: lambda sink, event: replace(event, path=sink._prefix + event.path),
    Alert: lambda sink, event: replace(event, title=sink._label + event.title),
    Notice: lambda sink, event: replace(event, text=sink._label + event.text),
}
