"""Which process of a distributed training this is, from the framework that is running or from what its launcher has said.

Promises: imports no framework and talks to nobody; what the user's script did not import cannot be running. Not for: agreeing on
one run (see `launch.py`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kerascope.settings import Settings


@dataclass(frozen=True)
class Place:
    """One process among those that train together.

    Attributes:
        rank: its number, from 0.
        world_size: how many there are.
        is_sure: whether they certainly belong together: a scheduler also numbers tasks that have nothing to do with each other.
    """

    rank: int = 0
    world_size: int = 1
    is_sure: bool = True

    @property
    def prefix(self) -> str:
        """What stands in front of the names of all that this process records: nothing for the first one."""
        return f"rank{self.rank}/" if self.rank else ""


_Environment = Mapping[str, str]
_SCHEDULERS = (
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
)


def process_place(environment: _Environment | None = None) -> Place:
    """Returns where this process stands; `Place()` if it trains alone.

    Args:
        environment: the variables to read; those of this process by default.
    """
    env = os.environ if environment is None else environment
    ways: tuple[Callable[[], Place | None], ...] = (
        _in_torch,
        _in_jax,
        lambda: _numbered(env, "RANK", "WORLD_SIZE"),
        lambda: _in_tensorflow(env),
        lambda: _numbered(env, "KERAS_DISTRIBUTION_PROCESS_ID", "KERAS_DISTRIBUTION_NUM_PROCESSES"),
        lambda: _numbered(env, "JAX_PROCESS_ID", "JAX_NUM_PROCESSES"),
        *(lambda names=names: _scheduled(env, *names) for names in _SCHEDULERS),  # type: ignore[misc]
    )
    for way in ways:
        place = way()
        if place is not None:
            return place
    return Place()


def place_of(settings: Settings) -> Place:
    """Returns where a run with these settings stands: alone with `log_ranks="apart"`, else as found, else as the settings say."""
    if settings.log_ranks == "apart":
        return Place()
    found = process_place()
    if found.world_size > 1 or not (settings.rank or settings.world_size > 1):
        return found
    return Place(settings.rank, max(settings.world_size, settings.rank + 1))


def _in_torch() -> Place | None:
    distributed = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return Place(int(distributed.get_rank()), int(distributed.get_world_size()))


def jax_state() -> Any:
    """Returns what JAX knows of the processes it has connected, or None. Asking for it starts no device."""
    state = getattr(sys.modules.get("jax._src.distributed"), "global_state", None)
    return state if getattr(state, "client", None) is not None else None


def _in_jax() -> Place | None:
    state = jax_state()
    return None if state is None else Place(int(state.process_id), int(state.num_processes))


def _in_tensorflow(env: _Environment) -> Place | None:
    """`TF_CONFIG`: the chief, or the first worker, is the first process; parameter servers do not train."""
    try:
        said = json.loads(env.get("TF_CONFIG", ""))
        cluster, kind, index = said["cluster"], said["task"]["type"], int(said["task"]["index"])
        chiefs = len(cluster.get("chief", cluster.get("master", ())))
        count = chiefs + len(cluster.get("worker", ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if kind not in ("chief", "master", "worker") or count < 2:
        return None
    return Place(index + (chiefs if kind == "worker" else 0), count)


def _numbered(env: _Environment, rank: str, size: str) -> Place | None:
    if not (env.get(rank, "").strip().isdigit() and env.get(size, "").strip().isdigit()):
        return None
    place = Place(int(env[rank]), int(env[size]))
    return place if place.rank < place.world_size and place.world_size > 1 else None


def _scheduled(env: _Environment, rank: str, size: str) -> Place | None:
    place = _numbered(env, rank, size)
    return place and replace(place, is_sure=False)
