"""What a run keeps beside its rows: files and artifacts. The part of `Run` between its attributes and its life.

Not for: how files are copied (see `files.py`, `restore.py`) and versions recorded (see `lineage.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from kerascope.tracking import lineage, restore
from kerascope.tracking.files import KeptFiles
from kerascope.tracking.identity import Identity
from kerascope.tracking.worker import Worker


class Keeping(Identity):
    """Files and artifacts of a run."""

    _kept: KeptFiles
    worker: Worker

    # Files

    def save(self, glob_str: Any = None, base_path: Any = None, policy: str = "live") -> list[str]:
        """Keeps files with the run.

        Args:
            glob_str: a path or pattern, or a list of them; folders are kept whole. None: nothing, as older scripts write after
                changing `run.name`, which needs no saving here.
            base_path: names in the run are relative to it; by default the working folder, for absolute paths their folder.
            policy: `live` (copied now and when they change), `now`, or `end`.

        Returns:
            Paths of the kept files in the run's folder; an empty list if nothing matched.

        Raises:
            UsageError: for an unknown policy, or files that do not lie below `base_path`.
        """
        if not self._may_record("save") or self.disabled or glob_str is None:
            return []
        try:
            return self._kept.save(glob_str, base_path, policy)
        except OSError as error:
            self._recorder.fail(f"saving {glob_str}", error)
            return []

    def restore(
        self, name: str, run_path: str | None = None, replace: bool = False, root: str | os.PathLike[str] | None = None
    ) -> IO[str]:
        """Opens a file of this or another run.

        Args:
            name: path inside the run's folder, such as `model-best.h5`. If it is not there, the newest artifact version of the
                run that holds a file of this name is looked at.
            run_path: `entity/project/id`, `project/id` or `id` of the run to take it from; this run by default. A run that was
                moved is named by the project it was made in.
            replace: copy it again though `root` has a file of that name.
            root: the folder to copy it to; by default it is opened where it lies, or copied to `run.dir`.

        Returns:
            The open file; its `.name` is the path.

        Raises:
            ValueError: if there is no such file.
        """
        target = None if root is None else Path(root)
        if run_path is None and self.settings.rank and not (Path(self.dir) / str(name)).is_file():
            run_path = self.id  # the run's own folder is that of the first process
        return restore.restore(
            self._start.paths, self.project, self.id, Path(self.dir), name, run_path, replace, target
        )

    # Artifacts

    def log_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,
        aliases: Sequence[str] | str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Any:
        """Stores an artifact as a new version and records that this run made it.

        Args:
            artifact_or_path: an `Artifact`, or the path of a file or folder.
            name: for a path: name of the artifact, `run-<id>-<file name>` by default.
            type: for a path: type of the artifact.
            aliases: names that point to this version from now on, beside `latest`.
            tags: kept in the version's metadata.

        Returns:
            The artifact, with its version; without one, and with a message, where the disk did not take it.

        Raises:
            UsageError: if it is neither an artifact nor a path, there is no such file, or a name or alias may not be used.
        """
        if not self._may_record("log_artifact"):
            return artifact_or_path
        return lineage.log(self._lineage(), artifact_or_path, name, type, aliases, tags)

    def use_artifact(
        self,
        artifact_or_name: Any,
        type: str | None = None,
        aliases: Sequence[str] | None = None,
        use_as: str | None = None,
    ) -> Any:
        """Finds an artifact version and records that this run used it.

        Args:
            artifact_or_name: `name:alias`, `name:v3`, with or without `project/` or `entity/project/` in front, or an `Artifact`;
                one that was not logged yet is logged first.
            type: the type it must have.
            aliases: for an artifact that is logged first.
            use_as: what it is used for.

        Raises:
            NotFoundError: if there is no such version.
        """
        self._may_record("use_artifact")
        return lineage.use(self._lineage(), artifact_or_name, type, aliases, use_as)

    def log_model(
        self, path: str | os.PathLike[str], name: str | None = None, aliases: Sequence[str] | None = None
    ) -> Any:
        """Stores a file or folder as a new version of a model artifact.

        Args:
            path: the file or folder.
            name: name of the artifact, `run_<id>_model` by default.
            aliases: as for `log_artifact`, whose answer and errors this has.
        """
        return self.log_artifact(path, name or f"run_{self.id}_model", "model", aliases)

    def use_model(self, name: str) -> str:
        """Returns the path of a logged model, copied to `run.dir`: of its file if it has one only, else of its folder.

        Raises:
            NotFoundError: if there is no such version.
            StoreError: if a file of it is damaged.
        """
        return lineage.model_path(self.use_artifact(name), self.dir)

    def link_model(self, path: Any, registered_model_name: str, name: str | None = None, aliases: Any = None) -> Any:
        """Stores a model under the name it is to be found by. There is no registry apart from the project's artifacts.

        Args:
            path: the file or folder.
            registered_model_name: name of the artifact.
            name: taken if `registered_model_name` is empty.
            aliases: as for `log_artifact`, whose answer and errors this has.
        """
        return self.log_artifact(path, registered_model_name or name, "model", aliases)

    def link_artifact(self, artifact: Any, target_path: str, aliases: Sequence[str] | None = None) -> Any:
        """Points `aliases` to the artifact's version, logging it first if need be, and returns the artifact.

        Args:
            artifact: an `Artifact`.
            target_path: checked only: there is no registry apart from the project's artifacts.
            aliases: names that point to the version from now on.

        Raises:
            WrongTypeError: if `target_path` is no text.
            WrongValueError: if an alias may not be used.
        """
        return lineage.link(self._lineage(), artifact, target_path, aliases)

    def log_code(
        self,
        root: str | os.PathLike[str] = ".",
        name: str | None = None,
        include_fn: Callable[..., bool] | None = None,
        exclude_fn: Callable[..., bool] | None = None,
    ) -> Any:
        """Stores source files below `root` as an artifact of type `code`; all `.py` files by default.

        Args:
            root: the folder to look in.
            name: name of the artifact, `source-<project>` by default.
            include_fn: `f(path)` or `f(path, root)`: whether to take a file.
            exclude_fn: whether to leave one out.

        Returns:
            The artifact, or None if no file matched.
        """
        if not self._may_record("log_code"):
            return None
        return lineage.log_code(self._lineage(), root, name, include_fn, exclude_fn)

    # Things that scripts of the original call

    def watch(self, models: Any, *args: Any, **named: Any) -> list[Any]:
        """Says where gradients are to be had here; the original's `watch` is about PyTorch modules."""
        self._recorder.warn("watch() records nothing. Use WandbCallback(log_weights=True, log_gradients=True).")
        return []

    def unwatch(self, models: Any = None) -> None:
        """Does nothing: nothing was watched."""

    def mark_preempting(self) -> None:
        """Records that the machine may be taken away soon."""
        if self._may_record("mark_preempting"):
            self._recorder.warn("the machine may be taken away soon (mark_preempting)", level="info")

    def project_name(self) -> str:
        """Returns `project`, as older scripts ask for it."""
        return self.project

    def get_project_url(self) -> str | None:
        """Returns `project_url`."""
        return self.project_url

    @property
    def sweep_url(self) -> str | None:
        """Where `kerascope ui` shows the runs of the sweep: its project; None without a sweep."""
        return None if self.sweep_id is None else self.project_url

    def get_sweep_url(self) -> str | None:
        """Returns `sweep_url`."""
        return self.sweep_url

    def status(self) -> dict[str, int]:
        """Returns how much is still being written in the background: `{"pending": n}`."""
        return {"pending": self.worker.pending}

    def _lineage(self) -> lineage.Lineage:
        return lineage.Lineage(
            self._start.paths, self.project, self.id, self._recorder.append, self._recorder.fail, self.disabled
        )
