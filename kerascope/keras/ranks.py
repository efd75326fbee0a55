"""Whether a callback of this process logs, in a distributed training.

A silent process has a run that takes everything and records nothing (`kerascope/tracking/rank_sink.py`), so that a callback may do the
same on all processes. Not for: which process this is (see `kerascope/tracking/ranks.py`).
"""

from __future__ import annotations

from kerascope.terminal import termwarn
from kerascope.tracking.ranks import jax_state, place_of
from kerascope.tracking.run import Run


def logs_here(run: Run, log_ranks: str | None = None) -> bool:
    """Says whether this process logs; lets a run that is silent so far record if every process is to.

    Args:
        run: the run of this process.
        log_ranks: "first", "all", or None for what the run's settings say.
    """
    rank = place_of(run.settings).rank
    if run.settings.mode == "disabled":
        return rank == 0
    if rank != run.settings.rank:
        termwarn(
            f"this is process {rank} of a distributed training, which began after kerascope.init(): its run {run.id} is one of its own, "
            "and its callbacks log nothing. Call init() after jax.distributed.initialize() or init_process_group().",
            repeat=False,
        )
        return False
    if rank == 0:
        return True
    if (log_ranks or run.settings.log_ranks) != "all":
        return False
    run._join_in()
    return True


def computes_here(run: Run, log_ranks: str | None = None) -> bool:
    """Says whether this process has to work out what is logged; see `logs_here` for the arguments.

    On JAX all processes run every program together: one that predicts alone would wait for the others for ever. So all work it out, and
    the run of a silent process drops it.
    """
    return logs_here(run, log_ranks) or jax_state() is not None
