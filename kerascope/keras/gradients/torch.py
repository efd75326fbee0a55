"""Gradients on PyTorch: `torch.autograd.grad` for given data (the `.grad` of the weights stays untouched), a list sum for applied ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import torch

from kerascope.keras.batches import Batch, map_arrays
from kerascope.keras.gradients import UPDATE_HOOK, Applied, inner_optimizer
from kerascope.keras.state import preserved


class SummedGradients:
    """Sums the gradient of the compiled loss over batches; see the package."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, batches: Iterable[Batch]) -> list[Any]:
        """Returns one array per trainable variable."""
        values = [v.value for v in self._model.trainable_variables]
        sums = [torch.zeros_like(value) for value in values]
        with (
            preserved(self._model),
            torch.random.fork_rng(),
            torch.enable_grad(),
        ):  # dropout draws from torch's own stream
            for batch in batches:
                x, y, sample_weight = (map_arrays(keras.ops.convert_to_tensor, part) for part in batch)
                gradients = torch.autograd.grad(self._loss(x, y, sample_weight), values, allow_unused=True)
                sums = [s if g is None else s + g for s, g in zip(sums, gradients, strict=True)]
        return [s.detach() for s in sums]

    def _loss(self, x: Any, y: Any, sample_weight: Any) -> Any:
        model = self._model
        y_pred = model(x, training=True) if model._call_has_training_arg else model(x)
        return model._compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)


class AppliedGradients:
    """Adds up applied gradients as the optimizer applies them; see the package."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._optimizer = inner_optimizer(model)
        self._is_attached = False

    def attach(self) -> None:
        """Starts recording."""
        trainable = self._model.trainable_variables
        self._sums = [torch.zeros_like(v.value) for v in trainable]
        self._by_variable = {id(v): s for v, s in zip(trainable, self._sums, strict=True)}
        self._norms = torch.zeros(3, device=self._sums[0].device)  # sum, max, number of steps
        update = getattr(self._optimizer, UPDATE_HOOK)

        def record_update(grads: list[Any], variables: list[Any], learning_rate: Any) -> None:
            self._record(list(grads), list(variables))
            update(grads, variables, learning_rate)

        self._optimizer.__dict__[UPDATE_HOOK] = record_update
        self._is_attached = True
        self._model.make_train_function(force=True)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _record(self, grads: list[Any], variables: list[Any]) -> None:
        torch._foreach_add_([self._by_variable[id(v)] for v in variables], grads)
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        self._norms[0] += norm
        self._norms[1] = torch.maximum(self._norms[1], norm)
        self._norms[2] += 1

    def reset(self) -> None:
        """Forgets what was recorded."""
        for total in [*self._sums, self._norms]:
            total.zero_()

    def read(self) -> Applied:
        """Returns what was recorded since `reset`."""
        total, largest, steps = self._norms.tolist()
        return Applied(self._sums, total / steps if steps else 0.0, largest, int(steps))

    def detach(self) -> None:
        """Stops recording and leaves the optimizer as it was."""
        if self._is_attached:
            self._optimizer.__dict__.pop(UPDATE_HOOK, None)
            self._model.train_function = None
            self._is_attached = False
