"""Which process of a distributed training this is. Processes are told apart only where a framework is already distributed.

No framework is imported: what the user's script did not import cannot be distributed.
"""

from __future__ import annotations

import os
import sys


def process_rank() -> int:
    """Returns the number of this process: 0 unless several processes train together."""
    for rank in (_torch_rank(), _jax_rank(), _environment_rank()):
        if rank is not None:
            return rank
    return 0


def is_logging_rank(log_ranks: str) -> bool:
    """Says whether this process logs: every one with `log_ranks="all"`, else only the first."""
    return log_ranks == "all" or process_rank() == 0


def _torch_rank() -> int | None:
    distributed = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return int(distributed.get_rank())


def _jax_rank() -> int | None:
    client = getattr(getattr(sys.modules.get("jax._src.distributed"), "global_state", None), "client", None)
    return int(sys.modules["jax"].process_index()) if client is not None else None


def _environment_rank() -> int | None:
    rank = os.environ.get("RANK", "")
    return int(rank) if rank.isdigit() else None
