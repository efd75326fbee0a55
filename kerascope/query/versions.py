"""Two versions of artifacts against each other: their files, and the weights in them.

Not for: versions by themselves and the runs around them (`lineage.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from kerascope.artifacts.layers import compare_layers
from kerascope.artifacts.manifest import Entry, Manifest
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.query.artifact_records import (
    ArtifactDifference,
    ChangedFile,
    LayerComparison,
    SizedFile,
    VersionRef,
)
from kerascope.query.lineage import find


def difference(new: Manifest, base: Manifest) -> ArtifactDifference:
    """Returns which files `new` has that `base` has not, or has otherwise, and how many bytes of it are new."""
    before = {entry.path: entry for entry in base.entries}
    after = {entry.path: entry for entry in new.entries}
    common = [path for path in after if path in before]
    same = {path for path in common if before[path].digest == after[path].digest}
    known = {piece.sha256 for entry in base.entries for piece in entry.pieces}
    pieces = {piece for entry in new.entries for piece in entry.pieces if piece.sha256 not in known}
    return ArtifactDifference(
        base=VersionRef(project=base.project, name=base.name, version=base.version),
        added=_sized(after[path] for path in sorted(after.keys() - before.keys())),
        removed=_sized(before[path] for path in sorted(before.keys() - after.keys())),
        changed=tuple(
            ChangedFile(path=path, size_bytes=after[path].size or 0, old_size_bytes=before[path].size or 0)
            for path in sorted(common)
            if path not in same
        ),
        same_count=len(same),
        same_bytes=sum(after[path].size or 0 for path in same),
        new_bytes=sum(piece.size for piece in pieces),
    )


def _sized(entries: Iterable[Entry]) -> tuple[SizedFile, ...]:
    return tuple(SizedFile(path=entry.path, size_bytes=entry.size or 0) for entry in entries)


def layers(paths: StorePaths, new: Manifest, base: Manifest) -> LayerComparison:
    """Returns how far the weights of `new` are from those of `base`.

    Raises:
        StoreError: if a file of weights cannot be read.
    """
    return LayerComparison(
        base=VersionRef(project=base.project, name=base.name, version=base.version),
        files=tuple(compare_layers(ArtifactStore(paths).blobs, base, new)),
    )


def base_of(
    paths: StorePaths, new: Manifest, version: str | None, name: str | None = None, project: str | None = None
) -> Manifest:
    """Returns the version that `new` is compared with.

    Args:
        paths: The store.
        new: The version.
        version: Number or alias of the other; None: the one before, or `latest` of another artifact.
        name: Name of the other; None: the same artifact.
        project: Project of the other; None: the same.

    Raises:
        NotFoundError: if there is no such version.
        UsageError: if there is none before.
    """
    project, other = project or new.project, name or new.name
    if version is None and (project, other) == (new.project, new.name):
        older = [number for number in ArtifactStore(paths).numbers(project, other) if number < new.version]
        if not older:
            raise UsageError(
                f"`base` must name another version. Received: none, and v{new.version} of {project}/{other} is the first."
            )
        version = f"v{older[-1]}"
    return find(paths, project, other, version or "latest")
