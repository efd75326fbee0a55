"""Steps on the PyTorch backend: Keras' own step functions on tensors, read by torch's own loader where it can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.internals import tree
from kerascope.keras.model.sources import ArraySource, Source


class TorchStepper(StepwiseStepper):
    """Puts the module into training mode for training, into evaluation mode for the rest."""

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


def to_tensors(batch: Any) -> Any:
    """A batch with torch tensors on the device of Keras in place of arrays."""
    return tree.map_structure(lambda value: None if value is None else keras.ops.convert_to_tensor(value), batch)
