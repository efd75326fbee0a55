"""`Run`: what `init` returns and user code talks to.

Promises: what `log` was given survives the death of the process; a failure inside kerascope is recorded and shown once and never
stops training; after `finish`, logging raises UsageError. In a forked child the parent's run records nothing. Any thread may call.
Not for: reading runs back (see `kerascope.api`).
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from kerascope.blobs.store import BlobStore
from kerascope.errors import Error, UsageError, WrongTypeError
from kerascope.events.types import Finish, Metric, RunInfo
from kerascope.events.types import Summary as SummaryEvent
from kerascope.ids import did_you_mean
from kerascope.jsonable import clean_text
from kerascope.paths import StorePaths
from kerascope.settings import Settings
from kerascope.terminal import termlog, termwarn
from kerascope.tracking import alerts, current, lineage, printer, restore
from kerascope.tracking.capture import Capture
from kerascope.tracking.config import Config
from kerascope.tracking.course import read_courses
from kerascope.tracking.exits import INTERRUPTED, ExitHooks, describe
from kerascope.tracking.files import KeptFiles
from kerascope.tracking.history import History, Notes
from kerascope.tracking.metric import Rules, checked_metric
from kerascope.tracking.recorder import Recorder
from kerascope.tracking.sink import Sink
from kerascope.tracking.summary import LiveSummary, Summary
from kerascope.tracking.worker import Worker

if TYPE_CHECKING:
    from kerascope.tracking.fork import Fork
    from kerascope.tracking.resume import Previous

DASHBOARD = "http://127.0.0.1:7575"
_RUNNING, _FINISHED, _FORKED = "running", "finished", "forked"
_SETTABLE = ("name", "notes", "tags", "config")
_live: weakref.WeakSet[Run] = weakref.WeakSet()


@dataclass(frozen=True, kw_only=True)
class Start:
    """All that `init` has decided about a run.

    Attributes:
        info: name, notes, tags, group and job type that hold now.
        previous: earlier attempts, if this one goes on with them.
        fork: the run whose history this one begins with.
        on_finish: called with the exit code when the run has ended.
    """

    settings: Settings
    paths: StorePaths
    project: str
    run_id: str
    info: RunInfo
    files: Path
    host: str
    started_s: float
    sink: Sink
    recorder: Recorder
    previous: Previous | None = None
    fork: Fork | None = None
    allow_val_change: bool = False
    on_finish: Callable[[int], None] | None = None


class Run:
    """A run that is being recorded. Made by `kerascope.init`; usable as a context manager.

    An exception that leaves the `with` block, or ends the script, makes the run `failed`.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._info = start.info
        self._phase = _RUNNING
        self._recorder = start.recorder
        self._sink = start.sink
        self._blobs = BlobStore(start.paths.blobs)
        previous = start.previous
        self._starting_step = previous.next_step if previous else start.fork.step + 1 if start.fork else 0
        self._rules = Rules(previous.rules if previous else ())
        # Re-entrant: a signal handler may log while its own thread is inside.
        lock = threading.RLock()
        self._live_summary = LiveSummary(self._rules, lock, previous.summary if previous else None)
        self._summary = Summary(self._live_summary, self._write_summary, self._stored)
        self._config = Config(self._recorder.append, previous.run.config if previous else None, start.allow_val_change)
        self.worker = Worker(
            start.settings.queue_mb * 1e6,
            lambda error: self._recorder.fail("background work", error),
            lambda waited_s: self._recorder.warn(
                f"log() waited {waited_s:.0f} s for media to be written; raise KERASCOPE_QUEUE_MB or log fewer of them"
            ),
        )
        self._history = History(
            sink=start.sink,
            summary=self._live_summary,
            lock=lock,
            worker=self.worker,
            blobs=self._blobs,
            notes=Notes(self._recorder.refuse, self._recorder.warn),
            runtime_s=previous.runtime_s if previous else 0.0,
            first_step=self._starting_step,
        )
        self._kept = KeptFiles(start.files, self._recorder.append, self._recorder.warn)
        self._alerts = alerts.Alerts(self._recorder.append)
        self._hooks = ExitHooks(self._finish, lambda: self._history.row_count)
        self._capture: Capture | None = None

    worker: Worker

    # Identity

    @property
    def id(self) -> str:
        """The run's id, unique in its project."""
        return self._start.run_id

    @property
    def name(self) -> str:
        """The display name; it can be set."""
        return self._info.name or self.id

    @name.setter
    def name(self, name: str) -> None:
        self._inform(name=_checked_text("name", name))

    @property
    def notes(self) -> str | None:
        """Free text; it can be set."""
        return self._info.notes

    @notes.setter
    def notes(self, notes: str) -> None:
        self._inform(notes=_checked_text("notes", notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags; they can be set, and `run.tags += ("new",)` works."""
        return self._info.tags or ()

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
            raise WrongTypeError(f"`tags` must be a list of texts. Received: tags={tags!r}.")
        self._inform(tags=tuple(dict.fromkeys(map(clean_text, tags))))

    @property
    def project(self) -> str:
        """The project the run belongs to."""
        return self._start.project

    @property
    def entity(self) -> str:
        """Who the run belongs to; `local` unless `init` or the environment says otherwise."""
        return self._start.settings.entity

    @property
    def group(self) -> str:
        """The group, or an empty text."""
        return self._info.group or ""

    @property
    def job_type(self) -> str:
        """The job type, or an empty text."""
        return self._info.job_type or ""

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def url(self) -> str | None:
        """Where `kerascope ui` shows the run; None if it is disabled."""
        return None if self.disabled else f"{self.project_url}/runs/{quote(self.id, safe='')}"

    @property
    def project_url(self) -> str | None:
        """Where `kerascope ui` shows the project; None if the run is disabled."""
        return None if self.disabled else f"{DASHBOARD}/projects/{quote(self.project, safe='')}"

    def get_url(self) -> str | None:
        """Returns `url`."""
        return self.url

    # State

    @property
    def dir(self) -> str:
        """The folder for files that belong to the run; the system's temporary folder if the run is disabled."""
        return str(self._start.files)

    @property
    def step(self) -> int:
        """The step that is logged to next."""
        return self._history.step

    @property
    def starting_step(self) -> int:
        """The first step of this attempt: 0, or the step after the last one of a resumed run."""
        return self._starting_step

    @property
    def resumed(self) -> bool:
        """Whether this goes on with an earlier attempt."""
        return self._start.previous is not None

    @property
    def offline(self) -> bool:
        """Whether mode is `offline`. Nothing leaves the machine in any mode."""
        return self._start.settings.mode == "offline"

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded at all."""
        return self._start.settings.mode == "disabled"

    @property
    def start_time(self) -> float:
        """When this attempt began, in seconds since 1970."""
        return self._start.started_s

    @property
    def settings(self) -> Settings:
        """The settings that hold for this run."""
        return self._start.settings

    @property
    def sweep_id(self) -> None:
        """None: sweeps are not part of this version."""
        return None

    @property
    def config(self) -> Config:
        """Settings of the experiment."""
        return self._config

    @config.setter
    def config(self, values: Mapping[str, Any]) -> None:
        self._config.update(values)

    @property
    def summary(self) -> Summary:
        """What is known of the run at a glance."""
        return self._summary

    # Logging

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None, sync: bool | None = None
    ) -> None:
        """Records a row of values, or a part of one.

        Args:
            data: names and values: numbers, text, arrays, media; nested dicts become `outer.inner`.
            step: the row's step. None: the open step. A past step is merged into its row.
            commit: whether this closes the row and moves on to the next step. None: yes without `step`, no with it.
            sync: accepted for scripts of the original; has no effect.

        Raises:
            TypeError: if `data` is no mapping with text keys, or `step` no int.
            UsageError: after `finish`.
        """
        if self._phase is not _RUNNING and not self._may_record("log"):
            return
        self._history.log(data, step, commit)

    def define_metric(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | Sequence[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Says how a metric is summarised and what it is plotted against.

        Args:
            name: a key, or a prefix followed by `*`.
            step_metric: the key for the x axis; its latest value goes into rows that lack it.
            step_sync: False: do not put the step metric into rows that lack it.
            hidden: leave the metric out of automatic charts.
            summary: comma list of `min`, `max`, `mean`, `first`, `last`, `best`, `copy`, `none`.
            goal: `minimize` or `maximize`.
            overwrite: forget what earlier definitions of this name said; else this one adds to them.

        Raises:
            UsageError: for an argument of the wrong kind or an unknown summary or goal.
        """
        metric = checked_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)
        if self._may_record("define_metric"):
            self._rules.define(metric)
            self._live_summary.rules_changed()
            self._recorder.append(metric)
        return metric

    def alert(
        self,
        title: str,
        text: str = "",
        level: str | None = None,
        wait_duration: int | float | timedelta | None = None,
    ) -> None:
        """Records an alert, shown with the run.

        Args:
            title: short text; alerts of the same title are held back for `wait_duration`.
            text: longer text.
            level: `INFO` (default), `WARN` or `ERROR`.
            wait_duration: seconds, or a timedelta; 60 by default.

        Raises:
            ValueError: for another level.
        """
        if self._may_record("alert"):
            self._alerts.send(title, text, level, wait_duration)

    # Files

    def save(self, glob_str: Any = None, base_path: Any = None, policy: str = "live") -> list[str]:
        """Keeps files with the run.

        Args:
            glob_str: a path or pattern, or a list of them; folders are kept whole.
            base_path: names in the run are relative to it; by default the working folder, for absolute paths their folder.
            policy: `live` (copied now and when they change), `now`, or `end`.

        Returns:
            Paths of the kept files in the run's folder; an empty list if nothing matched.

        Raises:
            UsageError: for an unknown policy, or files that do not lie below `base_path`.
        """
        if not self._may_record("save") or self.disabled:
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
            run_path: `entity/project/id`, `project/id` or `id` of the run to take it from; this run by default.
            replace: copy it again though `root` has a file of that name.
            root: the folder to copy it to; by default it is opened where it lies, or copied to `run.dir`.

        Returns:
            The open file; its `.name` is the path.

        Raises:
            ValueError: if there is no such file.
        """
        target = None if root is None else Path(root)
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
            The artifact, with its version.
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
        """Stores a file or folder as a new version of a model artifact (`run_<id>_model` by default)."""
        return self.log_artifact(path, name or f"run_{self.id}_model", "model", aliases)

    def use_model(self, name: str) -> str:
        """Returns the path of a logged model: of its file if it has one only, else of its folder."""
        return lineage.model_path(self.use_artifact(name), self.dir)

    def link_model(self, path: Any, registered_model_name: str, name: str | None = None, aliases: Any = None) -> Any:
        """Stores a model under the name it is to be found by. There is no registry apart from the project's artifacts."""
        return self.log_artifact(path, registered_model_name or name, "model", aliases)

    def link_artifact(self, artifact: Any, target_path: str, aliases: Sequence[str] | None = None) -> Any:
        """Points `aliases` to the artifact's version, logging it first if need be."""
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

    def status(self) -> dict[str, int]:
        """Returns how much is still being written in the background: `{"pending": n}`."""
        return {"pending": self.worker.pending}

    # End

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """Ends the run: waits for media, writes the end, prints a short summary. A second call does nothing.

        Args:
            exit_code: 0 or None for `finished`, anything else for `failed`.
            quiet: print nothing.
        """
        if exit_code is not None and (isinstance(exit_code, bool) or not isinstance(exit_code, int)):
            raise WrongTypeError(f"`exit_code` must be an int. Received: exit_code={exit_code!r}.")
        self._finish(exit_code or 0, "", bool(quiet))

    def join(self, exit_code: int | None = None) -> None:
        """Older name of `finish`."""
        self.finish(exit_code)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish(0, "")
        else:
            self._finish(INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1, describe(error))

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name not in _SETTABLE and name != "worker":
            raise AttributeError(
                f"A run has no attribute of this name that can be set. Received: {name}={value!r}. "
                f"Use run.config or run.summary for values of your own.{did_you_mean(name, _SETTABLE)}"
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Run {self.path} {self.name!r} {self._phase}>"

    # Inside

    def _begin(self, config: Mapping[str, Any]) -> None:
        """Writes what `init` was given and starts the capture. Called once, by `init`."""
        _live.add(self)
        start = self._start
        if start.fork is not None:
            self._take_over(start.fork)
        self._config.update(config, allow_val_change=True)
        self._hooks.install()
        if self.disabled:
            return
        self._capture = Capture(
            settings=start.settings,
            recorder=self._recorder,
            worker=self.worker,
            blobs=self._blobs,
            folder=start.files,
            host=start.host,
            runtime_s=self._history.runtime_s,
            refresh_files=self._kept.refresh,
        )
        self._capture.start()
        if self._is_talkative():
            termlog(printer.header(self.name, self.project, self.id, resumed=self.resumed, step=self._starting_step))

    def _take_over(self, fork: Fork) -> None:
        """Copies what the run begins with."""
        for rule in fork.source.rules:
            self.define_metric(rule.name, rule.step_metric, rule.step_sync, rule.hidden, rule.summary, rule.goal)
        self._config.update(fork.source.run.config)
        for row in fork.rows():
            self._history.copy(row)

    def _is_talkative(self) -> bool:
        settings = self._start.settings
        return not settings.quiet and settings.rank == 0 and not self.disabled

    def _may_record(self, call: str) -> bool:
        """Whether the run still records; False in a forked child.

        Raises:
            UsageError: after `finish`.
        """
        if self._phase is _RUNNING:
            return True
        if self._phase is _FORKED:
            termwarn(
                f"run {self.name}: {call}() in a forked process records nothing. Call kerascope.init() there for a run of its own.",
                repeat=False,
            )
            return False
        raise UsageError(
            f"A run records nothing after finish(). Received: {call}() on run {self.name}. Call kerascope.init() first."
        )

    def _inform(self, **changed: Any) -> None:
        if self._may_record("setting an attribute"):
            fields = {name: getattr(self._info, name) for name in RunInfo.__struct_fields__}
            self._info = RunInfo(**{**fields, **changed})
            self._recorder.append(RunInfo(**changed))

    def _write_summary(self, event: SummaryEvent) -> None:
        if self._may_record("summary"):
            self._recorder.append(event)

    def _stored(self, key: str, value: Any) -> Any:
        """A summary value as the log holds it; what cannot be stored becomes its text, with a notice."""
        if isinstance(value, (str, int, float, type(None))):
            return clean_text(value) if isinstance(value, str) else value
        from kerascope.media.convert import convert

        stored = convert(value)
        if hasattr(stored, "to_value"):
            stored.freeze()
            return stored.to_value(self._blobs, key, None)
        return stored

    def _lineage(self) -> lineage.Lineage:
        return lineage.Lineage(
            self._start.paths, self.project, self.id, self._recorder.append, self._recorder.fail, self.disabled
        )

    def _finish(self, exit_code: int, message: str, quiet: bool = False) -> None:
        if self._phase is not _RUNNING:
            return
        for what, step in (
            ("copying saved files", self._kept.finish),
            ("background work", self.worker.close),
            ("writing the config", self._config.flush),
            ("capture", self._capture.stop if self._capture else None),
            ("counting what was refused", self._recorder.finish),
        ):
            self._attempt(what, step)
        self._phase = _FINISHED
        state = "failed" if exit_code else "finished"
        self._recorder.append(Finish(state, exit_code, time.time(), message))
        self._sink.close()
        self._attempt("removing exit hooks", self._hooks.remove)
        if current.get_run() is self:
            current.set_run(None)
        if self._start.on_finish is not None:
            self._start.on_finish(exit_code)
        if self._is_talkative() and not quiet:
            self._attempt("the closing summary", lambda: self._say_goodbye(state))

    def _attempt(self, what: str, step: Callable[[], object] | None) -> None:
        try:
            if step is not None:
                step()
        except Exception as error:  # border: the end of a run must be written whatever fails on the way
            self._recorder.fail(what, error)

    def _say_goodbye(self, state: str) -> None:
        courses = read_courses(getattr(self._sink, "path", None))
        duration_s = time.time() - self._start.started_s
        summary = self._live_summary.values()
        termlog(printer.footer(self.name, state, self._history.row_count, duration_s, summary, courses))

    def _fork(self) -> None:
        """In a forked child: the run belongs to the parent."""
        if self._phase is _RUNNING:
            self._phase = _FORKED
        # Those there are may be held by threads that do not exist here.
        self._history.lock = self._live_summary.lock = threading.RLock()
        self._recorder.forget_lock()
        self.worker.forget()
        if self._capture is not None:
            self._capture.forget()


def is_forked(run: Run) -> bool:
    """Whether `run` belongs to the process that this one was forked from."""
    return run._phase is _FORKED


def _checked_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        _refuse_text(name, value)
    return clean_text(value)


def _refuse_text(name: str, value: object) -> NoReturn:
    raise WrongTypeError(f"`{name}` must be text. Received: {name}={value!r} of type {type(value).__name__}.")


def _fork_all() -> None:
    for run in list(_live):
        run._fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fork_all)

__all__ = ["Error", "Run", "Start", "is_forked"]
