"""The trial of a sweep that this process runs: `init` takes project, config values and sweep id from it.

Promises: the values that the sweep chose win over those of the script, also later (`config.update`); without a trial nothing here
does anything. Not for: choosing values (see `kerascope.sweeps`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.disk import write_whole
from kerascope.errors import UsageError
from kerascope.settings import Settings, trial_file
from kerascope.tracking.early_stop import Course, hyperband, read_course, watch

if TYPE_CHECKING:
    from kerascope.tracking.run import Run


@dataclass
class Trial:
    """One combination of a sweep, being run.

    Args:
        sweep_id: the sweep.
        project: the project of the sweep, which its runs belong to.
        values: config values by top-level key.
        path: where the trial is kept; the run that it becomes is noted beside it.
        runs: the runs that `init` began for it.
    """

    sweep_id: str
    project: str
    values: dict[str, Any]
    path: Path
    runs: list[Run] = field(default_factory=list)

    def settings(self, settings: Settings) -> Settings:
        """Returns the settings of a run of this trial."""
        return replace(settings, project=self.project, group=settings.group or f"sweep-{self.sweep_id}")

    def config(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the config that a run of this trial begins with."""
        return {**values, **self.values}

    def adopt(self, run: Run) -> None:
        """Notes that a run belongs to this trial; the first one may be ended early.

        Where the store cannot be read or written, the run goes on and says so.
        """
        self.runs.append(run)
        run._inform(sweep=self.sweep_id)
        run.config._lock(self.values)
        try:
            write_whole(self.path.with_suffix(".run"), json.dumps({"project": self.project, "run_id": run.id}))
            if run is self.runs[0]:
                self._watch(run)
        except (OSError, ValueError) as error:
            run._recorder.fail(f"telling sweep {self.sweep_id} of the run", error)

    @property
    def is_stopped(self) -> bool:
        """Whether the trial was ended early."""
        return bool(read_course(self.path).get("stopped"))

    def _watch(self, run: Run) -> None:
        """Lets the sweep's `early_terminate` end the run."""
        sweep = json.loads((self.path.parent / "sweep.json").read_text(encoding="utf-8"))
        rule, metric = hyperband(sweep.get("early_terminate")), sweep.get("metric") or {}
        if rule is not None and not run.disabled:
            watch(run, Course(rule, self.path, str(metric["name"]), metric.get("goal") == "maximize"))


_trial: Trial | None = None


def set_trial(trial: Trial | None) -> None:
    """Makes a trial the current one; None: there is none. Called by the agent."""
    global _trial
    _trial = trial


def get_trial() -> Trial | None:
    """Returns the trial of this process: the agent's, or the one that an agent started this program for.

    Raises:
        UsageError: if the file of the trial cannot be read.
    """
    path = trial_file()
    if _trial is not None or path is None:
        return _trial
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        set_trial(Trial(kept["sweep"], kept["project"], kept["values"], path))
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"KERASCOPE_TRIAL must be the file of a trial. Received: {str(path)!r} ({error}).") from error
    return _trial
