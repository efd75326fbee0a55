"""What the events of a run mean: the state of one segment, and the run as the merge of its segments.

Rules: `docs/formats/events.md`. Inside a segment record order counts, between segments name order; so folding a log in any pieces
gives the same state. Promises: pure; a `SegmentState` can be kept as bytes (`dump`, `load`) and grows on from there.
Not for: numbers as series, console lines and cells, which the index keeps itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from kerascope.events.metrics import MetricRule, merge_definition
from kerascope.events.steps import StepSet, count_union
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


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One segment: one start of the run on one rank. `state` is "finished", "failed", or None while no end was recorded."""

    attempt: int
    rank: int
    world_size: int
    host: str
    pid: int
    pid_start_s: float
    started_s: float
    updated_s: float
    state: str | None
    exit_code: int | None
    message: str
    resumed: bool
    starting_step: int
    version: str


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """A run: everything its events say but series, cells and console.

    Attributes:
        metrics: `define_metric` rules by name.
        last_step: the greatest step of a row, or None.
        row_count: how many different steps have rows.
        created_s, updated_s: times of the first and of the newest record.
        attempts: one per segment, in segment name order.
        files: files kept with the run, by path.
        finish: how the newest attempt ended, once all its segments say so; a failed one wins.
    """

    project: str
    run_id: str
    entity: str
    name: str | None
    notes: str | None
    tags: tuple[str, ...]
    group: str | None
    job_type: str | None
    url_path: str | None
    sweep: str | None
    config: dict[str, Value]
    summary: dict[str, Value]
    metrics: dict[str, MetricRule]
    last_step: int | None
    row_count: int
    created_s: float
    updated_s: float
    attempts: tuple[Attempt, ...]
    notices: tuple[Notice, ...]
    alerts: tuple[Alert, ...]
    environment: dict[str, Value]
    files: dict[str, File]
    artifacts_logged: tuple[ArtifactLogged, ...]
    artifacts_used: tuple[ArtifactUsed, ...]
    finish: Finish | None


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
        self.info = _overlay(self.info, event)

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


def merge_states(states: Iterable[SegmentState]) -> RunState:
    """Returns the run that the segments make up.

    Args:
        states: in segment name order. Those whose first record was not readable yet or was lost count like the others, but name no run.

    Raises:
        ValueError: if none of them has its first record.
    """
    states = list(states)
    begun = [(state, state.segment) for state in states if state.segment is not None]
    if not begun:
        raise ValueError("A run needs a segment that begins with a `Segment` record. Received: none.")
    info, summary = RunInfo(), SummaryState()
    config: dict[str, Value] = {}
    metrics: dict[str, MetricRule] = {}
    files: dict[str, File] = {}
    for state in states:
        info = _overlay(info, state.info)
        config = {key: value for key, value in config.items() if key not in state.config_removed} | state.config
        metrics = _merge_metrics(metrics, state)
        files |= state.files
        summary = summary.followed_by(state.summary)
    steps = [state.steps.last for state in states if state.steps.last is not None]
    first = begun[0][1]
    return RunState(
        project=first.project,
        run_id=first.run_id,
        entity=first.entity,
        name=info.name,
        notes=info.notes,
        tags=info.tags or (),
        group=info.group,
        job_type=info.job_type,
        url_path=info.url_path,
        sweep=info.sweep,
        config=config,
        summary=summary.values(metrics),
        metrics=metrics,
        last_step=max(steps, default=None),
        row_count=count_union(state.steps for state in states),
        created_s=min(segment.time_s for _, segment in begun),
        updated_s=max(state.updated_s for state in states),
        attempts=tuple(_attempt(state, segment) for state, segment in begun),
        notices=tuple(notice for state in states for notice in state.notices),
        alerts=tuple(alert for state in states for alert in state.alerts),
        environment=_environment(states),
        files=files,
        artifacts_logged=tuple(event for state in states for event in state.artifacts_logged),
        artifacts_used=tuple(event for state in states for event in state.artifacts_used),
        finish=_finish(begun),
    )


def _overlay(info: RunInfo, event: RunInfo) -> RunInfo:
    """`info` with the fields that `event` sets."""
    return RunInfo(
        *(
            getattr(info, field) if getattr(event, field) is None else getattr(event, field)
            for field in RunInfo.__struct_fields__
        )
    )


def _merge_metrics(metrics: dict[str, MetricRule], state: SegmentState) -> dict[str, MetricRule]:
    merged = dict(metrics)
    for name, rule in state.metrics.items():
        said = Metric(name, rule.step_metric, rule.step_sync, rule.hidden, rule.summary, rule.goal)
        merged[name] = merge_definition(None if name in state.metrics_reset else merged.get(name), said)
    return merged


def _attempt(state: SegmentState, segment: Segment) -> Attempt:
    finish = state.finish
    return Attempt(
        attempt=segment.attempt,
        rank=segment.rank,
        world_size=segment.world_size,
        host=segment.host,
        pid=segment.pid,
        pid_start_s=segment.pid_start_s,
        started_s=segment.time_s,
        updated_s=state.updated_s,
        state=finish.state if finish else None,
        exit_code=finish.exit_code if finish else None,
        message=finish.message if finish else "",
        resumed=segment.resumed,
        starting_step=segment.starting_step,
        version=segment.version,
    )


def _environment(states: list[SegmentState]) -> dict[str, Value]:
    """That of the newest start; of its ranks, the lowest."""
    known = [state for state in states if state.environment is not None]
    if not known:
        return {}

    def order(state: SegmentState) -> tuple[int, int]:
        return (state.segment.attempt, -state.segment.rank) if state.segment else (-1, 0)

    return max(known, key=order).environment or {}


def _finish(begun: list[tuple[SegmentState, Segment]]) -> Finish | None:
    newest = max(segment.attempt for _, segment in begun)
    ends = [state.finish for state, segment in begun if segment.attempt == newest]
    ended = [end for end in ends if end is not None]
    if len(ended) < len(ends):
        return None
    return next((end for end in ended if end.state == "failed"), ended[-1])
