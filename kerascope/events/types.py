"""Event records: what a segment file can say.

Promises: records are immutable; their msgpack form is the array described in `docs/formats/events.md`; fields are only ever
added at the end, with a default. Not for: meaning (see `state.py`, `merge.py`) or bytes on disk (see `runlog/`).
"""

from __future__ import annotations

from typing import Any

import msgspec

Scalar = None | bool | int | float | str
Value = Any  # Scalar, or lists and string-keyed maps of values: the JSON border.

FORMAT_VERSION = 1


class _Event(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="event"):
    """Base of all events."""


class Segment(_Event, tag=1, frozen=True):
    """First record of a run segment: who writes, for which run."""

    format: int
    project: str
    run_id: str
    entity: str
    rank: int
    world_size: int
    time_s: float
    host: str
    pid: int
    pid_start_s: float
    attempt: int
    resumed: bool
    starting_step: int
    version: str


class RunInfo(_Event, tag=2, frozen=True):
    """Attributes of the run; None leaves one unchanged."""

    name: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] | None = None
    group: str | None = None
    job_type: str | None = None
    url_path: str | None = None
    sweep: str | None = None


class Config(_Event, tag=3, frozen=True):
    """Config values set and removed, by top-level key."""

    set: dict[str, Value] = {}
    remove: tuple[str, ...] = ()


class Keys(_Event, tag=4, frozen=True):
    """Names that `Row.values` with this id stand for."""

    id: int
    names: tuple[str, ...]


class Row(_Event, tag=5, frozen=True):
    """A history row or a part of one. `values[i]` belongs to name `i` of the `Keys` record with id `keys`."""

    keys: int
    step: int
    time_s: float
    runtime_s: float
    values: list[Value]


class Summary(_Event, tag=6, frozen=True):
    """Explicit summary values set and removed, by top-level key."""

    set: dict[str, Value] = {}
    remove: tuple[str, ...] = ()


class Metric(_Event, tag=7, frozen=True):
    """A `define_metric` call."""

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] | None = None
    goal: str | None = None
    overwrite: bool = False


class Console(_Event, tag=8, frozen=True):
    """Captured output of the process; `stream` is "stdout" or "stderr"."""

    stream: str
    time_s: float
    text: str


class System(_Event, tag=9, frozen=True):
    """One sample of system metrics."""

    time_s: float
    runtime_s: float
    values: dict[str, float]


class Heartbeat(_Event, tag=10, frozen=True):
    """The process lives."""

    time_s: float


class File(_Event, tag=11, frozen=True):
    """A file of the run's `files/` folder; `policy` is "live", "now" or "end"."""

    path: str
    digest: str | None
    size_bytes: int
    policy: str


class Environment(_Event, tag=12, frozen=True):
    """Host, Python, packages, command line, git and devices."""

    data: dict[str, Value]


class Finish(_Event, tag=13, frozen=True):
    """Good-order end of a segment; `state` is "finished" or "failed"."""

    state: str
    exit_code: int
    time_s: float
    message: str = ""


class Alert(_Event, tag=14, frozen=True):
    """A `run.alert` call; `level` is "INFO", "WARN" or "ERROR"."""

    title: str
    text: str
    level: str
    time_s: float


class Notice(_Event, tag=15, frozen=True):
    """What kerascope has to say about its own work, such as data it could not store."""

    level: str
    text: str
    key: str | None
    step: int | None
    time_s: float


class ArtifactLogged(_Event, tag=16, frozen=True):
    """The run made this artifact version."""

    name: str
    type: str
    version: int
    digest: str
    aliases: tuple[str, ...]
    time_s: float


class ArtifactUsed(_Event, tag=17, frozen=True):
    """The run used this artifact version."""

    name: str
    type: str
    version: int
    digest: str
    use_as: str
    time_s: float


class EditSegment(_Event, tag=64, frozen=True):
    """First record of an edit segment."""

    format: int
    time_s: float
    host: str
    pid: int
    version: str


class EditRun(_Event, tag=65, frozen=True):
    """Attributes of a run changed after the fact."""

    project: str
    run_id: str
    set: dict[str, Value]
    remove_tags: tuple[str, ...]
    time_s: float


class DeleteRun(_Event, tag=66, frozen=True):
    """Hides a run."""

    project: str
    run_id: str
    time_s: float


class RestoreRun(_Event, tag=67, frozen=True):
    """Shows a hidden run again."""

    project: str
    run_id: str
    time_s: float


class SaveView(_Event, tag=68, frozen=True):
    """A saved view, panel layout or report; `data` None deletes it."""

    project: str
    kind: str
    name: str
    data: Value
    time_s: float


RunEvent = (
    Segment
    | RunInfo
    | Config
    | Keys
    | Row
    | Summary
    | Metric
    | Console
    | System
    | Heartbeat
    | File
    | Environment
    | Finish
    | Alert
    | Notice
    | ArtifactLogged
    | ArtifactUsed
)
EditEvent = EditSegment | EditRun | DeleteRun | RestoreRun | SaveView
Event = RunEvent | EditEvent
