"""`Api`: asks a store for its projects, runs and artifacts, in the shape of `wandb.Api`.

Promises: reading works while trainings write and while a server runs; a name that does not exist raises UnknownNameError, which is a
NotFoundError and a ValueError, and names what exists nearby. Any thread may use one `Api`. Not for: logging (`kerascope.init`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from kerascope.api.run import Run, artifact_store
from kerascope.api.runs import Runs
from kerascope.api.store import Store
from kerascope.api.sweep import Sweep
from kerascope.api.times import iso
from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import Collection
from kerascope.errors import NotFoundError, UnknownNameError, UsageError
from kerascope.ids import did_you_mean
from kerascope.index.folders import RunKey
from kerascope.paths import RUN_ID, StorePaths
from kerascope.query import homes, records, runs
from kerascope.settings import load_settings
from kerascope.sweeps import store

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def by_name(method: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """Makes a method tell of a name that there is nothing of in the form that scripts of the original catch, as a ValueError too."""

    @functools.wraps(method)
    def asked(*args: _Asked.args, **named: _Asked.kwargs) -> _Answer:
        try:
            return method(*args, **named)
        except NotFoundError as error:
            raise UnknownNameError(str(error)) from None

    return asked


class Project:
    """A project of the store.

    Attributes:
        name: Its name.
        run_count: How many runs it has.
        running_count: How many of them are running.
        created_at: When its first run began, ISO time.
        last_activity_at: Time of its newest record, ISO.
    """

    def __init__(self, record: records.Project) -> None:
        self.name, self.run_count, self.running_count = record.name, record.run_count, record.running_count
        self.created_at, self.last_activity_at = iso(record.created_s), iso(record.last_activity_s)

    def __repr__(self) -> str:
        return f"<Project {self.name} ({self.run_count} runs)>"


class Api:
    """Reads a store.

    Args:
        root: Folder of the store; None takes `KERASCOPE_DIR`, else `~/.kerascope`.
        overrides: Map with a default `project`, used where a path names none.
        timeout: Seconds to wait for another process that is bringing the index up to date.
        api_key: Taken for scripts written for the original; there are no accounts.

    Raises:
        NotFoundError: if there is no such folder.

    Example:
        runs = Api().runs("faces", filters={"config.lr": {"$lt": 0.01}}, order="-summary.val_accuracy")
        best = runs[0].history(keys=["val_accuracy"])
    """

    def __init__(
        self,
        root: str | Path | None = None,
        overrides: Mapping[str, Any] | None = None,
        timeout: float = 5.0,
        api_key: str | None = None,
    ) -> None:
        settings = load_settings()
        folder = Path(root).expanduser() if root is not None else settings.root
        if root is not None and not folder.is_dir():
            raise NotFoundError(
                f"`root` must be the folder of a store. Received: root={str(root)!r}. See KERASCOPE_DIR."
            )
        self._project = str((overrides or {}).get("project") or settings.project)
        self._store = Store(StorePaths(folder), timeout)

    @property
    def root(self) -> Path:
        """The folder of the store."""
        return self._store.paths.root

    @property
    def default_entity(self) -> str:
        """Who runs belong to, where nothing else is said."""
        return load_settings().entity

    @property
    def settings(self) -> dict[str, str]:
        """Default `entity` and `project`."""
        return {"entity": self.default_entity, "project": self._project}

    def project(self, name: str, entity: str | None = None) -> Project:
        """Returns a project by its name.

        Raises:
            UnknownNameError: if there is none, or none of its runs is left.
        """
        found = next((one for one in self.projects(entity) if one.name == name), None)
        if found is None:
            raise UnknownNameError(self._no_project(name))
        return found

    def projects(self, entity: str | None = None) -> list[Project]:
        """Returns the projects that have runs, the most recently active first; a store has one `entity`, so it is not looked at."""
        with self._store.reading() as db:
            return [Project(record) for record in runs.projects(db)]

    @by_name
    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str = "-created_at",
        per_page: int = 50,
    ) -> Runs:
        """Returns the runs of a project as a list that is read page by page.

        Args:
            path: `project` or `entity/project`; None takes the default project.
            filters: Mongo-style map such as `{"config.lr": {"$gt": 0.001}, "state": "finished"}`.
            order: Comma list of fields, `-` for descending: `-summary.val_accuracy,name`.
            per_page: Runs read at a time.

        Raises:
            UsageError: if filter, order or path is not understood.
            UnknownNameError: if there is no such project.
        """
        project = self._project_of(path)
        found = Runs(self._store, project, None if filters is None else dict(filters), order, per_page)
        if not len(found):
            self._require_project(project)
        return found

    @by_name
    def run(self, path: str) -> Run:
        """Returns one run.

        Args:
            path: `project/id` or `entity/project/id`; `id` alone is looked for in the default project.

        Raises:
            UnknownNameError: if there is no such run.
            UsageError: if the path is of another form.
        """
        project, run_id = self._run_path(path)
        with self._store.reading(RunKey(project, run_id) if RUN_ID.match(run_id) else None) as db:
            found = Run(self._store, runs.detail(db, project, run_id))
        return found if found.key.project == project else found.load()  # moved: its log is elsewhere

    @by_name
    def sweep(self, path: str) -> Sweep:
        """Returns a sweep.

        Args:
            path: `id`, `project/id` or `entity/project/id`.

        Raises:
            UnknownNameError: if there is none.
        """
        return Sweep(self, store.find(self._store.paths, path))

    @by_name
    def artifact(self, name: str, type: str | None = None) -> Artifact:
        """Returns an artifact version.

        Args:
            name: `name:alias`, `name:v3` or `[entity/]project/name:alias`; without an alias, the newest.
            type: What type it must have, if given.

        Raises:
            UnknownNameError: if there is none, or it is of another type.
        """
        found = artifact_store(self._store).resolve(self._project, name)
        if type is not None and found.type != type:
            raise NotFoundError(
                f"There is no such artifact of this type. Received: {name!r}, type={type!r}. It is a {found.type!r}."
            )
        return found

    def artifact_exists(self, name: str, type: str | None = None) -> bool:
        """Returns whether `artifact(name, type)` would find one."""
        try:
            self.artifact(name, type)
        except NotFoundError:
            return False
        return True

    @by_name
    def artifact_versions(self, type_name: str | None, name: str, per_page: int = 50) -> list[Artifact]:
        """Returns all versions of an artifact, the newest first.

        Args:
            type_name: What type they must have; None for any.
            name: `name` or `[entity/]project/name`.
            per_page: Taken for scripts written for the original.

        Raises:
            UnknownNameError: if there is no such artifact.
        """
        place, _, own = name.rpartition("/")
        versions = artifact_store(self._store).versions(self._project_of(place or None), own.partition(":")[0])
        return [version for version in versions if type_name is None or version.type == type_name]

    artifacts = artifact_versions

    def artifact_collections(self, path: str | None = None, type_name: str | None = None) -> list[Collection]:
        """Returns the artifact names of a project, with type, newest version and size.

        Args:
            path: `project` or `entity/project`; None takes the default project.
            type_name: Only of this type.
        """
        found = artifact_store(self._store).list(self._project_of(path))
        return [one for one in found if type_name is None or one.type == type_name]

    def flush(self) -> None:
        """Does nothing: answers are never kept. For scripts written for the original."""

    def _project_of(self, path: str | None) -> str:
        if path is None:
            return self._project
        parts = path.strip("/").split("/") if isinstance(path, str) else []
        if not 1 <= len(parts) <= 2 or not all(parts):
            raise UsageError(f"`path` must be 'project' or 'entity/project'. Received: path={path!r}.")
        return parts[-1]

    def _run_path(self, path: str) -> tuple[str, str]:
        parts = path.strip("/").replace("/runs/", "/").split("/") if isinstance(path, str) else []
        if not 1 <= len(parts) <= 3 or not all(parts):
            raise UsageError(f"`path` must be 'project/id' or 'entity/project/id'. Received: path={path!r}.")
        return (parts[-2] if len(parts) > 1 else self._project), parts[-1]

    def _require_project(self, project: str) -> None:
        """Raises unless the project is there; one whose runs are all deleted is."""
        if self._store.paths.project(project).is_dir():
            return
        with self._store.reading() as db:
            if project in homes.project_names(db):
                return
        raise NotFoundError(self._no_project(project))

    def _no_project(self, name: str) -> str:
        names = [one.name for one in self.projects()]
        hint = did_you_mean(name, names) or (
            f" There are {', '.join(names[:5])}." if names else " The store has no runs yet."
        )
        return f"There must be a project of this name. Received: project={name!r}.{hint}"
