"""Gradients of a model: of given data, and those that training really applied.

One file per backend holds the same two things. `SummedGradients(model)(batches)` returns the sum over `batches` of the gradient of the
compiled loss (its weights, sample weights and regularisers included) with respect to each trainable variable, in training mode, and leaves
no trace on the model. `AppliedGradients(model)` adds up what the optimizer applies while `fit` runs, after clipping and accumulation, with
no extra pass; it is attached to that optimizer object only, from `attach` to `detach`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import keras

from kerascope.keras.batches import Batch

UPDATE_HOOK = "_backend_update_step"
EXTRA_NAME = "applied_gradient"  # in the names of variables that a recorder lends to the optimizer


class Applied(NamedTuple):
    """What was applied since the last reset.

    Attributes:
        sums: a backend array for each trainable variable, of its shape: the sum over the steps.
        mean_norm, max_norm: over the steps, of the global norm: the L2 norm of all gradients of a step together.
        step_count: steps of the optimizer; 0: nothing was applied.
    """

    sums: list[Any]
    mean_norm: float
    max_norm: float
    step_count: int


class Summed(Protocol):
    """Sums the gradient of the loss over batches."""

    def __call__(self, batches: Iterable[Batch]) -> list[Any]:
        """Returns one backend array per trainable variable of the model, in their order, of its shape."""


class Recorder(Protocol):
    """Adds up the gradients that the optimizer applies."""

    def attach(self) -> None:
        """Starts recording; to be called before the first step of `fit`."""

    def reset(self) -> None:
        """Forgets what was recorded."""

    def read(self) -> Applied:
        """Returns what was recorded since `reset`."""

    def detach(self) -> None:
        """Stops recording and leaves the optimizer as it was."""


def summed_gradients(model: Any) -> Summed:
    """Returns the gradient function of the current backend for `model`."""
    return _backend_file().SummedGradients(model)  # type: ignore[no-any-return]


def applied_gradients(model: Any) -> Recorder:
    """Returns the recorder of the current backend for `model`."""
    return _backend_file().AppliedGradients(model)  # type: ignore[no-any-return]


def inner_optimizer(model: Any) -> Any:
    """Returns the optimizer that updates the weights: a loss-scaling wrapper is looked through."""
    optimizer = model.optimizer
    return getattr(optimizer, "inner_optimizer", optimizer)


def _backend_file() -> Any:
    return importlib.import_module(f"{__name__}.{keras.backend.backend()}")
