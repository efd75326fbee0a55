"""Artifacts as a run logs and uses them: versions go to the store, and the run's log says which it made and which it used.

Promises: the version is durable before the log names it. Not for: what an artifact is (see `kerascope.artifacts`).
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerascope.artifacts import Artifact, ArtifactStore, safe_name
from kerascope.artifacts.artifact import on_save
from kerascope.artifacts.manifest import RunRef
from kerascope.errors import NotFoundError, UsageError, WrongTypeError, WrongValueError
from kerascope.events.types import ArtifactLogged, ArtifactUsed
from kerascope.media.base import Media
from kerascope.paths import StorePaths, decode_name, encode_name
from kerascope.tracking.current import require_run
from kerascope.tracking.resume import find_previous


class LoggedRuns:
    """Answers an artifact's `logged_by` and `used_by` from the logs of the store: all of them are read, so no index is needed.

    Args:
        paths: the store's folders.
    """

    def __init__(self, paths: StorePaths) -> None:
        self._paths = paths

    def run(self, project: str, run_id: str) -> RunRef:
        """Returns what names a run."""
        return RunRef(project=project, id=run_id)

    def users(self, project: str, name: str, version: int) -> list[RunRef]:
        """Returns the runs of all projects that used a version, the oldest first."""
        digest = ArtifactStore(self._paths).manifest(project, name, version).digest
        found: list[tuple[float, RunRef]] = []
        for log in sorted(self._paths.projects.glob("*/runs/*/log")):
            owner, run_id = decode_name(log.parents[2].name), log.parent.name
            previous = find_previous(self._paths, owner, run_id)
            for event in previous.run.artifacts_used if previous else ():
                if (event.name, event.version, event.digest) == (name, version, digest):
                    found.append((event.time_s, RunRef(project=owner, id=run_id)))
                    break
        return [run for _, run in sorted(found, key=lambda one: one[0])]


@dataclass(frozen=True)
class Lineage:
    """What artifacts need to know of the run.

    Attributes:
        write: takes the events.
        fail: tells that an artifact could not be stored.
        disabled: nothing is stored or recorded.
    """

    paths: StorePaths
    project: str
    run_id: str
    write: Callable[[Any], object]
    fail: Callable[[str, Exception], None]
    disabled: bool

    @property
    def store(self) -> ArtifactStore:
        """The artifacts of the store; they know their runs."""
        return ArtifactStore(self.paths, LoggedRuns(self.paths))


def log(
    run: Lineage,
    artifact_or_path: Any,
    name: str | None,
    type: str | None,
    aliases: Sequence[str] | str | None,
    tags: Sequence[str] | None = None,
) -> Artifact:
    """Stores an artifact, or a file or folder as one, as a new version made by this run.

    Returns:
        The version; the draft itself, with a message, if the disk did not take it.
    """
    artifact = as_artifact(run, artifact_or_path, name, type)
    if tags:
        artifact.metadata = {**artifact.metadata, "tags": list(tags)}
    if run.disabled:
        return artifact
    names = [aliases] if isinstance(aliases, str) else list(aliases or [])
    try:
        logged = run.store.commit(artifact, project=run.project, run_id=run.run_id, aliases=names)
    except OSError as error:  # the disk is full or read-only: training goes on
        run.fail(f"storing artifact {artifact.name}", error)
        return artifact
    run.write(
        ArtifactLogged(
            name=logged.name,
            type=logged.type,
            version=_number(logged),
            digest=logged.digest or "",
            aliases=tuple(logged.aliases),
            time_s=time.time(),
        )
    )
    return logged


def log_table(run: Lineage, key: str, table: Media) -> None:
    """Stores a table that was logged under `key` as artifact `run-<id>-<key>`."""
    artifact = Artifact(safe_name(f"run-{run.run_id}-{key}"), type="run_table")
    # A key is free text; the name of an entry is a relative path.
    parts = [part for part in key.split("/") if part not in ("", ".", "..")]
    artifact.add(table, "/".join(parts) or "table")
    log(run, artifact, None, None, None)


def use(
    run: Lineage, artifact_or_name: Any, type: str | None, aliases: Sequence[str] | None, use_as: str | None
) -> Artifact:
    """Finds an artifact version and records that this run uses it; a draft is logged first.

    Raises:
        WrongTypeError: if it is neither an artifact nor text.
        WrongValueError: if the text is no reference, or the version has another type than `type`.
        NotFoundError: if there is no such version.
    """
    if isinstance(artifact_or_name, Artifact):
        used = artifact_or_name if not artifact_or_name.is_draft else log(run, artifact_or_name, None, type, aliases)
    elif isinstance(artifact_or_name, str):
        used = run.store.resolve(run.project, artifact_or_name)
    else:
        raise WrongTypeError(
            f"`artifact_or_name` must be an Artifact or text such as 'faces:latest'. Received: {artifact_or_name!r}."
        )
    if type is not None and used.type != type:
        raise WrongValueError(
            f"The artifact is of another type. Received: type={type!r}, but {used.name} is {used.type!r}."
        )
    if not run.disabled and not used.is_draft:
        run.write(
            ArtifactUsed(
                name=used.name,
                type=used.type,
                version=_number(used),
                digest=used.digest or "",
                use_as=use_as or "",
                time_s=time.time(),
            )
        )
    return used


def link(run: Lineage, artifact: Artifact, target_path: str, aliases: Sequence[str] | None) -> Artifact:
    """Gives the artifact's version the aliases, logging it first if it is a draft.

    Raises:
        WrongTypeError: if `target_path`, which is checked only, is no text.
        WrongValueError: if an alias may be none.
    """
    if not isinstance(target_path, str) or not target_path:
        raise WrongTypeError(f"`target_path` must be text. Received: target_path={target_path!r}.")
    if artifact.is_draft:
        return log(run, artifact, None, None, aliases)
    if aliases and not run.disabled:
        try:
            for alias in aliases:
                run.store.set_alias(artifact.project or run.project, artifact.name, _number(artifact), alias)
        except OSError as error:  # the disk is full or read-only: training goes on
            run.fail(f"linking artifact {artifact.name}", error)
    return artifact


def log_code(
    run: Lineage,
    root: str | os.PathLike[str],
    name: str | None,
    include: Callable[..., bool] | None,
    exclude: Callable[..., bool] | None,
) -> Artifact | None:
    """Stores the source files below `root`; None if there are none."""
    folder = Path(root).absolute()
    files = [path for path in _source_files(run, folder) if _wanted(path, folder, include, exclude)]
    if not files:
        return None
    artifact = Artifact(name or f"source-{safe_name(run.project)}", type="code")
    for path in files:
        artifact.add_file(str(path), name=str(path.relative_to(folder)))
    return log(run, artifact, None, None, None)


def model_path(artifact: Artifact, folder: str) -> str:
    """Downloads a model to a folder of its version below `folder`; the path of its file if it has one only, else of that folder."""
    own = Path(folder, "models", encode_name(artifact.project or ""), artifact.name, f"v{_number(artifact)}")
    root = Path(artifact.download(root=own))
    entries = list(artifact.manifest.entries)
    return str(root / entries[0]) if len(entries) == 1 else str(root)


def logged_by(paths: StorePaths, project: str, run_id: str) -> Iterator[Artifact]:
    """Yields the artifact versions that a run logged, newest first."""
    previous = find_previous(paths, project, run_id)
    store = ArtifactStore(paths)
    for event in reversed(previous.run.artifacts_logged if previous else ()):
        try:
            yield store.resolve(project, f"{event.name}:v{event.version}")
        except NotFoundError:  # deleted since
            continue


def as_artifact(run: Lineage, artifact_or_path: Any, name: str | None, type: str | None) -> Artifact:
    """The artifact itself, or a new one that holds the file or folder.

    Raises:
        UsageError: if it is neither, or there is no such file.
    """
    if isinstance(artifact_or_path, Artifact):
        return artifact_or_path
    if not isinstance(artifact_or_path, (str, os.PathLike)):
        raise WrongTypeError(f"`artifact_or_path` must be an Artifact or a path. Received: {artifact_or_path!r}.")
    path = Path(artifact_or_path)
    if not path.exists():
        raise UsageError(f"`artifact_or_path` must exist. Received: {str(path)!r}.")
    artifact = Artifact(name or f"run-{run.run_id}-{safe_name(path.name)}", type=type or "unspecified")
    if path.is_dir():
        artifact.add_dir(str(path))
    else:
        artifact.add_file(str(path))
    return artifact


def _number(artifact: Artifact) -> int:
    return int((artifact.version or "v0").removeprefix("v"))


def _source_files(run: Lineage, folder: Path) -> list[Path]:
    """The files below a folder but for hidden ones and installed packages, into whose folders nobody looks; links are not followed."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder, onerror=lambda error: run.fail("looking for source files", error)):
        folders[:] = filter(_may_hold_sources, folders)
        found += [path for name in filter(_may_hold_sources, names) if (path := Path(where, name)).is_file()]
    return sorted(found)


def _may_hold_sources(name: str) -> bool:
    return not name.startswith(".") and name not in ("__pycache__", "node_modules", "site-packages")


def _wanted(path: Path, folder: Path, include: Callable[..., bool] | None, exclude: Callable[..., bool] | None) -> bool:
    taken = _ask(include, path, folder) if include else path.suffix == ".py"
    return taken and not (exclude and _ask(exclude, path, folder))


def _ask(choose: Callable[..., bool], path: Path, folder: Path) -> bool:
    """Calls a filter with the path alone, or with the root too if it takes two arguments."""
    wanted = len(inspect.signature(choose).parameters)
    return bool(choose(str(path), str(folder)) if wanted > 1 else choose(str(path)))


on_save(lambda artifact: require_run("Artifact.save()").log_artifact(artifact))
