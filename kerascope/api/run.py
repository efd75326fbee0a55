"""A run as `Api` gives it: attributes, config, summary, history, files and artifacts.

Promises: history, files and artifacts are read when asked for and are then up to date, even while the run is written; attributes are
those of the moment in which the object was made (`load` reads them again). Edits never touch the run's log. Not for: logging.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kerascope.api.file import File
from kerascope.api.store import Store
from kerascope.api.summary import Summary
from kerascope.api.times import iso
from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import UsageError
from kerascope.index.folders import RunKey
from kerascope.notebook import run_html
from kerascope.paths import run_url
from kerascope.query import bulk, files, history, lineage, records, runs
from kerascope.query.artifact_records import RunArtifacts
from kerascope.query.edits import Editor
from kerascope.query.origins import artifacts_of

_POLL_S = 0.5


class Run:
    """A run of the store.

    Attributes:
        id: Its id.
        project: Name of its project.
        entity: Who ran it.
        config: Its config, a plain map.
        summary: Its summary, a read-only map.
        state: `running`, `finished`, `failed` or `crashed`.
        created_at: When it began, ISO time.
        heartbeat_at: Time of its newest record, ISO.
        name: Shown name. Assign and call `update()`, or `rename`.
        tags: List of texts; change and call `update()`.
        notes: Free text or None; assign and call `update()`.
        group: Name of its group or None; assign and call `update()`.
        job_type: What it did, or None; assign and call `update()`.
    """

    def __init__(self, store: Store, record: records.RunSummary) -> None:
        self.store = store
        self.key = RunKey(record.home, record.id)
        self._set(record)

    def _set(self, record: records.RunSummary) -> None:
        self._record = record
        self.id, self.project, self.entity, self.state = record.id, record.project, record.entity, record.state
        self.config: dict[str, Any] = dict(record.config)
        self.summary = Summary(record.summary)
        self.name, self.notes, self.group, self.job_type = record.name, record.notes, record.group, record.job_type
        self.tags: list[str] = list(record.tags)
        self.created_at, self.heartbeat_at = iso(record.created_s), iso(record.updated_s)

    def __repr__(self) -> str:
        return f"<Run {'/'.join(self.path)} ({self.state})>"

    def _repr_html_(self) -> str:
        """Returns how a notebook shows the run: its live page if a dashboard runs on this machine, else its results."""
        return run_html(self)

    @property
    def _store_root(self) -> Path:
        return self.store.paths.root

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def url(self) -> str:
        """Where `kerascope ui` shows the run."""
        return run_url(self.project, self.id)

    @property
    def record(self) -> records.RunSummary:
        """All attributes as the query layer gives them, times as seconds since 1970."""
        return self._record

    @property
    def display_name(self) -> str:
        """The same as `name`."""
        return self.name

    @property
    def storage_id(self) -> str:
        """The same as `id`."""
        return self.id

    @property
    def lastHistoryStep(self) -> int:
        """The greatest step, -1 without history."""
        return -1 if self._record.last_step is None else self._record.last_step

    @property
    def json_config(self) -> str:
        """The config as JSON text in the original's form: `{"lr": {"value": 0.1}}`."""
        return msgspec.json.encode({key: {"value": value} for key, value in self.config.items()}).decode()

    @property
    def rawconfig(self) -> dict[str, Any]:
        """The same as `config`."""
        return self.config

    @property
    def metadata(self) -> dict[str, Any]:
        """Host, Python, packages, command line, git and devices."""
        return self.detail().environment

    def detail(self) -> records.RunDetail:
        """Returns everything about the run but its history, as it is now."""
        with self.store.reading(self.key) as db:
            return runs.detail(db, *self.key)

    def load(self, force: bool = True) -> Run:
        """Reads the attributes again, dropping changes that were not saved by `update`; returns the run."""
        if force:
            self._set(self.detail())
        return self

    def wait_until_finished(self) -> None:
        """Returns when the run is no longer running."""
        while self.load().state == "running":
            time.sleep(_POLL_S)

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: str = "default",
    ) -> Any:
        """Returns rows of the history, evenly sampled.

        Args:
            samples: At most so many rows; the first and the last are among them.
            keys: Only these, and only rows that have all of them; None gives every key.
            x_axis: Key that rows are sorted by; rows without it are left out.
            pandas: Give a DataFrame, if pandas is installed; else a list of maps.
            stream: `default`, or `system` for the system metrics (`events`, as they were called once).

        Raises:
            UsageError: if an argument is not of that form.
        """
        if stream not in ("default", "system", "events"):
            raise UsageError(f"`stream` must be 'default' or 'system'. Received: stream={stream!r}.")
        wanted = _keys(keys)
        with self.store.reading(self.key) as db:
            rows = history.sampled(db, *self.key, wanted, samples, x_axis, stream != "default")
        frame = _pandas() if pandas else None
        return rows if frame is None else frame.DataFrame.from_records(rows)

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 5000,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yields all rows, by step.

        Args:
            keys: Only these, and only rows that have all of them; None gives every key.
            page_size: Rows read at a time, 1 to 100,000.
            min_step: The first step wanted.
            max_step: The step to stop in front of.
        """
        wanted, last = _keys(keys), None if max_step is None else max_step - 1
        step = min_step
        while step is None or last is None or step <= last:
            with self.store.reading(self.key) as db:
                page = history.rows(db, *self.key, wanted, step, last, page_size)
            yield from page.rows
            if page.next_step is None:
                return
            step = page.next_step

    def files(self, names: Sequence[str] | None = None) -> list[File]:
        """Returns the run's files: its folder, saved files and media; `names` keeps only these."""
        with self.store.reading(self.key) as db:
            found = files.listing(db, self.store.paths, *self.key)
        return [File(self.store, self.key, one) for one in found if names is None or one.path in names]

    def file(self, name: str) -> File:
        """Returns one file.

        Raises:
            NotFoundError: if the run has no such file.
        """
        found = self.files([name])
        if found:
            return found[0]
        with self.store.reading(self.key) as db:  # under another spelling: ./model.h5
            state = files.locate(db, self.store.paths, *self.key, name).stat()
        return File(
            self.store, self.key, records.RunFile(path=name, size_bytes=state.st_size, modified_s=state.st_mtime)
        )

    def logged_artifacts(self) -> list[Artifact]:
        """Returns the artifact versions that the run made."""
        return self._artifacts(lambda found: found.logged)

    def used_artifacts(self) -> list[Artifact]:
        """Returns the artifact versions that the run used."""
        return self._artifacts(lambda found: found.used)

    def _artifacts(self, which: Callable[[RunArtifacts], Sequence[records.ArtifactLink]]) -> list[Artifact]:
        versions, run = artifact_store(self.store), self.detail()
        links = which(artifacts_of(versions, run))
        return [versions.resolve(link.project or run.home, f"{link.name}:v{link.version}") for link in links]

    def update(self) -> None:
        """Saves changed name, notes, tags, group and job type.

        Raises:
            UsageError: if one of them is not of its form, or the config was changed, which only the run itself can do.
        """
        if self.config != self._record.config:
            raise UsageError(
                "The config of a run is what it was run with. Received: a changed `config`. Use notes or tags, or go on with the "
                "run: init(id=..., resume='must').config.update(..., allow_val_change=True)."
            )
        now = {
            "name": self.name,
            "notes": self.notes,
            "tags": list(self.tags),
            "group": self.group,
            "job_type": self.job_type,
        }
        known = msgspec.structs.asdict(self._record) | {"tags": list(self._record.tags)}
        changes = {name: value for name, value in now.items() if value != known[name]}
        if changes:
            self.store.edit(*self.key, changes)
            self.load()

    save = update

    def rename(self, name: str) -> None:
        """Gives the run another name. Raises as `update` does."""
        self.store.edit(*self.key, {"name": name})
        self.load()

    def move(self, project: str) -> None:
        """Shows the run in another project; its log, files and artifacts stay where they are.

        Raises:
            UsageError: if that project has a run of the same id.
        """
        shown = self.detail().project
        with self.store.reading() as db, Editor(self.store.paths) as editor:
            bulk.move_many(db, editor, shown, [self.id], project)
        self.load()

    def delete(self, delete_artifacts: bool = False) -> None:
        """Hides the run from every list; `restore` undoes it, `kerascope rm` removes its files.

        Raises:
            UsageError: if `delete_artifacts` is True: artifacts outlive their runs.
        """
        if delete_artifacts:
            raise UsageError(
                "Deleting a run keeps its artifacts, which others may use. Received: delete_artifacts=True. "
                "Remove artifact versions with `kerascope artifacts`."
            )
        self.store.delete(*self.key)

    def restore(self) -> None:
        """Shows the run again after `delete`."""
        self.store.delete(*self.key, restore=True)


class _Lineage:
    """Answers an artifact's `logged_by` and `used_by` with runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self, project: str, run_id: str) -> Run:
        with self._store.reading() as db:
            return Run(self._store, runs.detail(db, project, run_id))

    def users(self, project: str, name: str, version: int) -> list[Run]:
        digest = ArtifactStore(self._store.paths).manifest(project, name, version).digest
        with self._store.reading() as db:
            found = lineage.users(db, name, version, digest)
            return [Run(self._store, runs.detail(db, one.project, one.id)) for one in found]


def artifact_store(store: Store) -> ArtifactStore:
    """Returns the artifacts of the store; they know their runs."""
    return ArtifactStore(store.paths, _Lineage(store))


def _keys(keys: Sequence[str] | None) -> list[str] | None:
    if keys is None:
        return None
    if isinstance(keys, str) or not all(isinstance(key, str) for key in keys):
        raise UsageError(
            f"`keys` must be a list of texts. Received: keys={keys!r}. Write for example ['loss', 'val_loss']."
        )
    return list(keys) or None


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        return None
    return pandas
