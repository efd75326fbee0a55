"""`init`: begins a run.

Promises: wrong arguments raise one sentence before anything is written. No random generator of the user's is consumed, and nothing is
sent anywhere in any mode, unless `sink` asks for it. Not for: how the run begins (see `begin.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError, WrongTypeError
from kerascope.ids import did_you_mean
from kerascope.paths import check_project, check_run_id
from kerascope.settings import Settings, load_settings, misspelled, override
from kerascope.terminal import configure, termwarn
from kerascope.tracking import current
from kerascope.tracking.begin import begin
from kerascope.tracking.config import config_values, default_values
from kerascope.tracking.handing_on import HandingOn, check_sink
from kerascope.tracking.run import Run, is_forked
from kerascope.tracking.trial import get_trial

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
    run = begin(decided, values, in_notebook() if allow_val_change is None else bool(allow_val_change), fork_from)
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
    for variable, meant in misspelled().items():
        termwarn(f"the variable {variable} has no effect. Did you mean {meant}?", repeat=False)
    if tensorboard:
        termwarn("TensorBoard files are not read; log to the run instead (WandbCallback does).", repeat=False)


def in_notebook() -> bool:
    """Whether the code runs in a notebook, where cells are run again: then config values may change and runs be begun anew."""
    # `kerascope run` gives the function to a notebook that runs without IPython.
    ask: Any = vars(sys.modules["__main__"]).get("get_ipython")
    ask = ask or getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if ask is None else ask()
    return shell is not None and hasattr(shell, "kernel")
