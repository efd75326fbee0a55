"""Versions and aliases of artifacts on disk (`docs/formats/artifacts.md`), without any database.

Promises: a version is there whole or not at all, whatever happens to the process; two processes never get the same number; contents that
equal those of the newest version make no new one. Any thread and process may use a store at the same time.
Not for: what drafts hold (see `draft.py`) and for which versions may go (see `gc.py`).
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from kerascope.artifacts import manifest as manifests
from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.files import create_file, replace_file
from kerascope.artifacts.manifest import Entry, Manifest, RunRef
from kerascope.artifacts.names import (
    LATEST,
    Reference,
    check_alias,
    check_aliases,
    check_entry_path,
    parse_reference,
    parse_version,
)
from kerascope.blobs.store import BlobStore
from kerascope.errors import NotFoundError, StoreError, UsageError, WrongValueError
from kerascope.jsonable import clean_text, to_jsonable
from kerascope.paths import StorePaths, check_project, decode_name, encode_name

# `ArtifactStore.list` hides the builtin inside the class.
Numbers = list[int]
Names = list[str]
Artifacts = list[Artifact]
Collections = list["Collection"]
Runs = list[Any]


class Lineage(Protocol):
    """Knows runs: given by the layer above, since the store of artifacts reads no run logs."""

    def run(self, project: str, run_id: str) -> Any:
        """Returns the run."""

    def users(self, project: str, name: str, version: int) -> list[Any]:
        """Returns the runs that used a version."""


class Collection(msgspec.Struct, frozen=True):
    """An artifact name and its versions; sizes and times are those of the newest one."""

    name: str
    type: str
    version_count: int
    latest: str
    size_bytes: int
    updated_s: float


class ArtifactStore:
    """The artifacts of a store.

    Args:
        paths: the store's folders.
        lineage: what answers `logged_by` and `used_by` with runs; without it `logged_by` gives a `RunRef`.
        clock: returns the time as an aware `datetime`.
    """

    def __init__(
        self,
        paths: StorePaths,
        lineage: Lineage | None = None,
        clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> None:
        self.paths = paths
        self.blobs = BlobStore(paths.blobs)
        self._lineage = lineage
        self._clock = clock

    # -- writing --------------------------------------------------------------------------------------------------------------

    def commit(
        self,
        artifact: Artifact,
        *,
        project: str,
        run_id: str | None = None,
        aliases: Iterable[str] = (),
    ) -> Artifact:
        """Stores a draft as a version and returns it; equal contents as the newest version: that one gets the aliases.

        Args:
            artifact: the draft; it becomes the committed version. One that is committed already only gets the aliases.
            project: the project it belongs to.
            run_id: the run that logs it.
            aliases: further names of the version; `latest` needs no naming.

        Raises:
            WrongValueError: if the name already has another type, or an alias may be none.
            UsageError: if an added file has changed or gone.
            OSError: if it cannot be written; no version is made then.
        """
        wanted = check_aliases([*artifact.aliases, *check_aliases(list(aliases))])
        check_project(project)
        if not artifact.is_draft:
            return self._add_aliases(artifact, project, wanted)
        artifact.finalize()
        try:
            manifest = self._commit(artifact, project, run_id)
            for alias in wanted:
                self.set_alias(project, manifest.name, manifest.version, alias)
        except BaseException as error:
            artifact.fail(error)
            raise
        artifact.adopt(manifest, self)
        return artifact

    def _add_aliases(self, artifact: Artifact, project: str, aliases: Sequence[str]) -> Artifact:
        if artifact.project != project:
            raise UsageError(
                f"An artifact belongs to one project. Received: {artifact.qualified_name}, project={project!r}. "
                "Make a new Artifact and add the files of the other."
            )
        for alias in aliases:
            self.set_alias(project, artifact.name, _number(artifact), alias)
        artifact.aliases = self.aliases_of(project, artifact.name, _number(artifact))
        return artifact

    def _commit(self, artifact: Artifact, project: str, run_id: str | None) -> Manifest:
        newest = self._newest(project, artifact.name)
        _check_same_type(artifact, newest)
        entries = self._store_sources(artifact, newest)
        draft = Manifest(
            name=artifact.name,
            type=artifact.type,
            version=0,
            digest=manifests.content_digest(entries),
            size=sum(entry.size or 0 for entry in entries),
            description=artifact.description,
            metadata=to_jsonable(artifact.metadata),
            created_at=self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            project=project,
            run=RunRef(project, run_id) if run_id is not None else None,
            entries=tuple(sorted(entries, key=lambda entry: entry.path)),
        )
        return self._allocate(draft, newest)

    def _store_sources(self, artifact: Artifact, newest: Manifest | None) -> list[Entry]:
        earlier = newest.entries if newest is not None else ()
        entries: dict[str, Entry] = {}
        for name, source in artifact.sources().items():
            for entry in source.to_entries(self.blobs, name, earlier):
                check_entry_path(entry.path)
                if entries.setdefault(entry.path, entry).digest != entry.digest:
                    raise WrongValueError(
                        f"Two different files in an artifact have one name. Received: {entry.path!r}. Rename one of them."
                    )
        return list(entries.values())

    def _allocate(self, draft: Manifest, newest: Manifest | None) -> Manifest:
        """Makes `draft` the next version, or returns the newest one if it has the same contents."""
        folder = self.paths.artifact(draft.project, draft.name)
        while True:
            if newest is not None and newest.type != draft.type:
                raise _wrong_type(draft.name, draft.type, newest)
            if newest is not None and newest.digest == draft.digest:
                return newest
            numbers = self._numbers(draft.project, draft.name)
            known = -1 if newest is None else newest.version
            if numbers and numbers[-1] > known and not self._is_broken(draft, numbers[-1]):
                newest = self._newest(draft.project, draft.name)  # another process was quicker
                continue
            made = msgspec.structs.replace(draft, version=numbers[-1] + 1 if numbers else 0)
            if create_file(folder / f"v{made.version}.json", manifests.encode(made)):
                return made
            newest = self._newest(draft.project, draft.name)

    def _is_broken(self, draft: Manifest, number: int) -> bool:
        try:
            self.manifest(draft.project, draft.name, number)
        except StoreError:
            return True
        return False

    def set_alias(self, project: str, name: str, version: int, alias: str) -> None:
        """Points an alias to a version, wherever it pointed before. `latest` always is the newest version: it is left alone.

        Raises:
            WrongValueError: if the text may be no alias.
            NotFoundError: if there is no such version.
        """
        if check_alias(alias) == LATEST:
            return
        folder = self.paths.artifact(project, name)
        if not (folder / f"v{version}.json").is_file():
            raise NotFoundError(f"There is no such version. Received: {project}/{name}:v{version}.")
        replace_file(folder / "aliases" / encode_name(alias), f"v{version}".encode())

    def set_aliases(self, project: str, name: str, version: int, aliases: Sequence[str]) -> None:
        """Makes `aliases` (and `latest`, for the newest) all the aliases of a version."""
        wanted = check_aliases(list(aliases))
        for alias in wanted:
            self.set_alias(project, name, version, alias)
        for alias, pointed in self._aliases(project, name).items():
            if pointed == version and alias not in wanted:
                self.remove_alias(project, name, alias)

    def remove_alias(self, project: str, name: str, alias: str) -> None:
        """Removes an alias; nothing happens if there is none."""
        (self.paths.artifact(project, name) / "aliases" / encode_name(alias)).unlink(missing_ok=True)

    # -- reading --------------------------------------------------------------------------------------------------------------

    def resolve(self, project: str | None, reference: str) -> Artifact:
        """Returns the version that `name:alias`, `name:v3`, `name` or `[entity/]project/name:alias` names.

        Raises:
            WrongValueError: if the text has another form.
            NotFoundError: if there is no such artifact, version or alias.
        """
        parsed = parse_reference(reference)
        project = parsed.project or project
        if project is None:
            raise WrongValueError(f"A project is needed. Received: {reference!r}. Write project/{reference}.")
        version = self._find(check_project(project), parsed)
        return Artifact.of_manifest(self.manifest(project, parsed.name, version), self)

    def _find(self, project: str, parsed: Reference) -> int:
        numbers = self._numbers(project, parsed.name)
        if not numbers:
            known = ", ".join(collection.name for collection in self.list(project)) or "none"
            raise NotFoundError(
                f"There is no such artifact. Received: {project}/{parsed.name}. Artifacts of the project: {known}."
            )
        version = parse_version(parsed.alias)
        if parsed.alias == LATEST:
            return numbers[-1]
        if version is None:
            version = self._aliases(project, parsed.name).get(parsed.alias)
        if version is None or version not in numbers:
            raise NotFoundError(
                f"The artifact has no such version or alias. Received: {parsed.name}:{parsed.alias}. "
                f"It has v{numbers[0]} to v{numbers[-1]} and the aliases "
                f"{', '.join([LATEST, *sorted(self._aliases(project, parsed.name))])}."
            )
        return version

    def manifest(self, project: str, name: str, version: int) -> Manifest:
        """Returns the manifest of a version.

        Raises:
            NotFoundError: if there is none.
            StoreError: if it cannot be read.
        """
        return manifests.read(self.paths.artifact(project, name) / f"v{version}.json")

    def versions(self, project: str, name: str) -> Artifacts:
        """Returns all versions of a name, newest first.

        Raises:
            NotFoundError: if there is no such artifact.
        """
        numbers = self._numbers(project, name)
        if not numbers:
            raise NotFoundError(f"There is no such artifact. Received: {project}/{name}.")
        return [Artifact.of_manifest(self.manifest(project, name, number), self) for number in reversed(numbers)]

    def names(self, project: str) -> Names:
        """Returns the names of a project's artifacts."""
        folder = self.paths.project(project) / "artifacts"
        with contextlib.suppress(FileNotFoundError):
            return _decoded(os.scandir(folder))
        return []

    def projects(self) -> Names:
        """Returns the names of all projects of the store."""
        with contextlib.suppress(FileNotFoundError):
            return _decoded(os.scandir(self.paths.projects))
        return []

    def list(self, project: str) -> Collections:
        """Returns the artifacts of a project, by name."""
        collections = []
        for name in self.names(project):
            numbers = self._numbers(project, name)
            newest = self._newest(project, name)
            if newest is not None:
                path = self.paths.artifact(project, name) / f"v{newest.version}.json"
                collections.append(
                    Collection(name, newest.type, len(numbers), f"v{newest.version}", newest.size, path.stat().st_mtime)
                )
        return collections

    def numbers(self, project: str, name: str) -> Numbers:
        """Returns the version numbers of an artifact, rising; empty if there is none."""
        return self._numbers(project, name)

    def aliases_of(self, project: str, name: str, version: int) -> Names:
        """Returns the aliases of a version, `latest` first."""
        numbers = self._numbers(project, name)
        own = sorted(alias for alias, pointed in self._aliases(project, name).items() if pointed == version)
        return ([LATEST] if numbers and version == numbers[-1] else []) + own

    def logged_by(self, manifest: Manifest) -> Any:
        """Returns the run that made a version, None if none did."""
        if manifest.run is None or self._lineage is None:
            return manifest.run
        return self._lineage.run(manifest.run.project, manifest.run.id)

    def used_by(self, manifest: Manifest) -> Runs:
        """Returns the runs that used a version.

        Raises:
            UsageError: if this store was opened without a lineage.
        """
        if self._lineage is None:
            raise UsageError(
                f"used_by() needs the index. Received: {manifest.name}:v{manifest.version}. "
                f"Get it by Api().artifact('{manifest.project}/{manifest.name}:v{manifest.version}')."
            )
        return self._lineage.users(manifest.project, manifest.name, manifest.version)

    def _newest(self, project: str, name: str) -> Manifest | None:
        """The newest version that can be read: one that a crash left broken must not stop new ones."""
        for number in reversed(self._numbers(project, name)):
            with contextlib.suppress(StoreError, NotFoundError):
                return self.manifest(project, name, number)
        return None

    def _numbers(self, project: str, name: str) -> Numbers:
        try:
            names = os.listdir(self.paths.artifact(project, name))
        except FileNotFoundError:
            return []
        numbers = (parse_version(file.removesuffix(".json")) for file in names if file.endswith(".json"))
        return sorted(number for number in numbers if number is not None)

    def _aliases(self, project: str, name: str) -> dict[str, int]:
        folder = self.paths.artifact(project, name) / "aliases"
        found: dict[str, int] = {}
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(folder):
                if entry.name.startswith("."):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    version = parse_version(Path(entry.path).read_text("utf-8").strip())
                    if version is not None and decode_name(entry.name) != LATEST:
                        found[decode_name(entry.name)] = version
        return found


def _decoded(entries: Iterable[os.DirEntry[str]]) -> list[str]:
    """The names that folders stand for; a folder whose name is no UTF-8 was not made here and stands for none."""
    names = (decode_name(entry.name) for entry in entries if entry.is_dir())
    return sorted(name for name in names if clean_text(name) == name)


def _number(artifact: Artifact) -> int:
    version = parse_version(artifact.version or "")
    if version is None:
        raise UsageError(f"A draft has no version. Received: {artifact!r}.")
    return version


def _check_same_type(artifact: Artifact, newest: Manifest | None) -> None:
    if newest is not None and newest.type != artifact.type:
        raise _wrong_type(artifact.name, artifact.type, newest)


def _wrong_type(name: str, type_name: str, newest: Manifest) -> WrongValueError:
    return WrongValueError(
        f"All versions of an artifact have one type. Received: type={type_name!r} for {name!r}, whose type is "
        f"{newest.type!r}. Use another name."
    )
