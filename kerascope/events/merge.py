"""A run as the merge of its segments.

Rules: `docs/formats/events.md`. Between segments, name order counts. Promises: pure.
Not for: what one segment says (`state.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kerascope.events.metrics import MetricRule, merge_definition
from kerascope.events.state import SegmentState, overlay
from kerascope.events.steps import count_union
from kerascope.events.summary import SummaryState
from kerascope.events.types import (
    Alert,
    ArtifactLogged,
    ArtifactUsed,
    File,
    Finish,
    Metric,
    Notice,
    RunInfo,
    Segment,
    Value,
)


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
        info = overlay(info, state.info)
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
