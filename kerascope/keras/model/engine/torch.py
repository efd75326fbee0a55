"""Steps on the PyTorch backend: Keras' own step functions on tensors, read by torch's own loader where it can.

When `torch.distributed` runs with several processes, `fit` trains them as one: every process gives its own part of each
batch, gradients are averaged, and losses and metrics count the samples of all. This is what DistributedDataParallel
does, for `fit`, which cannot go through that wrapper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np
import torch

from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.engine.plan import ExecutionPlan
from kerascope.keras.model.hooks import Hooks, Logs
from kerascope.keras.model.internals import overrides, tree
from kerascope.keras.model.sources import ArraySource, Source

# Methods that may read the logs of every batch where the user wrote them.
READERS = (
    "train_step",
    "test_step",
    "compute_metrics",
    "get_metrics_result",
    "make_train_function",
    "make_test_function",
)
# Types of whole numbers that Keras' reader leaves as they are.
WHOLE = ("int64", "int32", "uint8", "bool")


class TorchStepper(StepwiseStepper):
    """Puts the module into training mode for training, into evaluation mode for the rest."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self._shared = False
        self._looked = False
        self._begun: set[int] = set()
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
        self._looked = batch is not None
        super().build(None if batch is None else to_tensors(batch))

    def begin_fit(self, source: Source, hooks: Hooks) -> None:
        """Makes the train function and, with several processes, joins them.

        Raises:
            ValueError: If the processes would train for different numbers of steps.
        """
        super().begin_fit(source, hooks)
        self._draw_for_look(source)
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
        self._draw_for_look(source)
        return self._summed(super().test(source, hooks))

    def batches(self, source: Source, phase: str) -> Iterator[Any]:
        """The batches of one pass as tensors."""
        if isinstance(source, ArraySource) and (adapter := source.adapter()) is not None:
            data = source.data.batch
            simple = all(leaf is None or _is_indexable(leaf) for leaf in tree.flatten(data))
            return _pass_over(adapter.get_torch_dataloader(), data if simple else None)
        self._draw_at_begin(source)
        return map(to_tensors, source.epoch())

    def _run(
        self, phase: str, source: Source, hooks: Hooks, run: Callable[[Any], Any], stop: Callable[[], bool]
    ) -> Pass:
        """As in the base; where nobody reads the logs of batches, metrics are asked for results only when the bar wants them, and at the end."""
        model = self.model
        if hooks.listens(phase) or model.jit_compile is True or any(overrides(model, name) for name in READERS):
            return super()._run(phase, source, hooks, run, stop)
        object.__setattr__(model, "_defers_results", True)
        try:
            done = super()._run(phase, source, hooks, run, stop)
        finally:
            object.__setattr__(model, "_defers_results", False)
        return replace(done, logs=model.get_metrics_result()) if done.steps else done

    def _values(self, logs: Any) -> Logs:
        return super()._values(self.model.get_metrics_result() if self.model._defers_results else logs)

    def _draw_for_look(self, source: Source) -> None:
        """Draws the random numbers that it takes Keras to look at a first batch, if there was one to look at."""
        if self._looked and isinstance(source, ArraySource):
            adapter = source.adapter()
            if adapter is None:
                _draw_seed()
            else:
                next(iter(adapter.get_torch_dataloader()))
        self._looked = False

    def _draw_at_begin(self, source: Source) -> None:
        """Draws the seed of a loader for arrays that are read round and round, at their first pass."""
        if isinstance(source, ArraySource) and id(source) not in self._begun:
            self._begun.add(id(source))
            _draw_seed()

    def train_step(self, batch: Any) -> Any:
        """Trains on one batch of tensors."""
        return self.model.train_function([batch])

    def test_step(self, batch: Any) -> Any:
        """Evaluates one batch of tensors."""
        return self.model.test_function([batch])

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch of tensors."""
        return self.model.predict_function([batch])

    def one_batch(self, phase: str, batch: Any) -> Any:
        """Trains on or evaluates one batch, outside of any loop, and returns its logs."""
        return super().one_batch(phase, to_tensors(batch))

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


def _is_indexable(array: Any) -> bool:
    """Whether torch can cut batches from an array where it lies: the same values as those of Keras' reader."""
    if not isinstance(array, np.ndarray) or not array.flags.c_contiguous or not array.flags.writeable:
        return False
    floats = keras.config.floatx() if array.dtype.kind == "f" else None
    return str(array.dtype) in (floats, *WHOLE) and min(array.strides) >= 0


def _cut_batches(data: Any, sampler: Any) -> Iterator[Any]:
    """Batches of arrays in the order of a sampler: those of torch's own loader, without its detours."""
    whole = tree.map_structure(lambda array: None if array is None else torch.from_numpy(array), data)
    device = keras.ops.convert_to_tensor(0.0).device
    for rows in sampler:
        yield tree.map_structure(partial(_rows, rows=torch.tensor(rows), device=device), whole)


def _rows(array: Any, rows: Any, device: Any) -> Any:
    return None if array is None else array.index_select(0, rows).to(device)


def _pass_over(loader: Any, data: Any) -> Iterator[Any]:
    """The batches of one pass, cut here if `data` is given, with the draws of Keras, so that dropout gives the same.

    A loader of torch draws a seed when it is begun, and Keras begins the next one when a pass is through.
    """
    if data is None:
        yield from loader
    else:
        _draw_seed()
        yield from _cut_batches(data, loader.batch_sampler)
    _draw_seed()


def _draw_seed() -> None:
    torch.empty((), dtype=torch.int64).random_()


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
