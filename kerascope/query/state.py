"""Whether a run is alive: decided when asked, since a killed process cannot say so (`docs/formats/index.md`).

`finished` or `failed` if its log says so; `running` if its newest record is younger than 60 s and, on this machine, its process exists;
else `crashed`. Not for: finding runs (`runs.py`).
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

import psutil
from sqlalchemy import Connection, text

ALIVE_S = 60.0
_SAME_START_S = 2.0

_YOUNG = text(
    "SELECT run.num, segment.host, segment.pid, segment.pid_start_s FROM run JOIN segment ON segment.run = run.num "
    "WHERE run.ended IS NULL AND run.updated_s > :oldest AND segment.ended IS NULL AND segment.updated_s > :oldest "
    "AND segment.attempt = (SELECT max(newest.attempt) FROM segment AS newest WHERE newest.run = run.num)"
)


@dataclass(frozen=True)
class Alive:
    """The runs that are running, by number."""

    nums: frozenset[int]

    def sql(self) -> str:
        """Returns an SQL expression on table `run` that is the run's state."""
        numbers = ", ".join(str(num) for num in sorted(self.nums)) or "-1"
        return f"CASE WHEN run.ended IS NOT NULL THEN run.ended WHEN run.num IN ({numbers}) THEN 'running' ELSE 'crashed' END"


def alive(db: Connection, now_s: float | None = None) -> Alive:
    """Returns which runs are running now.

    Args:
        db: An index connection.
        now_s: Seconds since 1970; None takes the clock.
    """
    now_s = time.time() if now_s is None else now_s
    here = socket.gethostname()
    rows = db.execute(_YOUNG, {"oldest": now_s - ALIVE_S}).all()
    return Alive(frozenset(num for num, host, pid, start_s in rows if host != here or process_exists(pid, start_s)))


def process_exists(pid: int, start_s: float) -> bool:
    """Returns whether the process with this id and start time (0: unknown) lives on this machine."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return start_s <= 0 or abs(process.create_time() - start_s) < _SAME_START_S
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
