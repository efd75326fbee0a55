"""`run.restore`: a file that an earlier attempt, another run or an artifact version kept.

Promises: only the store is read; names cannot lead out of a run's folder. Not for: whole artifacts (see `use_artifact`).
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.paths import StorePaths, check_project, check_run_id, decode_name
from kerascope.tracking.files import copy_into, safe_name
from kerascope.tracking.lineage import logged_by


def restore(
    paths: StorePaths,
    project: str,
    run_id: str,
    own_folder: Path,
    name: str,
    run_path: str | None,
    replace: bool,
    root: Path | None,
) -> IO[str]:
    """Returns the file, opened for reading; see `Run.restore`.

    Raises:
        WrongValueError: if there is no such file, or the name leads out of the run's folder.
    """
    name = safe_name(name)
    folder = own_folder
    if run_path is not None:
        project, run_id = parse_run_path(run_path, project)
        folder = paths.files(project, run_id)
    target_root = root or own_folder
    target = target_root / name
    if target.is_file() and not replace and run_path is None:
        return _open(target)
    if (folder / name).is_file():
        return _open(
            folder / name if root is None and folder == own_folder else copy_into(folder / name, target_root, name)
        )
    found = _from_artifact(paths, project, run_id, name, target_root)
    if found is not None:
        return _open(found)
    raise WrongValueError(
        f"The run holds no file of this name. Received: name={name!r}, run {project}/{run_id}. "
        f"It holds: {', '.join(_names(folder)) or 'none'}.{_elsewhere(paths, project, run_id)}"
    )


def parse_run_path(run_path: object, project: str) -> tuple[str, str]:
    """Returns project and run id of `entity/project/id`, `project/id` or `id`.

    Raises:
        UsageError: if it is none of these.
    """
    parts = run_path.strip("/").split("/") if isinstance(run_path, str) else []
    if not 1 <= len(parts) <= 3:
        raise WrongTypeError(
            f"`run_path` must be 'project/id' or 'entity/project/id'. Received: run_path={run_path!r}."
        )
    return check_project(parts[-2] if len(parts) > 1 else project), check_run_id(parts[-1])


def _open(path: Path) -> IO[str]:
    return open(path, encoding="utf-8")


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())[:20]


def _elsewhere(paths: StorePaths, project: str, run_id: str) -> str:
    """What to ask for instead where no run of that address has its home: a run that was moved is named by the project it was made in."""
    if paths.run(project, run_id).is_dir():
        return ""
    homes = sorted(folder.parent.parent.name for folder in paths.projects.glob(f"*/runs/{run_id}"))
    if not homes:
        return " There is no such run."
    addresses = " or ".join(repr(f"{decode_name(home)}/{run_id}") for home in homes)
    return f" Files stay in the project that a run was made in: give run_path={addresses}."


def _from_artifact(paths: StorePaths, project: str, run_id: str, name: str, target: Path) -> Path | None:
    """Copies the file `name` out of the newest artifact version of the run that holds it; None if none does.

    A file of the same name but another extension counts too: a model may have been kept as `model-best.keras` where an older script
    asks for `model-best.h5`.
    """
    for artifact in logged_by(paths, project, run_id):
        entries = list(artifact.manifest.entries)
        same_stem = [entry for entry in entries if Path(entry).with_suffix("") == Path(name).with_suffix("")]
        chosen = name if name in entries else next(iter(same_stem), None)
        if chosen is not None:
            return Path(artifact.get_entry(chosen).download(root=str(target)))
    return None
