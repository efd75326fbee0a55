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
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kerascope.blobs.store import BlobStore
from kerascope.errors import WrongTypeError
from kerascope.events.types import Config as ConfigEvent
from kerascope.events.types import Finish, Metric, Value
from kerascope.events.types import Summary as SummaryEvent
from kerascope.jsonable import clean_text
from kerascope.terminal import termlog
from kerascope.tracking import alerts, current, lineage, printer
from kerascope.tracking.capture import Capture
from kerascope.tracking.config import Config
from kerascope.tracking.course import read_courses
from kerascope.tracking.exits import INTERRUPTED, ExitHooks, describe
from kerascope.tracking.files import KeptFiles
from kerascope.tracking.history import History, Notes
from kerascope.tracking.identity import FINISHED, FORKED, RUNNING, Start
from kerascope.tracking.keeping import Keeping
from kerascope.tracking.metric import Rules, checked_metric
from kerascope.tracking.rank_sink import RankSink
from kerascope.tracking.summary import LiveSummary, Summary
from kerascope.tracking.worker import Worker

if TYPE_CHECKING:
    from kerascope.media.base import Media
    from kerascope.tracking.fork import Fork

# Threads that were inside `log` get this long to leave it, so that the end stands behind their rows.
_LAST_CALLS_S = 0.01
_live: weakref.WeakSet[Run] = weakref.WeakSet()


