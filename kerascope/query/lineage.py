"""Artifacts of a project with the runs that made and used them.

Promises: versions and aliases come from their files, the truth; the index only says which runs used what. Not for: contents
(`artifacts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import msgspec
from sqlalchemy import Connection, text

from kerascope.artifacts.manifest import Entry, Manifest
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import NotFoundError
from kerascope.paths import StorePaths
from kerascope.query.artifact_records import Artifact, ArtifactDetail, ArtifactManifest, ArtifactVersion, RunRef
from kerascope.query.filters import storable
from kerascope.query.homes import locate

OWN_TYPES = frozenset({"run_table"})
"""Types of artifacts that nobody asked for: the tables that runs log."""
_VERSION = re.compile(r"v(\d{1,18})\Z")
_USED = text(
    "SELECT DISTINCT link.version, link.digest, run.project, run.id, run.name, run.created_s FROM link "
    "JOIN segment ON segment.num = link.segment JOIN run ON run.num = segment.run "
    "WHERE link.name = :name AND link.direction = 'used' AND run.deleted = 0 ORDER BY run.created_s, run.id"
)
_NAME = text("SELECT name FROM run WHERE num = :num")


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
    added = new_bytes(store, list(reversed(manifests)))
    versions = tuple(_version(db, store, one, used, added[one.version]) for one in manifests)
    return ArtifactDetail(name=name, type=manifests[0].type, versions=versions, stored_bytes=sum(added.values()))


def new_bytes(store: ArtifactStore, manifests: Sequence[Manifest]) -> dict[int, int]:
    """Returns what each version added to the disk, in bytes: blobs that none of the versions before it has.

    Args:
        store: Where the blobs are.
        manifests: Versions of one artifact, the oldest first.
    """
    seen: set[str] = set()
    added: dict[int, int] = {}
    for one in manifests:
        own = {piece.sha256 for entry in one.entries for piece in entry.pieces} - seen
        added[one.version] = sum(_size(store.blobs.path(digest)) for digest in own)
        seen |= own
    return added


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def manifest(db: Connection, paths: StorePaths, project: str, name: str, version: str) -> ArtifactManifest:
    """Returns a version by number (`v3`) or alias (`latest`), with what is known of its use.

    Raises:
        NotFoundError: if there is no such artifact, version or alias.
    """
    found = find(paths, project, name, version)
    return ArtifactManifest(
        manifest=msgspec.to_builtins(found),
        aliases=tuple(ArtifactStore(paths).aliases_of(project, name, found.version)),
        logged_by=_maker(db, found),
        used_by=tuple(users(db, name, found.version, found.digest)),
    )


def find(paths: StorePaths, project: str, name: str, version: str) -> Manifest:
    """Returns the manifest of a version, given by number (`v3`) or alias.

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
    return store.manifest(project, name, number)


def file_of(paths: StorePaths, project: str, name: str, version: str, path: str) -> Entry:
    """Returns the record of one file of a version.

    Raises:
        NotFoundError: if there is no such version, or no such file in it.
    """
    found = find(paths, project, name, version)
    for entry in found.entries:
        if entry.path == path:
            return entry
    known = ", ".join(entry.path for entry in found.entries[:5]) or "none"
    raise NotFoundError(
        f"The artifact {project}/{name}:v{found.version} must have this file. Received: {path!r}. It has for example {known}."
    )


def set_aliases(
    db: Connection, paths: StorePaths, project: str, name: str, version: str, aliases: Sequence[str]
) -> ArtifactVersion:
    """Makes `aliases` all the aliases of a version (`latest` aside) and returns the version.

    Raises:
        NotFoundError: if there is no such version.
        WrongValueError: if a text may be no alias; nothing is changed then.
    """
    number = find(paths, project, name, version).version
    ArtifactStore(paths).set_aliases(project, name, number, aliases)
    return next(one for one in artifact(db, paths, project, name).versions if one.version == number)


def users(db: Connection, name: str, version: int, digest: str) -> list[RunRef]:
    """Returns the runs that used a version, the oldest first."""
    return _used(db, name).get((version, digest), [])


def _version(
    db: Connection, store: ArtifactStore, found: Manifest, used: dict[tuple[int, str], list[RunRef]], added_bytes: int
) -> ArtifactVersion:
    return ArtifactVersion(
        version=found.version,
        digest=found.digest,
        size_bytes=found.size,
        new_bytes=added_bytes,
        created_s=_seconds(found.created_at),
        aliases=tuple(store.aliases_of(found.project, found.name, found.version)),
        metadata=found.metadata,
        description=found.description,
        run=_maker(db, found),
        used_by=tuple(used.get((found.version, found.digest), ())),
    )


def _used(db: Connection, name: str) -> dict[tuple[int, str], list[RunRef]]:
    used: dict[tuple[int, str], list[RunRef]] = {}
    for version, digest, project, run_id, run_name, _ in db.execute(_USED, {"name": storable(name)}):
        used.setdefault((version, digest), []).append(RunRef(project, run_id, run_name))
    return used


def _maker(db: Connection, found: Manifest) -> RunRef | None:
    """The run that made a version, where it is shown now."""
    if found.run is None:
        return None
    where = locate(db, found.run.project, found.run.id)
    if where is None:
        return RunRef(found.run.project, found.run.id, found.run.id)
    return RunRef(where.project, found.run.id, db.execute(_NAME, {"num": where.num}).scalar_one())


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
