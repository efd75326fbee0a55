"""What the query layer says about artifacts: versions, what they hold, how they differ and where they come from.

Promises: as `records.py`. Not for: how the answers are found (`versions.py`, `lineage.py`, `lineage_graph.py`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kerascope.artifacts.layers import LayerChange as LayerChange
from kerascope.artifacts.layers import LayerFile
from kerascope.query.records import ArtifactLink, Value


class RunRef(msgspec.Struct, frozen=True):
    """A run: where it is, and what it is called (its id where it is not there any more)."""

    project: str
    id: str
    name: str


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


class RunArtifacts(msgspec.Struct, frozen=True, kw_only=True):
    """The versions that a run made and used, with the projects that have them."""

    logged: tuple[ArtifactLink, ...]
    used: tuple[ArtifactLink, ...]


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
