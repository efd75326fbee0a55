"""What the query layer answers with: plain records, shared by `api`, `cli` and `server`.

Promises: immutable; times are seconds since 1970, UTC; numbers are Python numbers. Not for: how the answers are found, artifacts
(`artifact_records.py`), tables (`table_records.py`).
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

Value = Any  # text, numbers, lists and maps: the JSON border


class Project(msgspec.Struct, frozen=True):
    """A project and what happens in it."""

    name: str
    run_count: int
    running_count: int
    created_s: float
    last_activity_s: float


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a row of a list. `config` and `summary` may be reduced to the columns that were asked for; `home` is the project whose
    folder holds its log, files and artifacts: another than `project` if it was moved."""

    project: str
    home: str
    id: str
    name: str
    entity: str
    state: str
    created_s: float
    updated_s: float
    finished_s: float | None
    duration_s: float
    host: str
    last_step: int | None
    row_count: int
    group: str | None
    job_type: str | None
    tags: tuple[str, ...]
    notes: str | None
    archived: bool
    attempt_count: int
    exit_code: int | None
    config: dict[str, Value]
    summary: dict[str, Value]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One segment file: one start of the run on one rank."""

    attempt: int
    rank: int
    world_size: int
    host: str
    pid: int
    started_s: float
    updated_s: float
    state: str
    exit_code: int | None
    message: str
    resumed: bool
    starting_step: int
    damage: tuple[str, ...] = ()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What kerascope said about its own work."""

    level: str
    text: str
    key: str | None
    step: int | None
    time_s: float


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A `run.alert` call."""

    title: str
    text: str
    level: str
    time_s: float


class MetricRule(msgspec.Struct, frozen=True, kw_only=True):
    """What `define_metric` said about a name or a `prefix*`."""

    name: str
    step_metric: str | None
    step_sync: bool | None
    hidden: bool
    summary: tuple[str, ...]
    goal: str | None


class ArtifactLink(msgspec.Struct, frozen=True, kw_only=True):
    """A run made or used an artifact version; `project` has it, null if it is gone or was not asked for (`RunArtifacts`)."""

    name: str
    type: str
    version: int
    digest: str
    time_s: float
    project: str | None = None


class RunDetail(RunSummary, frozen=True, kw_only=True):
    """Everything known about a run but its history."""

    environment: dict[str, Value]
    attempts: tuple[Attempt, ...]
    notices: tuple[Notice, ...]
    alerts: tuple[Alert, ...]
    metrics: tuple[MetricRule, ...]
    artifacts_logged: tuple[ArtifactLink, ...]
    artifacts_used: tuple[ArtifactLink, ...]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One value of several runs, in their order; `present` tells null from a run that does not have it."""

    name: str
    values: tuple[Value, ...]
    present: tuple[bool, ...]
    differs: bool


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Runs side by side; values that differ come first."""

    runs: tuple[RunDetail, ...]
    config: tuple[Difference, ...]
    summary: tuple[Difference, ...]
    environment: tuple[Difference, ...]
    packages: tuple[Difference, ...]


class BulkResult(msgspec.Struct, frozen=True):
    """Ids of the runs that a change to many applied to, and of those that the project does not have."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]


class RunPage(msgspec.Struct, frozen=True):
    """Part of a list of runs; `total` counts all that match."""

    total: int
    offset: int
    runs: tuple[RunSummary, ...]


class Spread(msgspec.Struct, frozen=True):
    """How far numbers lie apart; `count` says how many there are."""

    count: int
    mean: float
    min: float
    max: float


class RunGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that have one `value` in the field they are grouped by; `key` names the group in later questions."""

    key: str
    value: Value
    run_count: int
    states: dict[str, int]
    numbers: dict[str, Spread]


class GroupPage(msgspec.Struct, frozen=True):
    """Part of a list of groups; `total` counts all of them, `run_total` the runs that they hold."""

    total: int
    run_total: int
    offset: int
    groups: tuple[RunGroup, ...]


class Column(msgspec.Struct, frozen=True):
    """A config or summary value that some run has: `config.<path>` or `summary.<path>`; kind: number, text, bool, other."""

    name: str
    kind: str
    run_count: int


class MetricKey(msgspec.Struct, frozen=True, kw_only=True):
    """A history key. `kind`: `number`, `text` or the `_type` of its values."""

    key: str
    kind: str
    run_count: int
    point_count: int
    last_step: int | None
    step_metric: str | None = None
    goal: str | None = None
    hidden: bool = False


class Cell(msgspec.Struct, frozen=True):
    """A non-numeric history value."""

    step: int
    value: Value


class CellPage(msgspec.Struct, frozen=True):
    """Some of the non-numeric values of a key, by step."""

    total: int
    cells: tuple[Cell, ...]


class HistogramSeries(msgspec.Struct, frozen=True):
    """The histograms of a key: for each step the root mean square, the largest magnitude and how many values were not finite.

    `shades` is a picture in base64: a byte a cell, step after step, `low` to `high` from the first to the last cell of a step.
    """

    key: str
    total: int
    steps: tuple[int, ...]
    rms: tuple[float, ...]
    largest: tuple[float, ...]
    nonfinite: tuple[int, ...]
    low: float
    high: float
    shades: str


class HistoryPage(msgspec.Struct, frozen=True):
    """History rows in step order; `next_step` is where the next page begins, None at the end."""

    rows: tuple[dict[str, Value], ...]
    next_step: int | None


class ConsoleLine(msgspec.Struct, frozen=True):
    """One line of captured output, numbered from 0 over the whole run."""

    n: int
    stream: str
    time_s: float
    text: str


class ConsolePage(msgspec.Struct, frozen=True):
    """Some lines of captured output."""

    total: int
    lines: tuple[ConsoleLine, ...]


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a run: in its `files/` folder (`digest` None) or a blob that its history refers to."""

    path: str
    size_bytes: int
    modified_s: float
    digest: str | None = None


class View(msgspec.Struct, frozen=True):
    """A saved view, panel layout or report."""

    kind: str
    name: str
    data: Value
    time_s: float


class Series:
    """One metric over x: either all points (`x`, `y`) or buckets (`x`, `mean`, `min`, `max`); float64 arrays of one length."""

    __slots__ = ("columns", "key", "kind", "project", "run", "total_points")

    def __init__(
        self,
        project: str,
        run: str,
        key: str,
        kind: str,
        total_points: int,
        columns: dict[str, np.ndarray[Any, np.dtype[np.float64]]],
    ) -> None:
        self.project = project
        self.run = run
        self.key = key
        self.kind = kind
        self.total_points = total_points
        self.columns = columns
