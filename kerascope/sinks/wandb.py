"""Sends a run on to the installed wandb package: `python -m kerascope.sinks.wandb SEGMENT`, which `init(sink="wandb")` starts.

Promises: every row, config and summary value, metric definition, alert, kept file, media value and artifact that the log holds arrives
under the same name and step; what the package has no form for is named at the end. The process ends when the log does, or when the
training process is gone. Not for: console output and machine metrics, of which the package keeps its own.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerascope.artifacts.store import ArtifactStore
from kerascope.blobs.store import BlobStore
from kerascope.events import types as events
from kerascope.paths import StorePaths
from kerascope.runlog.follow import follow
from kerascope.sinks.wandb_media import Unknown, convert

# Rows are held so long for their heavy parts, since the package drops what comes for a step that lies behind.
HOLD_S = 10.0
_DEFAULT_ENTITY = "local"
_TABLE_TYPE = "run_table"


class Forwarder:
    """Takes the events of one segment and makes the calls of the package.

    Args:
        wandb: the package.
        paths: the store, for blobs and artifacts.
        files: the run's folder of files.
        mode: of `wandb.init`; None leaves it to the package.
    """

    def __init__(self, wandb: Any, paths: StorePaths, files: Path, mode: str | None) -> None:
        self._wandb, self._paths, self._files, self._mode = wandb, paths, files, mode
        self._blobs = BlobStore(paths.blobs)
        self._names: dict[int, tuple[str, ...]] = {}
        self._held: dict[int, tuple[float, dict[str, Any]]] = {}
        self._step = -1
        self._segment: events.Segment | None = None
        self._run: Any = None
        self._made = tempfile.TemporaryDirectory(prefix="kerascope-sink-", ignore_cleanup_errors=True)
        self._folder = Path(self._made.name)
        self.left_out: dict[str, int] = {}
        self.is_finished = False

    def take(self, event: events.Event) -> None:
        """Hands one event on."""
        if isinstance(event, events.Segment):
            self._segment = event
        elif isinstance(event, events.Keys):
            self._names[event.id] = event.names
        elif isinstance(event, events.RunInfo):
            self._inform(event)
        elif self._run is not None:
            handle = _HANDLERS.get(type(event))
            if handle is not None:
                handle(self, event)
        self._send_rows(time.monotonic() - HOLD_S)

    def close(self) -> None:
        """Removes the files that were made for the package, which has them by now."""
        self._made.cleanup()

    def finish(self, exit_code: int) -> None:
        """Sends what is held and ends the run."""
        if self._run is None or self.is_finished:
            return
        self._send_rows(float("inf"))
        self._run.finish(exit_code=exit_code)
        self.is_finished = True

    def _inform(self, info: events.RunInfo) -> None:
        segment = self._segment
        if self._run is None and segment is not None:
            self._run = self._wandb.init(
                project=segment.project,
                entity=None if segment.entity == _DEFAULT_ENTITY else segment.entity,
                id=segment.run_id,
                name=info.name,
                notes=info.notes,
                tags=list(info.tags or ()),
                group=info.group,
                job_type=info.job_type,
                resume="allow" if segment.resumed else None,
                mode=self._mode,
            )
            return
        for name in ("name", "notes", "tags"):
            if getattr(info, name) is not None:
                setattr(self._run, name, getattr(info, name))

    def _config(self, event: events.Config) -> None:
        self._run.config.update(event.set, allow_val_change=True)

    def _row(self, event: events.Row) -> None:
        values = dict(zip(self._names.get(event.keys, ()), event.values, strict=False))
        began_s, held = self._held.get(event.step, (time.monotonic(), {}))
        held.update(values)
        self._held[event.step] = (began_s, held)

    def _send_rows(self, before_s: float) -> None:
        """Sends, in order of their steps, the rows up to the last one that came before a time."""
        due = [step for step, (began_s, _) in self._held.items() if began_s < before_s]
        for step in sorted(one for one in self._held if due and one <= max(due)):
            row = self._converted(self._held.pop(step)[1])
            if step < self._step:
                self._leave_out("rows of steps that lie behind, which the package drops")
            elif row:
                self._run.log(row, step=step)
                self._step = step

    def _converted(self, values: dict[str, Any]) -> dict[str, Any]:
        made = {}
        for key, value in values.items():
            try:
                made[key] = convert(value, self._wandb, self._blobs, self._folder)
            except Unknown as error:
                self._leave_out(f"{error} under {key!r}")
        return made

    def _summary(self, event: events.Summary) -> None:
        self._send_rows(float("inf"))
        self._run.summary.update(self._converted(event.set))
        for key in event.remove:
            with contextlib.suppress(KeyError):
                del self._run.summary[key]

    def _metric(self, event: events.Metric) -> None:
        given = {
            "step_metric": event.step_metric,
            "step_sync": event.step_sync,
            "hidden": event.hidden,
            "summary": ",".join(event.summary) if event.summary else None,
            "goal": event.goal,
            "overwrite": event.overwrite or None,
        }
        known = inspect.signature(self._run.define_metric).parameters  # `goal` came and went
        self._run.define_metric(event.name, **{key: one for key, one in given.items() if key in known})

    def _alert(self, event: events.Alert) -> None:
        self._run.alert(title=event.title, text=event.text, level=event.level, wait_duration=0)

    def _file(self, event: events.File) -> None:
        path = self._files / event.path
        if path.is_file():
            self._run.save(str(path), base_path=str(self._files), policy="now")

    def _artifact(self, event: events.ArtifactLogged) -> None:
        if event.type == _TABLE_TYPE:
            return  # the package makes one itself of each table in a row
        project = self._segment.project if self._segment is not None else None
        found = ArtifactStore(self._paths).resolve(project, f"{event.name}:v{event.version}")
        made = self._wandb.Artifact(
            event.name, type=event.type, description=found.description, metadata=dict(found.metadata)
        )
        made.add_dir(found.download(str(self._folder / f"{event.name}-v{event.version}")))
        self._run.log_artifact(made, aliases=list(event.aliases))

    def _finish(self, event: events.Finish) -> None:
        self.finish(event.exit_code)

    def _leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1


_HANDLERS: dict[type, Callable[[Forwarder, Any], None]] = {
    events.Config: Forwarder._config,
    events.Row: Forwarder._row,
    events.Summary: Forwarder._summary,
    events.Metric: Forwarder._metric,
    events.Alert: Forwarder._alert,
    events.File: Forwarder._file,
    events.ArtifactLogged: Forwarder._artifact,
    events.Finish: Forwarder._finish,
}


def main(segment: str, root: str, files: str, mode: str, parent: str) -> int:
    """Follows a segment to its end; returns the exit code of the process.

    Args:
        segment: the segment file.
        root: the store.
        files: the run's folder of files.
        mode: of `wandb.init`, or "".
        parent: process id of the training; "0" if it is over.
    """
    import wandb

    forwarder = Forwarder(wandb, StorePaths(Path(root)), Path(files), mode or None)
    stop = threading.Event()
    threading.Thread(target=_watch, args=(int(parent), stop), daemon=True).start()
    failed = 0
    for followed in follow(Path(segment), 0.2, stop):
        try:
            forwarder.take(followed.event)
        except Exception as error:  # border: one value that the package refuses must not hold up the others
            failed += 1
            sys.stderr.write(f"kerascope: {type(followed.event).__name__.lower()} was not sent on: {error}\n")
        if forwarder.is_finished:
            stop.set()
    forwarder.finish(255)
    forwarder.close()
    for what, count in forwarder.left_out.items():
        sys.stderr.write(f"kerascope: {count} x not sent on: {what}\n")
    return 3 if failed or forwarder.left_out else 0


def _watch(parent: int, stop: threading.Event) -> None:
    """Ends the following when the training process is gone."""
    while parent and os.getppid() == parent and not stop.is_set():
        stop.wait(0.5)
    stop.set()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
