"""What the HTTP API takes and answers, beyond the records of the query layer.

Promises: every JSON body of `docs/http_api.md` is one of these types or of `kerascope.query.records`; `scripts/ts_types.py` makes
the dashboard's TypeScript types of them. Not for: how answers are found.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kerascope.query.artifact_records import Artifact
from kerascope.query.records import Column, HistogramSeries, MetricKey, Project, RunFile, View

Value = Any  # text, numbers, lists and maps: the JSON border


class ErrorInfo(msgspec.Struct, frozen=True):
    """Why a request was refused; `field` names the parameter to blame, if one is."""

    code: str
    message: str
    field: str | None


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every answer with a status of 400 or more."""

    error: ErrorInfo


class Health(msgspec.Struct, frozen=True):
    """That the server lives, which store it serves and how many log bytes its index has yet to fold."""

    version: str
    root: str
    run_count: int
    index_lag_bytes: int


class ProjectList(msgspec.Struct, frozen=True):
    """All projects of the store."""

    projects: tuple[Project, ...]


class ColumnList(msgspec.Struct, frozen=True):
    """The config and summary values that the runs of a project have."""

    columns: tuple[Column, ...]


class KeyList(msgspec.Struct, frozen=True):
    """The history keys that runs have."""

    keys: tuple[MetricKey, ...]


class HistogramQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST on the histograms of a run: which keys, how many steps of each, and how many cells a step has."""

    keys: tuple[str, ...]
    sample: int = 40
    rows: int = 16


class HistogramList(msgspec.Struct, frozen=True):
    """The histograms of some keys, in the order asked for."""

    series: tuple[HistogramSeries, ...]


class FileList(msgspec.Struct, frozen=True):
    """The files of a run."""

    files: tuple[RunFile, ...]


class ViewList(msgspec.Struct, frozen=True):
    """The saved views of a project."""

    views: tuple[View, ...]


class ArtifactList(msgspec.Struct, frozen=True):
    """The artifacts of a project; `hidden_count` counts those that were left out, which kerascope makes by itself."""

    artifacts: tuple[Artifact, ...]
    hidden_count: int


class AliasBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of PUT on the aliases of a version: all its own aliases from now on."""

    aliases: tuple[str, ...]


class SeriesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One metric of one run."""

    project: str
    run: str
    key: str


class SeriesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST `/api/series`: what to draw, over which x, with how many points at most."""

    series: tuple[SeriesRequest, ...]
    x: str = "step"
    buckets: int = 1000
    x_min: float | None = None
    x_max: float | None = None


class SeriesHeader(msgspec.Struct, frozen=True, kw_only=True):
    """Where the columns of one series lie in the data of a binary answer; `offset` counts bytes from the start of the data."""

    project: str
    run: str
    key: str
    kind: Literal["points", "buckets"]
    count: int
    total_points: int
    columns: tuple[str, ...]
    offset: int


class SeriesHeaders(msgspec.Struct, frozen=True):
    """The header of a binary answer."""

    series: tuple[SeriesHeader, ...]


class RunPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of PATCH on a run; what is left out stays, null empties."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    notes: str | msgspec.UnsetType | None = msgspec.UNSET
    tags: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    group: str | msgspec.UnsetType | None = msgspec.UNSET
    job_type: str | msgspec.UnsetType | None = msgspec.UNSET
    archived: bool | msgspec.UnsetType = msgspec.UNSET


class BulkEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST `.../bulk`: what to do with many runs; `set`, `add_tags` and `remove_tags` belong to `edit`, `project` to `move`."""

    runs: tuple[str, ...]
    action: Literal["edit", "move", "delete", "restore"]
    set: RunPatch | msgspec.UnsetType = msgspec.UNSET
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    project: str | None = None


class ViewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of PUT on a view."""

    data: Value


class LiveRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run that changed, and in which respect."""

    project: str
    run: str
    state: str
    last_step: int | None
    new_keys: bool
    console: bool


class LiveChange(msgspec.Struct, frozen=True):
    """Data of a `change` event of `/api/live`: runs that changed, and projects whose list of runs did."""

    runs: tuple[LiveRun, ...]
    projects: tuple[str, ...]
