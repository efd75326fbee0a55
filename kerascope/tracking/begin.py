"""Begins the run that `init` has decided on: what exists already, what the processes of a training agree on, the first records.

Promises: a store that cannot be written never stops the script: the run then records nothing, says so once, and tries again by itself.
Not for: the arguments of `init` (see `init.py`), and what a run does once it has begun (see `run.py`).
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError
from kerascope.events.types import FORMAT_VERSION, RunInfo, Segment
from kerascope.ids import new_run_id, new_run_name
from kerascope.jsonable import clean_text
from kerascope.paths import StorePaths
from kerascope.settings import Settings
from kerascope.terminal import configure, termerror, termwarn
from kerascope.tracking.agreement import Agreement, agree
from kerascope.tracking.fork import Fork, parse_fork
from kerascope.tracking.identity import Start
from kerascope.tracking.launch import process_start_s
from kerascope.tracking.ranks import place_of
from kerascope.tracking.recorder import Recorder
from kerascope.tracking.resume import AutoResume, Previous, check_mode, find_previous
from kerascope.tracking.run import Run
from kerascope.tracking.segment import open_sink
from kerascope.tracking.sink import NullSink
from kerascope.version import __version__


def begin(settings: Settings, config: Mapping[str, Any], allow_val_change: bool, fork_from: str | None) -> Run:
    """Begins the run that `init` has decided on.

    Args:
        settings: all settings of the run.
        config: the values its config begins with.
        allow_val_change: whether they may be changed later without saying so each time.
        fork_from: `<run id>?_step=<n>` or None.

    Raises:
        UsageError: where `resume` or `fork_from` does not fit what exists.
    """
    if settings.mode == "disabled":
        return _begin_disabled(settings, config)
    paths = StorePaths(settings.root)
    place = place_of(settings)
    settings = replace(settings, rank=place.rank, world_size=place.world_size)
    auto = AutoResume(paths, settings.project, Path.cwd()) if settings.resume == "auto" and place.rank == 0 else None
    agreed = agree(settings, place, paths, auto.unfinished() if auto else None)
    run_id = agreed.run_id
    fork = None if fork_from is None else parse_fork(fork_from, paths, settings.project)
    existing = _existing(paths, settings, agreed)
    previous = existing if settings.resume is not None else None
    if fork is not None and existing is not None and place.rank == 0:
        raise UsageError(f"`fork_from` begins a new run. Received: id={run_id!r}, which exists. Leave out the id.")
    info, changed = _info(settings, paths, previous, agreed)
    segment = _first_record(settings, agreed, existing, fork)
    began_ns = agreed.begin(info.name or run_id)
    recorder = Recorder(info.name or run_id)
    sink = open_sink(settings, paths, place, segment, recorder, began_ns)
    recorder.sink = sink
    files = _files_folder(paths.files(settings.project, run_id) / place.prefix)
    configure(silent=settings.silent, log_file=paths.run(settings.project, run_id) / "messages.log")
    sink.append(changed)
    run = Run(
        Start(
            settings=replace(settings, run_id=run_id),
            paths=paths,
            project=settings.project,
            run_id=run_id,
            info=info,
            files=files,
            host=segment.host,
            started_s=segment.time_s,
            sink=sink,
            recorder=recorder,
            previous=previous,
            fork=fork,
            allow_val_change=allow_val_change,
            on_finish=_after(auto, run_id, files if place.rank else None),
        )
    )
    if auto is not None:
        auto.remember(run_id)
    if existing is not None and previous is None and place.rank == 0:
        termwarn(
            f"run {run_id} exists in project {settings.project}; what is logged is merged into it by step. "
            "Use resume='allow' to go on behind its last step, or resume='never' to refuse."
        )
    run._begin(config)
    return run


def _first_record(settings: Settings, agreed: Agreement, existing: Previous | None, fork: Fork | None) -> Segment:
    """Who writes this segment, and where it stands in its run."""
    previous = existing if settings.resume is not None else None
    return Segment(
        format=FORMAT_VERSION,
        project=settings.project,
        run_id=agreed.run_id,
        entity=settings.entity,
        rank=settings.rank,
        world_size=settings.world_size,
        time_s=time.time(),
        host=settings.host or socket.gethostname(),
        pid=os.getpid(),
        pid_start_s=process_start_s(os.getpid()),
        attempt=len(existing.attempts_of(0 if agreed.said else agreed.place.rank)) if existing else 0,
        resumed=previous is not None,
        starting_step=previous.next_step if previous else fork.step + 1 if fork else 0,
        version=__version__,
    )


def _begin_disabled(settings: Settings, config: Mapping[str, Any]) -> Run:
    run_id = settings.run_id or new_run_id()
    sink = NullSink()
    recorder = Recorder(settings.name or run_id)
    recorder.sink = sink
    run = Run(
        Start(
            settings=replace(settings, run_id=run_id),
            paths=StorePaths(settings.root),
            project=settings.project,
            run_id=run_id,
            info=_info_of(settings, settings.name or f"disabled-{run_id}"),
            files=Path(tempfile.gettempdir()),
            host="",
            started_s=time.time(),
            sink=sink,
            recorder=recorder,
        )
    )
    run._begin(config)
    return run


def _existing(paths: StorePaths, settings: Settings, agreed: Agreement) -> Previous | None:
    """Earlier attempts, if an id was given that has some and `resume` allows it, which the first process decides for all."""
    run_id = agreed.run_id
    try:
        existing = find_previous(paths, settings.project, run_id, agreed.before_ns)
    except OSError as error:
        termerror(f"the log of run {run_id} cannot be read: {error}. It is left alone; this attempt begins at step 0.")
        existing = None
    if agreed.place.rank == 0:
        check_mode(settings.resume, existing, settings.project, run_id)
    return existing


def _info(
    settings: Settings, paths: StorePaths, previous: Previous | None, agreed: Agreement
) -> tuple[RunInfo, RunInfo]:
    """What holds for the run, and which part of it is new and must be written."""
    if previous is None:
        name = settings.name or agreed.name or _new_name(paths, settings.project)
        info = _info_of(settings, name)
        return info, info
    earlier, given = previous.run, _info_of(settings, settings.name)
    return (
        RunInfo(
            name=given.name or earlier.name,
            notes=given.notes or earlier.notes,
            tags=given.tags or earlier.tags,
            group=given.group or earlier.group,
            job_type=given.job_type or earlier.job_type,
        ),
        given,
    )


def _info_of(settings: Settings, name: str | None) -> RunInfo:
    return RunInfo(
        name=None if name is None else clean_text(name),
        notes=None if settings.notes is None else clean_text(settings.notes),
        tags=tuple(map(clean_text, settings.tags)) or None,
        group=None if settings.group is None else clean_text(settings.group),
        job_type=None if settings.job_type is None else clean_text(settings.job_type),
    )


def _new_name(paths: StorePaths, project: str) -> str:
    try:
        count = len(os.listdir(paths.project(project) / "runs"))
    except OSError:
        count = 0
    return new_run_name(count + 1)


def _files_folder(folder: Path) -> Path:
    """`run.dir`; a temporary folder where the store cannot be written, so that callbacks can go on saving."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="kerascope-"))
    return folder


def _after(auto: AutoResume | None, run_id: str, folder: Path | None) -> Callable[[int], None]:
    """What is left to do when a run has ended: forget that it has to be resumed, remove `folder` if nothing is in it."""

    def on_finish(exit_code: int) -> None:
        if auto is not None and exit_code == 0:
            auto.forget(run_id)
        if folder is not None:
            with contextlib.suppress(OSError):
                folder.rmdir()

    return on_finish
