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
from typing import TYPE_CHECKING, Any

from kerascope.errors import NotFoundError, UsageError, WrongTypeError, WrongValueError
from kerascope.events.types import ArtifactLogged, ArtifactUsed
from kerascope.paths import StorePaths, check_project, decode_name
from kerascope.tracking.resume import find_previous

if TYPE_CHECKING:
    from kerascope.artifacts import Artifact

_UNSAFE_KEPT = "-_."


@dataclass(frozen=True)
class Lineage:
    """What artifacts need to know of the run.

    Attributes:
        write: takes the events.
        disabled: nothing is stored or recorded.
    """

    paths: StorePaths
    project: str
    run_id: str
    write: Callable[[Any], object]
    disabled: bool


def log(
    run: Lineage,
    artifact_or_path: Any,
    name: str | None,
    type: str | None,
    aliases: Sequence[str] | str | None,
    tags: Sequence[str] | None = None,
) -> Artifact:
    """Stores an artifact, or a file or folder as one, as a new version made by this run."""
    artifact = as_artifact(run, artifact_or_path, name, type)
    if tags:
        artifact.metadata = {**artifact.metadata, "tags": list(tags)}
    if run.disabled:
        return artifact
    from kerascope.artifacts import ArtifactStore

    names = [aliases] if isinstance(aliases, str) else list(aliases or [])
    logged = ArtifactStore(run.paths).commit(artifact, project=run.project, run_id=run.run_id, aliases=names)
    run.write(
        ArtifactLogged(
            name=logged.name.split(":")[0],
            type=logged.type,
            version=_number(logged.version),
            digest=logged.digest,
            aliases=tuple(logged.aliases),
            time_s=time.time(),
        )
    )
    return logged


def use(
    run: Lineage, artifact_or_name: Any, type: str | None, aliases: Sequence[str] | None, use_as: str | None
) -> Artifact:
    """Finds an artifact version and records that this run uses it; a draft is logged first."""
    from kerascope.artifacts import Artifact, ArtifactStore

    if isinstance(artifact_or_name, Artifact):
        used = artifact_or_name if is_logged(artifact_or_name) else log(run, artifact_or_name, None, type, aliases)
    elif isinstance(artifact_or_name, str):
        project, name = split_name(artifact_or_name, run.project)
        used = ArtifactStore(run.paths).resolve(project, name)
    else:
        raise WrongTypeError(
            f"`artifact_or_name` must be an Artifact or text such as 'faces:latest'. Received: {artifact_or_name!r}."
        )
    if type is not None and used.type != type:
        raise WrongValueError(
            f"The artifact is of another type. Received: type={type!r}, but {used.name} is {used.type!r}."
        )
    if not run.disabled:
        run.write(
            ArtifactUsed(
                name=used.name.split(":")[0],
                type=used.type,
                version=_number(used.version),
                digest=used.digest,
                use_as=use_as or "",
                time_s=time.time(),
            )
        )
    return used


def link(run: Lineage, artifact: Artifact, target_path: str, aliases: Sequence[str] | None) -> Artifact:
    """Gives the artifact's version the aliases, logging it first if it is a draft."""
    if not isinstance(target_path, str) or not target_path:
        raise WrongTypeError(f"`target_path` must be text. Received: target_path={target_path!r}.")
    if not is_logged(artifact):
        return log(run, artifact, None, None, aliases)
    if aliases and not run.disabled:
        from kerascope.artifacts import ArtifactStore

        for alias in aliases:
            ArtifactStore(run.paths).set_alias(
                run.project, artifact.name.split(":")[0], alias, _number(artifact.version)
            )
    return artifact


def log_code(
    run: Lineage,
    root: str | os.PathLike[str],
    name: str | None,
    include: Callable[..., bool] | None,
    exclude: Callable[..., bool] | None,
) -> Artifact | None:
    """Stores the source files below `root`; None if there are none."""
    from kerascope.artifacts import Artifact

    folder = Path(root).absolute()
    files = [path for path in _source_files(folder) if _wanted(path, folder, include, exclude)]
    if not files:
        return None
    artifact = Artifact(name or f"source-{safe_artifact_name(run.project)}", type="code")
    for path in files:
        artifact.add_file(str(path), name=str(path.relative_to(folder)))
    return log(run, artifact, None, None, None)


def model_path(artifact: Artifact, folder: str) -> str:
    """Downloads a model below `folder`; the path of its file if it has one only, else of its folder."""
    root = Path(artifact.download(root=os.path.join(folder, "models", artifact.name.replace(":", "-"))))
    entries = list(artifact.manifest.entries)
    return str(root / entries[0]) if len(entries) == 1 else str(root)


def logged_by(paths: StorePaths, project: str, run_id: str) -> Iterator[Artifact]:
    """Yields the artifact versions that a run logged, newest first."""
    from kerascope.artifacts import ArtifactStore

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
    from kerascope.artifacts import Artifact

    if isinstance(artifact_or_path, Artifact):
        return artifact_or_path
    if not isinstance(artifact_or_path, (str, os.PathLike)):
        raise WrongTypeError(f"`artifact_or_path` must be an Artifact or a path. Received: {artifact_or_path!r}.")
    path = Path(artifact_or_path)
    if not path.exists():
        raise UsageError(f"`artifact_or_path` must exist. Received: {str(path)!r}.")
    artifact = Artifact(name or f"run-{run.run_id}-{safe_artifact_name(path.name)}", type=type or "unspecified")
    if path.is_dir():
        artifact.add_dir(str(path))
    else:
        artifact.add_file(str(path))
    return artifact


def split_name(name: str, project: str) -> tuple[str, str]:
    """Returns project and `name:alias` of `[entity/][project/]name[:alias]`; the alias is `latest` by default."""
    parts = name.split("/")
    if len(parts) > 3 or not parts[-1]:
        raise WrongValueError(f"An artifact is named '[project/]name:alias'. Received: {name!r}.")
    short = parts[-1] if ":" in parts[-1] else f"{parts[-1]}:latest"
    return check_project(decode_name(parts[-2])) if len(parts) > 1 else project, short


def safe_artifact_name(text: str) -> str:
    """Returns `text` with all but letters, digits, `-`, `_` and `.` replaced, shortened in the middle to 128 characters."""
    safe = "".join(char if char.isascii() and (char.isalnum() or char in _UNSAFE_KEPT) else "_" for char in text)
    return safe if len(safe) <= 128 else f"{safe[:63]}..{safe[-63:]}"


def is_logged(artifact: Artifact) -> bool:
    """Whether the artifact is a version in the store, and no draft."""
    try:
        return bool(artifact.version)
    except Exception:  # drafts of the original raise here
        return False


def _number(version: Any) -> int:
    return version if isinstance(version, int) else int(str(version).removeprefix("v"))


def _source_files(folder: Path) -> list[Path]:
    hidden = {"__pycache__", "node_modules", "site-packages"}
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") or part in hidden for part in path.relative_to(folder).parts)
    )


def _wanted(path: Path, folder: Path, include: Callable[..., bool] | None, exclude: Callable[..., bool] | None) -> bool:
    taken = _ask(include, path, folder) if include else path.suffix == ".py"
    return taken and not (exclude and _ask(exclude, path, folder))


def _ask(choose: Callable[..., bool], path: Path, folder: Path) -> bool:
    """Calls a filter with the path alone, or with the root too if it takes two arguments."""
    wanted = len(inspect.signature(choose).parameters)
    return bool(choose(str(path), str(folder)) if wanted > 1 else choose(str(path)))
