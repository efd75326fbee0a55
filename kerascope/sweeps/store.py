"""A sweep in the store: `projects/<project>/sweeps/<id>/`, as docs/formats/store.md has it.

Promises: a trial's file is created exclusively, so two agents never share a number; results are written beside it and renamed into
place. Files that cannot be read count as running. Any number of processes may use one sweep.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerascope.disk import name_new, write_whole
from kerascope.errors import NotFoundError, StoreError, UsageError
from kerascope.ids import new_run_id
from kerascope.paths import RUN_ID, StorePaths, decode_name
from kerascope.sweeps import choose, space
from kerascope.sweeps.choose import Told
from kerascope.tracking.early_stop import hyperband

GOALS = ("minimize", "maximize")


class Sweep:
    """One sweep of a store.

    Args:
        folder: of the sweep.
        project: its project.
        config: as it was given to `sweep`.
    """

    def __init__(self, folder: Path, project: str, config: Mapping[str, Any]) -> None:
        self.folder, self.project, self.config = folder, project, dict(config)
        self.parameters = space.parse(self.config["parameters"])

    @property
    def id(self) -> str:
        """Its id."""
        return self.folder.name

    @property
    def metric(self) -> str | None:
        """The key of the summary that counts, if one was named."""
        found = self.config.get("metric")
        return str(found["name"]) if isinstance(found, Mapping) and found.get("name") else None

    @property
    def is_maximized(self) -> bool:
        """Whether more of the metric is better."""
        return isinstance(self.config.get("metric"), Mapping) and self.config["metric"].get("goal") == "maximize"

    @property
    def size(self) -> int | None:
        """How many trials it gives out at most; None if there is no end."""
        cap = self.config.get("run_cap")
        grid = math.prod(len(one.choices or ()) for one in self.parameters) if self.config["method"] == "grid" else None
        return min((int(one) for one in (cap, grid) if one is not None), default=None)

    @property
    def state(self) -> str:
        """`PENDING`, `RUNNING` or `FINISHED`."""
        trials = list(self.folder.glob("trial-*.json"))
        ended = len(list(self.folder.glob("trial-*.result")))
        is_over = self.is_stopped or (self.size is not None and len(trials) >= self.size)
        if is_over and ended == len(trials):
            return "FINISHED"
        return "RUNNING" if trials else "PENDING"

    def claim(self) -> Path | None:
        """Chooses the values of a new trial and returns its file; None if the sweep has no more to give."""
        while True:
            trials = sorted(self.folder.glob("trial-*.json"))
            number = int(trials[-1].stem.partition("-")[2]) + 1 if trials else 0
            cap = self.config.get("run_cap")
            if self.is_stopped or (cap is not None and number >= cap):
                return None
            method = str(self.config["method"])
            told = self.told() if method == "bayes" else []
            chosen = choose.choose(method, self.parameters, self.id, number, told, self.is_maximized)
            if chosen is None:
                return None
            path = self.folder / f"trial-{number:06}.json"
            kept = {
                "sweep": self.id,
                "project": self.project,
                "number": number,
                "values": space.nested(chosen.values),
                "places": chosen.places,
                "began_s": time.time(),
                "pid": os.getpid(),
            }
            with contextlib.suppress(FileExistsError):
                _write_new(path, kept)
                return path

    def told(self) -> list[Told]:
        """Returns what every trial of the sweep has given so far."""
        found = []
        for path in sorted(self.folder.glob("trial-*.json")):
            kept = read(path)
            if kept.get("places"):
                result = read(path.with_suffix(".result"))
                found.append(Told(kept["places"], result.get("value"), not result))
        return found

    def finish(self, trial: Path, state: str, value: float | None) -> None:
        """Keeps the result of a trial."""
        write_whole(trial.with_suffix(".result"), json.dumps({"state": state, "value": value, "ended_s": time.time()}))

    @property
    def is_stopped(self) -> bool:
        """Whether the sweep gives out no more trials."""
        return (self.folder / "stopped").exists()

    def stop(self) -> None:
        """Gives out no more trials, in any process."""
        (self.folder / "stopped").touch()

    def run_ids(self) -> list[str]:
        """Returns the ids of the runs of the sweep, in order of their trials."""
        found = [read(path).get("run_id") for path in sorted(self.folder.glob("trial-*.run"))]
        return [str(one) for one in found if one]


def create(paths: StorePaths, project: str, config: Mapping[str, Any]) -> Sweep:
    """Makes a sweep.

    Args:
        paths: the store.
        project: the project.
        config: method, parameters, metric and so on.

    Raises:
        UsageError: if the config is not understood.
    """
    checked(config)
    folder = paths.project(project) / "sweeps" / new_run_id()
    folder.mkdir(parents=True)
    _write_new(folder / "sweep.json", {**config})
    return Sweep(folder, project, config)


def checked(config: Mapping[str, Any]) -> None:
    """Checks a sweep's config.

    Raises:
        UsageError: if it is not understood.
    """
    choose.check(str(config.get("method")), space.parse(config.get("parameters", {})))
    metric = config.get("metric")
    if metric is not None and (not isinstance(metric, Mapping) or "name" not in metric):
        raise UsageError(f"`metric` must be a map with `name` and `goal`. Received: metric={metric!r}.")
    if metric is not None and metric.get("goal", "minimize") not in GOALS:
        raise UsageError(f"`goal` must be one of {', '.join(GOALS)}. Received: goal={metric['goal']!r}.")
    cap = config.get("run_cap")
    if cap is not None and (isinstance(cap, bool) or not isinstance(cap, int) or cap < 1):
        raise UsageError(
            f"`run_cap` must be an int of 1 or more. Received: run_cap={cap!r}. Leave it out for no limit."
        )
    stops = hyperband(config.get("early_terminate")) is not None
    if metric is None and (stops or config["method"] == "bayes"):
        needing = "`early_terminate`" if stops else "The method 'bayes'"
        raise UsageError(f"{needing} needs a metric. Received none. Add metric={{'name': ..., 'goal': ...}}.")


def find(paths: StorePaths, sweep_id: str, project: str | None = None) -> Sweep:
    """Returns a sweep by `id`, `project/id` or `entity/project/id`.

    Raises:
        NotFoundError: if there is none.
        StoreError: if it cannot be read.
    """
    parts = str(sweep_id).split("/")
    named = parts[-2] if len(parts) > 1 else None
    if RUN_ID.match(parts[-1]):
        for path in sorted(paths.projects.glob(f"*/sweeps/{parts[-1]}/sweep.json")):
            home = decode_name(path.parents[2].name)
            if named is None or home == named:
                config = read(path)
                if not config:
                    raise StoreError(f"The file of a sweep must be whole JSON. Received: {path}. Make a new sweep.")
                return Sweep(path.parent, home, config)
    where = f" in project {named or project}" if named or project else ""
    raise NotFoundError(
        f"There must be a sweep of this id. Received: {sweep_id!r}{where}. `kerascope.sweep(...)` makes one."
    )


def read(path: Path) -> dict[str, Any]:
    """Returns what a file of a sweep holds; nothing if it is not there or not whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_new(path: Path, kept: Mapping[str, Any]) -> None:
    """Writes a file that must not exist yet: whole under another name first, so that nobody reads a part of it."""
    made = path.with_name(f".{path.name}.{new_run_id()}")
    try:
        made.write_text(json.dumps(kept), encoding="utf-8")
        name_new(made, path)
    finally:
        made.unlink(missing_ok=True)
