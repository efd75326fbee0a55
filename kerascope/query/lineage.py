"""Artifacts of a project with the runs that made and used them.

Promises: versions and aliases come from their files, the truth; the index only says which runs used what. Not for: contents
(`artifacts`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from difflib import get_close_matches

import msgspec
from sqlalchemy import Connection, text

from kerascope.artifacts.manifest import Manifest
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import NotFoundError
from kerascope.paths import StorePaths
from kerascope.query.filters import storable
from kerascope.query.records import Artifact, ArtifactDetail, ArtifactManifest, ArtifactVersion, RunRef

_VERSION = re.compile(r"v(\d{1,18})\Z")
_USED = text(
    "SELECT DISTINCT link.version, link.digest, run.project, run.id, run.created_s FROM link "
    "JOIN segment ON segment.num = link.segment JOIN run ON run.num = segment.run "
    "WHERE link.name = :name AND link.direction = 'used' AND run.deleted = 0 ORDER BY run.created_s, run.id"
)


def artifacts(paths: StorePaths, project: str) -> list[Artifact]:
    """Returns the artifacts of a project, by name."""
    return [
        Artifact(
            name=one.name,
            type=one.type,
            version_count=one.version_count,
            latest=int(one.latest.removeprefix("v")),
            size_bytes=one.size_bytes,
            updated_s=one.updated_s,
        )
        for one in ArtifactStore(paths).list(project)
    ]


def artifact(db: Connection, paths: StorePaths, project: str, name: str) -> ArtifactDetail:
    """Returns an artifact with all its versions, the newest first.

    Raises:
        NotFoundError: if there is no such artifact.
    """
    store = ArtifactStore(paths)
    numbers = _numbers(store, project, name)
    used = _used(db, name)
    manifests = [store.manifest(project, name, number) for number in reversed(numbers)]
    versions = tuple(_version(store, one, used) for one in manifests)
    return ArtifactDetail(name=name, type=manifests[0].type, versions=versions)


def manifest(db: Connection, paths: StorePaths, project: str, name: str, version: str) -> ArtifactManifest:
    """Returns a version by number (`v3`) or alias (`latest`), with what is known of its use.

    Raises:
        NotFoundError: if there is no such artifact, version or alias.
    """
    store = ArtifactStore(paths)
    numbers = _numbers(store, project, name)
    aliases = {number: store.aliases_of(project, name, number) for number in numbers}
    wanted = _VERSION.match(version)
    number = int(wanted[1]) if wanted else next((n for n in numbers if version in aliases[n]), -1)
    if number not in aliases:
        known = [f"v{n}" for n in numbers[-5:]] + sorted({alias for names in aliases.values() for alias in names})
        raise NotFoundError(
            f"The artifact {project}/{name} must have this version or alias. Received: {version!r}. "
            f"It has {', '.join(known)}."
        )
    found = store.manifest(project, name, number)
    entry = _version(store, found, _used(db, name))
    return ArtifactManifest(
        manifest=msgspec.to_builtins(found), aliases=entry.aliases, logged_by=entry.run, used_by=entry.used_by
    )


def users(db: Connection, name: str, version: int, digest: str) -> list[RunRef]:
    """Returns the runs that used a version, the oldest first."""
    return _used(db, name).get((version, digest), [])


def _version(store: ArtifactStore, found: Manifest, used: dict[tuple[int, str], list[RunRef]]) -> ArtifactVersion:
    return ArtifactVersion(
        version=found.version,
        digest=found.digest,
        size_bytes=found.size,
        created_s=_seconds(found.created_at),
        aliases=tuple(store.aliases_of(found.project, found.name, found.version)),
        metadata=found.metadata,
        description=found.description,
        run=RunRef(found.run.project, found.run.id) if found.run else None,
        used_by=tuple(used.get((found.version, found.digest), ())),
    )


def _used(db: Connection, name: str) -> dict[tuple[int, str], list[RunRef]]:
    used: dict[tuple[int, str], list[RunRef]] = {}
    for version, digest, project, run_id, _ in db.execute(_USED, {"name": storable(name)}):
        used.setdefault((version, digest), []).append(RunRef(project, run_id))
    return used


def _numbers(store: ArtifactStore, project: str, name: str) -> list[int]:
    numbers = store.numbers(project, name)
    if numbers:
        return numbers
    names = store.names(project)
    close = get_close_matches(name, names, 3, 0.5) or names[:5]
    raise NotFoundError(
        f"There must be an artifact of this name. Received: {project}/{name}. "
        + (f"The project has for example {', '.join(close)}." if close else "The project has no artifacts.")
    )


def _seconds(moment: str) -> float:
    parsed = datetime.fromisoformat(moment)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
