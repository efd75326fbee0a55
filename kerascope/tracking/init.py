"""`init`: begins a run.

Promises: wrong arguments raise one sentence before anything is written; a store that cannot be written never stops the script: the
run then records nothing, says so once, and tries again by itself. No random generator of the user's is consumed, and nothing is
sent anywhere in any mode. Not for: what a run does once it has begun (see `run.py`).
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError, WrongTypeError
from kerascope.events.types import FORMAT_VERSION, RunInfo, Segment
from kerascope.ids import did_you_mean, new_run_id, new_run_name
from kerascope.jsonable import clean_text
from kerascope.paths import StorePaths, check_project, check_run_id
from kerascope.settings import Settings, load_settings, override
from kerascope.terminal import configure, termerror, termwarn
from kerascope.tracking import current
from kerascope.tracking.agreement import Agreement, agree
from kerascope.tracking.config import config_values, default_values
from kerascope.tracking.fork import parse_fork
from kerascope.tracking.handing_on import HandingOn, check_sink
from kerascope.tracking.identity import Start
from kerascope.tracking.launch import process_start_s
from kerascope.tracking.ranks import place_of
from kerascope.tracking.recorder import Recorder
from kerascope.tracking.resume import AutoResume, Previous, check_mode, find_previous
from kerascope.tracking.run import Run, is_forked
from kerascope.tracking.segment import open_sink
from kerascope.tracking.sink import NullSink
from kerascope.tracking.trial import get_trial
from kerascope.version import __version__

REINIT = ("default", "return_previous", "finish_previous", "create_new")
_IGNORED = {
    "force": "there is no account to log in to",
    "anonymous": "there is no account to log in to",
    "monitor_gym": "videos of environments are not recorded",
    "magic": "nothing is instrumented by itself",
}


def init(
    entity: str | None = None,
    project: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    id: str | None = None,
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | str | None = None,
    config: Any = None,
    config_exclude_keys: Sequence[str] | None = None,
    config_include_keys: Sequence[str] | None = None,
    allow_val_change: bool | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: str | None = None,
    force: bool | None = None,
    anonymous: str | bool | None = None,
    reinit: bool | str | None = None,
    resume: bool | str | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    settings: Mapping[str, Any] | None = None,
    sink: str | None = None,
    **unknown: Any,
) -> Run:
    """Begins a run and makes it the current one.

    Args:
        entity: who the run belongs to; an attribute only, `local` by default.
        project: the project; `uncategorized` by default.
        dir: the store's folder; `~/.kerascope` by default (or `KERASCOPE_DIR`).
        id: the run's id, to resume it later: 1 to 128 letters, digits, `_` or `-`. A new one by default.
        name: display name; one like `quiet-river-3` by default.
        notes: free text.
        tags: list of texts.
        config: a dict, `argparse.Namespace`, absl flags or the path of a YAML file. Values in a file `config-defaults.yaml` in the
            working folder are set beneath it.
        config_exclude_keys: leave these keys of `config` out.
        config_include_keys: take these keys of `config` only.
        allow_val_change: whether config values may be changed later without saying so each time.
        group: name that runs of one experiment share.
        job_type: what the run does, such as `train`.
        mode: `online`, `offline`, `shared` (all three record on this machine), or `disabled` (nothing is recorded).
        force: accepted for scripts of the original; has no effect.
        anonymous: accepted for scripts of the original; has no effect.
        reinit: what to do if a run is live: `return_previous` (None, False), `finish_previous` (True) or `create_new`, which leaves
            the current run as it is.
        resume: `allow`, `must`, `never`, `auto` or True (`auto`); see `docs/tracking.md`.
        resume_from: not offered: the log of a run is only ever added to; use `fork_from`.
        fork_from: `<run id>?_step=<n>`: begin with the history of that run up to step n.
        save_code: whether the text of the program is kept.
        tensorboard: as `sync_tensorboard`.
        sync_tensorboard: accepted with a warning; TensorBoard files are not read.
        monitor_gym: accepted for scripts of the original; has no effect.
        settings: a dict or `kerascope.Settings(...)`.
        sink: `wandb`: everything also goes to the installed wandb package, by a process of its own; see `docs/tracking.md`.
        unknown: refused with a hint.

    Raises:
        UsageError: for a wrong argument, and where `resume` does not fit what exists.
    """
    _refuse_unknown(unknown)
    check_sink(sink)
    _refuse_kinds(entity=entity, project=project, id=id, name=name, notes=notes, group=group, job_type=job_type)
    decided = _decide(
        settings,
        root=dir,
        mode=mode,
        entity=entity,
        project=project,
        run_id=id,
        name=name,
        notes=notes,
        tags=tags,
        group=group,
        job_type=job_type,
        resume=resume,
        save_code=save_code,
    )
    values = {
        **default_values(Path.cwd()),
        **config_values(config, config_include_keys, config_exclude_keys),
    }
    if resume_from is not None:
        raise UsageError(
            f"`resume_from` is not offered: a log is only ever added to. Received: resume_from={resume_from!r}. Use fork_from."
        )
    trial = get_trial()
    if trial is not None:
        decided, values = trial.settings(decided), trial.config(values)
    live = _live_run(_reinit(reinit))
    if live is not None:
        return live
    _warn_ignored(
        decided,
        {"force": force, "anonymous": anonymous, "monitor_gym": monitor_gym, "magic": unknown.get("magic")},
        tensorboard or sync_tensorboard,
    )
    run = _begin(decided, values, in_notebook() if allow_val_change is None else bool(allow_val_change), fork_from)
    if trial is not None:
        trial.adopt(run)
    if sink is not None:
        _hand_on(run, sink)
    live = current.get_run()
    if reinit != "create_new" or live is None or is_forked(live):
        current.set_run(run)
    return run


def _hand_on(run: Run, sink: str) -> None:
    """Starts the process of a sink, which is waited for at the end of the run."""
    segment = getattr(run._sink, "path", None)
    if segment is None:  # a disabled run, or a process that does not record
        return
    handing_on = HandingOn(sink, segment, run.settings.root, Path(run.dir), run.settings.mode)
    before = run._start.on_finish

    def on_finish(exit_code: int) -> None:
        if before is not None:
            before(exit_code)
        handing_on.finish()

    run._start = replace(run._start, on_finish=on_finish)


def _decide(settings: Mapping[str, Any] | None, **named: Any) -> Settings:
    """The settings of this run: arguments first, then `settings`, then the environment."""
    if isinstance(settings, Settings):
        settings = {
            "root": settings.root,
            "mode": settings.mode,
            "silent": settings.silent,
            "console": settings.console,
            "log_ranks": settings.log_ranks,
        }
    decided = override(load_settings(settings), **named)
    check_project(decided.project)
    if decided.run_id is not None:
        check_run_id(decided.run_id)
    return decided


def _refuse_unknown(unknown: Mapping[str, Any]) -> None:
    for name, value in unknown.items():
        if name == "magic":
            continue
        known = init.__annotations__.keys() - {"return", "unknown"}
        raise WrongTypeError(
            f"`init` has no argument of this name. Received: {name}={value!r}.{did_you_mean(name, known)} "
            "Settings of the experiment go into config={...}."
        )


def _refuse_kinds(**texts: object) -> None:
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise WrongTypeError(f"`{name}` must be text. Received: {name}={value!r} of type {type(value).__name__}.")


def _reinit(reinit: object) -> str:
    if reinit is None or reinit == "default":
        return "finish_previous" if in_notebook() else "return_previous"
    if reinit is False:
        return "return_previous"
    if reinit is True:
        return "finish_previous"
    if reinit not in REINIT:
        raise UsageError(
            f"`reinit` must be True, False or one of {', '.join(map(repr, REINIT))}. Received: reinit={reinit!r}."
        )
    return str(reinit)


def _live_run(reinit: str) -> Run | None:
    """The live run if it is to be returned; one that is to be finished is."""
    run = current.get_run()
    if run is None or is_forked(run) or reinit == "create_new":
        return None
    if reinit == "finish_previous":
        run.finish()
        return None
    termwarn(
        f"run {run.name} is still live, so init() returns it and its arguments have no effect. "
        "Call finish() first, or use init(reinit='finish_previous')."
    )
    return run


def _warn_ignored(settings: Settings, ignored: Mapping[str, Any], tensorboard: bool | None) -> None:
    configure(silent=settings.silent)
    for name, value in ignored.items():
        if value:
            termwarn(f"init({name}=...) has no effect here: {_IGNORED[name]}.", repeat=False)
    if tensorboard:
        termwarn("TensorBoard files are not read; log to the run instead (WandbCallback does).", repeat=False)


def _begin(settings: Settings, config: Mapping[str, Any], allow_val_change: bool, fork_from: str | None) -> Run:
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
    started_s = time.time()
    began_ns = agreed.begin(info.name or run_id)
    host = settings.host or socket.gethostname()
    recorder = Recorder(info.name or run_id)
    segment = Segment(
        format=FORMAT_VERSION,
        project=settings.project,
        run_id=run_id,
        entity=settings.entity,
        rank=settings.rank,
        world_size=settings.world_size,
        time_s=started_s,
        host=host,
        pid=os.getpid(),
        pid_start_s=process_start_s(os.getpid()),
        attempt=len(existing.attempts_of(0 if agreed.said else place.rank)) if existing else 0,
        resumed=previous is not None,
        starting_step=previous.next_step if previous else fork.step + 1 if fork else 0,
        version=__version__,
    )
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
            host=host,
            started_s=started_s,
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


def _after(auto: AutoResume | None, run_id: str, folder: Path | None) -> Any:
    """What is left to do when a run has ended: forget that it has to be resumed, remove `folder` if nothing is in it."""

    def on_finish(exit_code: int) -> None:
        if auto is not None and exit_code == 0:
            auto.forget(run_id)
        if folder is not None:
            with contextlib.suppress(OSError):
                folder.rmdir()

    return on_finish


def in_notebook() -> bool:
    """Whether the code runs in a notebook, where cells are run again: then config values may change and runs be begun anew."""
    # `kerascope run` gives the function to a notebook that runs without IPython.
    ask: Any = vars(sys.modules["__main__"]).get("get_ipython")
    ask = ask or getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if ask is None else ask()
    return shell is not None and hasattr(shell, "kernel")
