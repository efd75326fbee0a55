"""What the events of one segment mean together.

Rules: `docs/formats/events.md`. Inside a segment record order counts, so folding a log in any pieces gives the same state.
Promises: pure; a `SegmentState` can be kept as bytes (`dump`, `load`) and grows on from there.
Not for: what the segments of a run make together (`merge.py`); numbers as series, console lines and cells, which the index keeps itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from kerascope.events.metrics import MetricRule, merge_definition
from kerascope.events.steps import StepSet
from kerascope.events.summary import SummaryState
from kerascope.events.types import (
    Alert,
    ArtifactLogged,
    ArtifactUsed,
    Config,
    Console,
    Environment,
    Event,
    File,
    Finish,
    Heartbeat,
    Keys,
    Metric,
    Notice,
    Row,
    RunInfo,
    Segment,
    Summary,
    System,
    Value,
)

MAX_MESSAGES: Final = 1000
"""So many notices and alerts are kept in the state of a segment; the index keeps all."""

_KEYS_KEPT: Final = 8192


class SegmentState(msgspec.Struct):
    """The fold of one segment's events so far.

    Attributes:
        segment: the first record, None until it was seen.
        info: attributes set here; None fields were not set.
        config, config_removed: what this segment does to the config.
        metrics, metrics_reset: what it does to the rules; a reset name forgets what earlier segments said.
        keys: names by key set id, with the row count when the id was announced.
        rows: row records seen, parts counted singly.
    """

    segment: Segment | None = None
    info: RunInfo = RunInfo()
    config: dict[str, Value] = {}
    config_removed: dict[str, bool] = {}
    metrics: dict[str, MetricRule] = {}
    metrics_reset: dict[str, bool] = {}
    summary: SummaryState = msgspec.field(default_factory=SummaryState)
    steps: StepSet = msgspec.field(default_factory=StepSet)
    keys: dict[int, tuple[int, tuple[str, ...]]] = {}
    rows: int = 0
    notices: list[Notice] = []
    alerts: list[Alert] = []
    environment: dict[str, Value] | None = None
    files: dict[str, File] = {}
    artifacts_logged: list[ArtifactLogged] = []
    artifacts_used: list[ArtifactUsed] = []
    finish: Finish | None = None
    updated_s: float = 0.0

    def apply(self, event: Event) -> bool:
        """Folds one event. Returns False for a row whose key set is not known, and for events of edit segments."""
        fold = _FOLDS.get(type(event))
        return fold is not None and fold(self, event) is not False

    def apply_row(
        self, step: int, time_s: float, runtime_s: float, names: Sequence[str], values: Sequence[Value]
    ) -> None:
        """Folds one history row, or a part of one."""
        self.rows += 1
        self.steps.add(step)
        self._seen(time_s)
        self.summary.add_row(step, time_s, runtime_s, names, values)

    def apply_rows(
        self,
        names: Sequence[str],
        steps: Sequence[int],
        times_s: Sequence[float],
        runtimes_s: Sequence[float],
        values: Sequence[Sequence[Value]],
        matrix: np.ndarray | None = None,
    ) -> None:
        """Folds many rows with the same names: the same as `apply_row` one after the other, but fast.

        Args:
            names: the keys.
            steps: step of each row.
            times_s: time of each row.
            runtimes_s: run time of each row.
            values: the values of each row, as logged.
            matrix: `summary.number_matrix(values)`, if the caller has it.
        """
        if not values:
            return
        self.rows += len(steps)
        self.steps.add_many(steps)
        self._seen(max(times_s))
        newest = len(steps) - 1 - list(steps)[::-1].index(max(steps))
        self.summary.add_rows(steps[newest], times_s[newest], runtimes_s[newest], names, values, matrix)

    def names(self, key_id: int) -> tuple[str, ...] | None:
        """Returns the names that rows with this key set id use, or None if they were not announced."""
        found = self.keys.get(key_id)
        return found[1] if found else None

    def dump(self) -> bytes:
        """Returns the state as bytes, for `load`."""
        return _encoder.encode(self)

    @staticmethod
    def load(data: bytes) -> SegmentState:
        """Returns the state that `dump` made the bytes of.

        Raises:
            ValueError: if the bytes are no state, or of another version.
        """
        return _decoder.decode(data)

    def _seen(self, time_s: float) -> None:
        if time_s > self.updated_s:
            self.updated_s = time_s

    def _fold_segment(self, event: Segment) -> None:
        self.segment = event
        self._seen(event.time_s)

    def _fold_info(self, event: RunInfo) -> None:
        self.info = overlay(self.info, event)

    def _fold_config(self, event: Config) -> None:
        for key in event.set:
            self.config_removed.pop(key, None)
        self.config.update(event.set)
        for key in event.remove:
            self.config.pop(key, None)
            self.config_removed[key] = True

    def _fold_keys(self, event: Keys) -> None:
        if len(self.keys) >= 2 * _KEYS_KEPT:  # writers repeat a key set at least every 4,096 rows
            self.keys = {key: entry for key, entry in self.keys.items() if entry[0] + _KEYS_KEPT > self.rows}
        self.keys[event.id] = (self.rows, event.names)

    def _fold_row(self, event: Row) -> bool:
        names = self.names(event.keys)
        if names is None or len(names) != len(event.values):
            return False
        self.apply_row(event.step, event.time_s, event.runtime_s, names, event.values)
        return True

    def _fold_summary(self, event: Summary) -> None:
        for key, value in event.set.items():
            self.summary.set(key, value)
        for key in event.remove:
            self.summary.remove(key)

    def _fold_metric(self, event: Metric) -> None:
        if event.overwrite:
            self.metrics_reset[event.name] = True
        self.metrics[event.name] = merge_definition(self.metrics.get(event.name), event)

    def _fold_timed(self, event: Console | System | Heartbeat) -> None:
        self._seen(event.time_s)

    def _fold_file(self, event: File) -> None:
        self.files[event.path] = event

    def _fold_environment(self, event: Environment) -> None:
        self.environment = event.data if self.environment is None else self.environment | event.data

    def _fold_finish(self, event: Finish) -> None:
        self.finish = event
        self._seen(event.time_s)

    def _fold_alert(self, event: Alert) -> None:
        self._seen(event.time_s)
        if len(self.alerts) < MAX_MESSAGES:
            self.alerts.append(event)

    def _fold_notice(self, event: Notice) -> None:
        self._seen(event.time_s)
        if len(self.notices) < MAX_MESSAGES:
            self.notices.append(event)

    def _fold_logged(self, event: ArtifactLogged) -> None:
        self._seen(event.time_s)
        self.artifacts_logged.append(event)

    def _fold_used(self, event: ArtifactUsed) -> None:
        self._seen(event.time_s)
        self.artifacts_used.append(event)


_FOLDS: Final[dict[type, Callable[[SegmentState, Any], bool | None]]] = {
    Segment: SegmentState._fold_segment,
    RunInfo: SegmentState._fold_info,
    Config: SegmentState._fold_config,
    Keys: SegmentState._fold_keys,
    Row: SegmentState._fold_row,
    Summary: SegmentState._fold_summary,
    Metric: SegmentState._fold_metric,
    Console: SegmentState._fold_timed,
    System: SegmentState._fold_timed,
    Heartbeat: SegmentState._fold_timed,
    File: SegmentState._fold_file,
    Environment: SegmentState._fold_environment,
    Finish: SegmentState._fold_finish,
    Alert: SegmentState._fold_alert,
    Notice: SegmentState._fold_notice,
    ArtifactLogged: SegmentState._fold_logged,
    ArtifactUsed: SegmentState._fold_used,
}
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(SegmentState)


def overlay(info: RunInfo, event: RunInfo) -> RunInfo:
    """Returns `info` with the fields that `event` sets."""
    return RunInfo(
        *(
            getattr(info, field) if getattr(event, field) is None else getattr(event, field)
            for field in RunInfo.__struct_fields__
        )
    )
