"""`sweep` makes a sweep, `agent` runs its trials one after another: a function in this process, or a program in children.

Promises: a trial that fails is recorded as failed and the next one begins; Ctrl-C ends the agent. A run that a trial leaves open is
finished. Not for: running trials side by side (start more agents).
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from kerascope.errors import UsageError
from kerascope.paths import StorePaths, check_project
from kerascope.settings import load_settings
from kerascope.sweeps import store
from kerascope.sweeps.command import command_line
from kerascope.terminal import termlog, termwarn
from kerascope.tracking import current
from kerascope.tracking.early_stop import TrialStopped
from kerascope.tracking.resume import find_previous
from kerascope.tracking.store import open_store
from kerascope.tracking.trial import Trial, set_trial

_FAILURES_IN_A_ROW = 5


def sweep(
    sweep: Mapping[str, Any] | str | os.PathLike[str],
    entity: str | None = None,
    project: str | None = None,
    prior_runs: Any = None,
) -> str:
    """Makes a sweep and returns its id.

    Args:
        sweep: a map with `method` (`random`, `grid` or `bayes`), `parameters` and, for `bayes`, `metric`; or the path of a YAML
            file with the same. `name`, `program`, `command`, `run_cap` and `early_terminate` may be given too.
        entity: taken for scripts of the original; has no effect.
        project: the project that its runs belong to.
        prior_runs: taken for scripts of the original; has no effect.

    Raises:
        UsageError: if the sweep is not understood.
    """
    config = _config_of(sweep)
    settings = load_settings()
    name = check_project(project or config.get("project") or settings.project)
    paths = StorePaths(settings.root)
    store.checked(config)
    open_store(paths, lambda error: None)
    made = store.create(paths, name, config)
    termlog(
        f"Sweep {made.id} of project {name}. Run it with kerascope.agent({made.id!r}, function) or `kerascope agent {made.id}`."
    )
    return made.id


def agent(
    sweep_id: str,
    function: Callable[[], Any] | None = None,
    entity: str | None = None,
    project: str | None = None,
    count: int | None = None,
) -> None:
    """Runs trials of a sweep until there are no more.

    Args:
        sweep_id: `id` or `[entity/]project/id`.
        function: what a trial runs: it calls `init` and reads `config`. None: the `program` of the sweep, in a child.
        entity: taken for scripts of the original; has no effect.
        project: taken for scripts of the original; the sweep knows its project.
        count: how many trials to run at most; None: no limit of its own.

    Raises:
        NotFoundError: if there is no such sweep.
        UsageError: if there is nothing to run.
    """
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
        raise UsageError(f"`count` must be an int of 0 or more, or None. Received: count={count!r}.")
    paths = StorePaths(load_settings().root)
    found = store.find(paths, sweep_id, project)
    if function is None:
        command_line(found.config, {}, found.folder / "trial", {})
    done = failures = 0
    while (count is None or done < count) and failures < _FAILURES_IN_A_ROW:
        path = found.claim()
        if path is None:
            break
        done += 1
        failures = 0 if _run_trial(paths, found, path, function) else failures + 1
    if failures == _FAILURES_IN_A_ROW:
        termwarn(f"The agent of sweep {found.id} stops: {failures} trials in a row failed.")


def _run_trial(paths: StorePaths, found: store.Sweep, path: Path, function: Callable[[], Any] | None) -> bool:
    """Returns whether the trial went well."""
    kept = store.read(path)
    trial = Trial(found.id, found.project, kept["values"], path)
    termlog(f"Sweep {found.id}, trial {kept['number']}: {_brief(kept['values'])}")
    state, went_well = "interrupted", False
    try:
        went_well = _call(trial, function) if function is not None else _execute(found, trial)
        state = "stopped" if trial.is_stopped else "finished" if went_well else "failed"
    finally:
        found.finish(path, state, _result(paths, found, path))
    return went_well


def _call(trial: Trial, function: Callable[[], Any]) -> bool:
    set_trial(trial)
    try:
        function()
    except TrialStopped:
        pass
    except Exception:  # border: one trial that fails must not end the others
        if not trial.is_stopped:  # else something done on the way out met a run that has ended
            traceback.print_exc()
            _finish(trial, 1)
            return False
    except BaseException:
        _finish(trial, 255)
        raise
    finally:
        set_trial(None)
    _finish(trial, 0)
    return True


def _finish(trial: Trial, exit_code: int) -> None:
    for run in trial.runs:
        if run is current.get_run():
            run.finish(exit_code)


def _execute(found: store.Sweep, trial: Trial) -> bool:
    environment = {**os.environ, "KERASCOPE_TRIAL": str(trial.path), "KERASCOPE_DIR": str(found.folder.parents[3])}
    words = command_line(found.config, trial.values, trial.path, environment)
    child = subprocess.Popen(words, env=environment)
    try:
        return child.wait() == 0 or trial.is_stopped
    except BaseException:
        child.send_signal(signal.SIGINT)
        child.wait()
        raise


def _result(paths: StorePaths, found: store.Sweep, path: Path) -> float | None:
    """The metric of the run that a trial became: its last value, or the best one where `define_metric` keeps that."""
    noted = store.read(path.with_suffix(".run"))
    if found.metric is None or not noted:
        return None
    previous = find_previous(paths, noted["project"], noted["run_id"])
    value: Any = None if previous is None else previous.run.summary.get(found.metric)
    if isinstance(value, Mapping):
        value = value.get("max" if found.is_maximized else "min", value.get("last"))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        termwarn(
            f"Sweep {found.id}: run {noted['run_id']} has no number {found.metric!r}, so nothing is learned from it."
        )
        return None
    return float(value)


def _config_of(sweep: Any) -> dict[str, Any]:
    if callable(sweep):
        sweep = sweep()
    if isinstance(sweep, str | os.PathLike):
        try:
            sweep = yaml.safe_load(Path(sweep).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise UsageError(f"A sweep must be a readable YAML file. Received: {error}.") from error
    if not isinstance(sweep, Mapping):
        raise UsageError(f"`sweep` must be a map or the path of a YAML file. Received: sweep={sweep!r}.")
    return dict(sweep)


def _brief(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}" for key, value in values.items()
    )