class Run(Keeping):
    """A run that is being recorded. Made by `kerascope.init`; usable as a context manager.

    An exception that leaves the `with` block, or ends the script, makes the run `failed`.
    """

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._sink = start.sink
        self._blobs = BlobStore(start.paths.blobs)
        previous = start.previous
        self._starting_step = previous.next_step if previous else start.fork.step + 1 if start.fork else 0
        self._rules = Rules(previous.rules if previous else ())
        # Re-entrant: a signal handler may log while its own thread is inside.
        lock = threading.RLock()
        self._live_summary = LiveSummary(self._rules, lock, previous.summary if previous else None)
        self._config = Config(self._write_config, previous.run.config if previous else None, start.allow_val_change)
        self.worker = Worker(
            start.settings.queue_mb * 1e6,
            lambda error: self._recorder.fail("background work", error),
            lambda waited_s: self._recorder.warn(
                f"log() waited {waited_s:.0f} s for media to be written; raise KERASCOPE_QUEUE_MB or log fewer of them"
            ),
        )
        self._summary = Summary(self._live_summary, self._write_summary, self._stored, self.worker.drain)
        self._history = History(
            sink=start.sink,
            summary=self._live_summary,
            lock=lock,
            worker=self.worker,
            blobs=self._blobs,
            notes=Notes(self._recorder.refuse, self._recorder.warn),
            on_media=self._keep_media,
            runtime_s=previous.runtime_s if previous else 0.0,
            first_step=self._starting_step,
        )
        self._history.keeps_media = not self.disabled
        self._kept = KeptFiles(start.files, self._recorder.append, self._recorder.warn)
        self._alerts = alerts.Alerts(self._recorder.append)
        self._hooks = ExitHooks(self._finish, lambda: self._history.row_count)
        self._capture: Capture | None = None
        self._ending = threading.Lock()

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
        if self._phase is not RUNNING and not self._may_record("log"):
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

    # End

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """Ends the run: waits for media, writes the end, prints a short summary. A second call does nothing.

        Args:
            exit_code: 0 or None for `finished`, anything else for `failed`.
            quiet: print nothing.

        Raises:
            WrongTypeError: if `exit_code` is no int.
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

    def _repr_html_(self) -> str:
        """Returns how a notebook shows the run: its live page if a dashboard runs on this machine, else its results."""
        from kerascope.notebook import run_html

        return run_html(self)

    # Inside

    @property
    def _store_root(self) -> Path:
        return self.settings.root

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
        self._start_capture()
        if self._is_talkative():
            termlog(printer.header(self.name, self.project, self.id, resumed=self.resumed, step=self._starting_step))

    def _join_in(self) -> None:
        """Begins to record in a process that was silent so far, since a callback asked for every process."""
        sink = self._start.sink
        if isinstance(sink, RankSink) and sink.is_silent and self._phase is RUNNING:
            sink.open()
            self._history.keeps_media = True
            self._start_capture()

    def _start_capture(self) -> None:
        start = self._start
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

    def _take_over(self, fork: Fork) -> None:
        """Copies what the run begins with."""
        for rule in fork.source.rules:
            self.define_metric(rule.name, rule.step_metric, rule.step_sync, rule.hidden, rule.summary, rule.goal)
        self._config.update(fork.source.run.config)
        for row in fork.rows() if self._start.settings.rank == 0 else ():
            self._history.copy(row)

    def _is_talkative(self) -> bool:
        settings = self._start.settings
        return not settings.quiet and settings.rank == 0 and not self.disabled

    def _write_config(self, event: ConfigEvent) -> None:
        if self._may_record("config"):
            self._recorder.append(event)

    def _write_summary(self, event: SummaryEvent) -> None:
        if self._may_record("summary"):
            self._recorder.append(event)

    def _keep_media(self, key: str, media: Media, value: Value) -> None:
        """Makes a logged table an artifact too, so that it can be found by name. Called on the worker's thread."""
        if media.kind == "table-file":
            table = media.as_stored(value, self._blobs)
            if self._start.settings.rank:
                key = f"rank{self._start.settings.rank}/{key}"
            self._attempt(
                f"keeping table {key!r} as an artifact", lambda: lineage.log_table(self._lineage(), key, table)
            )

    def _stored(self, key: str, value: Any) -> Any:
        """A summary value as the log holds it; what cannot be stored becomes its text, with a notice."""
        if isinstance(value, (str, int, float, type(None))):
            return clean_text(value) if isinstance(value, str) else value
        from kerascope.media.convert import convert

        stored = convert(value)
        if hasattr(stored, "to_value"):
            stored.freeze()
            if self.disabled:
                return None
            return stored.to_value(self._blobs, key, None)
        return stored

    def _finish(self, exit_code: int, message: str, quiet: bool = False) -> None:
        if self._phase is not RUNNING or not self._ending.acquire(blocking=False):
            return
        try:
            self._end(exit_code, message, quiet)
        finally:  # an interrupt on the way leaves the end to a later call
            self._ending.release()

    def _end(self, exit_code: int, message: str, quiet: bool) -> None:
        for what, step in (
            ("copying saved files", self._kept.finish),
            ("background work", self.worker.close),
            ("writing the config", self._config.flush),
            ("capture", self._capture.stop if self._capture else None),
            ("counting what was refused", self._recorder.finish),
        ):
            self._attempt(what, step)
        self._phase = FINISHED
        if any(not thread.name.startswith("kerascope-") for thread in threading.enumerate()[1:]):
            time.sleep(_LAST_CALLS_S)
        state = "failed" if exit_code else "finished"
        self._recorder.append(Finish(state, exit_code, time.time(), message))
        self._sink.close()
        self._attempt("removing exit hooks", self._hooks.remove)
        if current.get_run() is self:
            current.set_run(None)
        on_finish = self._start.on_finish
        self._attempt("what follows the run", None if on_finish is None else lambda: on_finish(exit_code))
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
        termlog(printer.footer(self.name, state, self._history.whole_rows, duration_s, summary, courses))

    def _fork(self) -> None:
        """In a forked child: the run belongs to the parent."""
        if self._phase is RUNNING:
            self._phase = FORKED
        # Those there are may be held by threads that do not exist here.
        self._history.lock = self._live_summary.lock = threading.RLock()
        self._recorder.forget_lock()
        self.worker.forget()
        if self._capture is not None:
            self._capture.forget()


def is_forked(run: Run) -> bool:
    """Whether `run` belongs to the process that this one was forked from."""
    return run._phase is FORKED


def _fork_all() -> None:
    for run in list(_live):
        run._fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fork_all)
