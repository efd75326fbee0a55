"""How the steps of a pass are executed, in words a user can read: `model.execution_plan`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["loop", "step", "keras"]

# A chunk may take this long, so that progress, hooks and Ctrl-C stay responsive.
CHUNK_S = 0.08


@dataclass(frozen=True)
class ExecutionPlan:
    """What was chosen for the last pass, and why.

    Attributes:
        backend: The running backend.
        form: "loop": many steps in one compiled call; "step": one compiled call per step; "keras": Keras' own step
            functions, one batch at a time.
        chunk: Most steps in one call.
        by_step: Name of the callback for which steps are executed one by one, or None.
        reason: Why this form was chosen.
    """

    backend: str
    form: Form
    chunk: int
    by_step: str | None
    reason: str


def chunk_limit(steps: int | None, batch_bytes: int, *, most: int, most_bytes: int) -> int:
    """Most steps in one call: no more than an epoch has, and no more data than `most_bytes`."""
    by_size = max(1, most_bytes // max(1, batch_bytes))
    return max(1, min(most, by_size, steps or most))


def steps_within(seconds_per_step: float | None, limit: int) -> int:
    """Steps that fit into one chunk at the measured pace."""
    if not seconds_per_step:
        return limit
    return max(1, min(limit, int(CHUNK_S / seconds_per_step)))
