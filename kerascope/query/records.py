"""What the query layer answers with: plain records, shared by `api`, `cli` and `server`.

Promises: immutable; times are seconds since 1970, UTC; numbers are Python numbers. Not for: how the answers are found.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from kerascope.artifacts.layers import LayerChange as LayerChange
from kerascope.artifacts.layers import LayerFile

Value = Any  # text, numbers, lists and maps: the JSON border


class Project(msgspec.Struct, frozen=True):
    """A project and what happens in it."""

    name: str
    run_count: int
    running_count: int
    created_s: float
    last_activity_s: float


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a row of a list. `config` and `summary` may be reduced to the columns that were asked for."""

    project: str
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
    """A run made or used an artifact version."""

    name: str
    type: str
    version: int
    digest: str
    time_s: float


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


class HistoryPage(msgspec.Struct, frozen=True):
    """History rows in step order; `next_step` is where the next page begins, None at the end."""

    rows: tuple[dict[str, Value], ...]
    next_step: int | None


class TableSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a table lies: the `sha256` of a `table-file`, or an entry of an artifact."""

    sha256: str | None = None
    project: str | None = None
    artifact: str | None = None
    version: str | None = None
    path: str | None = None


class TableAggregate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to compute over each group; `count` needs no column."""

    op: Literal["count", "mean", "min", "max", "sum", "median", "std", "distinct"]
    column: str | None = None


class TableGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Group rows that are equal in the columns `by`."""

    by: tuple[str, ...]
    aggregates: tuple[TableAggregate, ...] = ()


class TableJoin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put another table beside the first, where the keys `on` (of the first, of this one) are equal."""

    source: TableSource
    on: tuple[str, str]
    how: Literal["inner", "left", "outer"] = "inner"
    follow: tuple[str, ...] = ()
    suffix: str = "_2"
    differences: tuple[str, ...] = ()


class TableQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST `/api/table`: which rows of which table, in which order."""

    source: TableSource
    follow: tuple[str, ...] = ()
    join: TableJoin | None = None
    filter: dict[str, Value] | None = None
    search: str | None = None
    group: TableGroup | None = None
    order: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    offset: int = 0
    limit: int = 100
    format: Literal["json", "csv"] = "json"


class TableColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a page: its kind (`docs/formats/tables.md`), and what belongs to it."""

    name: str
    kind: str
    media: str | None
    table: dict[str, Value] | None
    shape: tuple[int, ...] | None


class TablePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of a table; `row_count` counts all rows before the filter, `total` those that match."""

    row_count: int
    total: int
    offset: int
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    row_numbers: tuple[int | None, ...]


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


class RunRef(msgspec.Struct, frozen=True):
    """A run, by project and id."""

    project: str
    id: str


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact and its newest version."""

    name: str
    type: str
    version_count: int
    latest: int
    size_bytes: int
    updated_s: float


class ArtifactVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an artifact; `run` made it, the runs in `used_by` used it; `new_bytes` are those no older version has."""

    version: int
    digest: str
    size_bytes: int
    new_bytes: int
    created_s: float
    aliases: tuple[str, ...]
    metadata: dict[str, Value]
    description: str | None
    run: RunRef | None
    used_by: tuple[RunRef, ...]


class ArtifactDetail(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact with all its versions, the newest first; `stored_bytes` is what they take on the disk together."""

    name: str
    type: str
    versions: tuple[ArtifactVersion, ...]
    stored_bytes: int


class ArtifactManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a version holds (`docs/formats/artifacts.md`), and who made and used it."""

    manifest: dict[str, Value]
    aliases: tuple[str, ...]
    logged_by: RunRef | None
    used_by: tuple[RunRef, ...]


class VersionRef(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact version, by name and number."""

    project: str
    name: str
    version: int


class SizedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an artifact version and its size."""

    path: str
    size_bytes: int


class ChangedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that two versions have with different contents."""

    path: str
    size_bytes: int
    old_size_bytes: int


class ArtifactDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What a version has that `base` has not; `new_bytes` are those that `base` does not share."""

    base: VersionRef
    added: tuple[SizedFile, ...]
    removed: tuple[SizedFile, ...]
    changed: tuple[ChangedFile, ...]
    same_count: int
    same_bytes: int
    new_bytes: int


class LayerComparison(msgspec.Struct, frozen=True, kw_only=True):
    """How far the weights of a version are from those of `base`, file by file."""

    base: VersionRef
    files: tuple[LayerFile, ...]


class LineageNode(msgspec.Struct, frozen=True, kw_only=True):
    """A run or an artifact version; `distance` counts edges from the version asked for, negative upstream."""

    id: str
    kind: Literal["artifact", "run"]
    project: str
    name: str
    version: int | None
    type: str | None
    state: str | None
    distance: int


class LineageEdge(msgspec.Struct, frozen=True, kw_only=True):
    """The way of the data, between two nodes by their `id`."""

    source: str
    target: str


class LineageGraph(msgspec.Struct, frozen=True, kw_only=True):
    """Runs and versions around a version; `complete` is false where the depth cut it off."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
    complete: bool
