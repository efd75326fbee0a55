"""The run that this process is logging to: the only module-level state of the tracker.

Promises: `get_run` and `require_run` never start anything. Not for: making runs (see `init.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.errors import Error

if TYPE_CHECKING:
    from kerascope.tracking.run import Run

_run: Run | None = None


def get_run() -> Run | None:
    """Returns the run that `init` made current, or None before `init` and after `finish`."""
    return _run


def require_run(call_name: str) -> Run:
    """Returns the current run.

    Args:
        call_name: what needs it, for the message: `kerascope.log` or `WandbCallback`.

    Raises:
        Error: if there is none.
    """
    if _run is None:
        raise Error(f"{call_name} needs a run. Call kerascope.init() before {call_name}.")
    return _run


def set_run(run: Run | None) -> None:
    """Makes `run` the current one. Called by `init` and at the end of a run."""
    global _run
    _run = run
