"""Which run a process records into, and whether it does: one decision for a process alone and for one of many.

Promises: the first process never waits; any other waits at most a minute, and only where it was not given an id. What does not fit is
told. Not for: how processes talk (see `launch.py`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from kerascope.ids import new_run_id
from kerascope.paths import StorePaths
from kerascope.settings import Settings
from kerascope.terminal import termwarn
from kerascope.tracking.launch import WAIT_S, Announcement, Launch
from kerascope.tracking.ranks import Place


@dataclass(frozen=True)
class Agreement:
    """What this process goes by.

    Attributes:
        place: which process it is.
        run_id: the run.
        said: what the first process has said, if this is another one and it said so.
        launch: how to tell the others, if this is the first of several.
    """

    place: Place
    run_id: str
    said: Announcement | None = None
    launch: Launch | None = None

    @property
    def name(self) -> str | None:
        """The run's name as the first process has said it."""
        return self.said.name if self.said else None

    @property
    def before_ns(self) -> int | None:
        """Earlier attempts began before this time; None if all that there are did."""
        return self.said.began_ns if self.said else None

    def begin(self, name: str) -> int:
        """Tells the others, if this is the first process; returns when its segment begins, in nanoseconds since 1970."""
        began_ns = time.time_ns()
        if self.launch is not None and self.place.rank == 0:
            self.launch.announce(Announcement(self.run_id, name, began_ns))
        return began_ns


def agree(settings: Settings, place: Place, paths: StorePaths, unfinished: str | None) -> Agreement:
    """Returns the run to record into.

    Args:
        settings: those of this run; an id in them is the one.
        place: which process this is.
        paths: the store.
        unfinished: the run that `resume="auto"` goes on with, known to the first process.
    """
    if place.world_size == 1:
        return Agreement(place, settings.run_id or unfinished or new_run_id())
    launch = Launch(paths, settings.project)
    if place.rank == 0:
        return Agreement(place, settings.run_id or unfinished or launch.free_job_id() or new_run_id(), None, launch)
    must_wait = settings.run_id is None or settings.resume is not None
    said = launch.hear(WAIT_S if must_wait else 0.0)
    if said is not None and settings.run_id in (None, said.run_id):
        return Agreement(place, said.run_id, said)
    run_id = settings.run_id or launch.job_id
    if run_id is None:
        run_id = new_run_id()
        termwarn(
            f"process {place.rank} of {place.world_size} heard nothing of the run of the first process within {WAIT_S:.0f} s, "
            f"so its id {run_id} is one of its own. Call init() in every process, or give all of them one id with KERASCOPE_RUN_ID."
        )
    return Agreement(place, run_id)


def tell_silent(place: Place) -> None:
    """Says that this process records nothing: once per training, but in each process if they may have nothing to do with each other."""
    if place.rank == 1 or not place.is_sure:
        termwarn(
            f"process {place.rank} of {place.world_size} records nothing, since the first process does. "
            "KERASCOPE_LOG_RANKS=all: every process records into the same run; =apart: into a run of its own."
        )
