"""Steps on the PyTorch backend: Keras' own step functions on tensors, read by torch's own loader where it can.

When `torch.distributed` runs with several processes, `fit` trains them as one: every process gives its own part of each
batch, gradients are averaged, and losses and metrics count the samples of all. This is what DistributedDataParallel
does, for `fit`, which cannot go through that wrapper.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import torch

from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.engine.plan import ExecutionPlan
from kerascope.keras.model.hooks import Hooks
from kerascope.keras.model.internals import tree
from kerascope.keras.model.sources import ArraySource, Source


class TorchStepper(StepwiseStepper):
    """Puts the module into training mode for training, into evaluation mode for the rest."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self._shared = False
        self._handles: list[Any] = []

    @contextmanager
    def opened(self, phase: str) -> Iterator[None]:
        """Switches the mode of the torch module for one pass."""
        if phase == "train":
            self.model.train()
        else:
            self.model.eval()
        try:
            yield
        finally:
            self.model.eval()

    def build(self, batch: Any) -> None:
        """Lets Keras build the model from tensors."""
        super().build(None if batch is None else to_tensors(batch))

    def begin_fit(self, source: Source, hooks: Hooks) -> None:
        """Makes the train function and, with several processes, joins them.

        Raises:
            ValueError: If the processes would train for different numbers of steps.
        """
        super().begin_fit(source, hooks)
        reason = "PyTorch runs step by step; Keras' own step functions are used"
        object.__setattr__(
            self.model, "execution_plan", ExecutionPlan("torch", "keras", 1, hooks.interferer("train"), reason)
        )
        if process_count() > 1:
            _check_steps(source.steps)
            self._join()

    def end_fit(self) -> None:
        """Leaves the other processes."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._shared = False

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains on the batches of one epoch."""
        return self._summed(super().train(source, hooks))

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates on the batches of one pass; alone, unless it is the validation of a shared `fit`."""
        return self._summed(super().test(source, hooks))

    def batches(self, source: Source, phase: str) -> Iterator[Any]:
        """The batches of one pass as tensors."""
        adapter = source.adapter() if isinstance(source, ArraySource) else None
        if adapter is not None:
            return iter(adapter.get_torch_dataloader())
        return source.epoch()

    def train_step(self, batch: Any) -> Any:
        """Trains on one batch."""
        return self.model.train_function([to_tensors(batch)])

    def test_step(self, batch: Any) -> Any:
        """Evaluates one batch."""
        return self.model.test_function([to_tensors(batch)])

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch."""
        return self.model.predict_function([to_tensors(batch)])

    def _join(self) -> None:
        """Gives all processes the weights of the first one, and averages gradients from now on."""
        self._shared = True
        model = self.model
        for variable in [*model.variables, *(model.optimizer.variables if model.optimizer is not None else [])]:
            torch.distributed.broadcast(variable.value.data, 0)
        self._handles = [
            variable.value.register_post_accumulate_grad_hook(_average_gradient)
            for variable in model.trainable_variables
        ]

    def _summed(self, done: Pass) -> Pass:
        """Adds up what the metrics of all processes have counted."""
        if self._shared:
            for variable in self.model.metrics_variables:
                torch.distributed.all_reduce(variable.value.data)
        return done


def process_count() -> int:
    """Number of processes that `torch.distributed` joins; 1 if it is not running."""
    if not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return 1
    return int(torch.distributed.get_world_size())


def to_tensors(batch: Any) -> Any:
    """A batch with torch tensors on the device of Keras in place of arrays."""
    return tree.map_structure(lambda value: None if value is None else keras.ops.convert_to_tensor(value), batch)


def _average_gradient(parameter: Any) -> None:
    torch.distributed.all_reduce(parameter.grad)
    parameter.grad /= process_count()


def _check_steps(steps: int | None) -> None:
    found: list[Any] = [None] * process_count()
    torch.distributed.all_gather_object(found, steps)
    if len(set(found)) > 1:
        raise ValueError(
            f"All processes of a distributed `fit` must have the same number of batches. Received: {found} by rank."
        )
