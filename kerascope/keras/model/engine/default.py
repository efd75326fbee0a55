"""One batch at a time through the step functions of Keras' own trainers: works for every backend and every model.

The JAX half also serves models that a compiled loop cannot take (eager models, distributed variables, NNX).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.hooks import Hooks, Logs, python_logs
from kerascope.keras.model.internals import needs_symbolic_build, tree
from kerascope.keras.model.sources import Source, batch_samples


class StepwiseStepper:
    """Base of the steppers that hand one batch after the other to Keras.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def build(self, batch: Any) -> None:
        """Lets Keras build the model, its metrics, losses and optimizer."""
        if batch is not None and needs_symbolic_build(self.model):
            self.model._symbolic_build(data_batch=batch)
        elif self.model.optimizer is not None and not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)

    def begin_fit(self, source: Source, hooks: Hooks) -> None:
        """Makes the train function."""
        self.model.make_train_function()

    def end_fit(self) -> None:
        """Nothing to bring back."""

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains batch by batch."""
        return self._run("train", source, hooks, self.train_step, lambda: bool(self.model.stop_training))

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates batch by batch."""
        self.model.make_test_function()
        return self._run("test", source, hooks, self.test_step, lambda: bool(self.model.stop_evaluating))

    def predict(self, source: Source, hooks: Hooks) -> Any:
        """Predicts batch by batch and joins the outputs."""
        self.model.make_predict_function()
        outputs: list[Any] = []
        with self.opened("predict"):
            for step, batch in enumerate(self.batches(source, "predict")):
                size = batch_samples(batch)
                hooks.batch_begin("predict", step, size)
                made = self.predict_step(batch)
                outputs.append(made)
                hooks.batch_end("predict", step, size, partial(_outputs, made))
                if self.model.stop_predicting:
                    break
        source.end_epoch()
        return join_outputs(outputs)

    @contextmanager
    def opened(self, phase: str) -> Iterator[None]:
        """Surrounds one pass; backends that keep state outside of the model bring it back at the end."""
        yield

    def one_batch(self, phase: str, batch: Any) -> Any:
        """Trains on or evaluates one batch, outside of any loop, and returns its logs."""
        if phase == "train":
            self.model.make_train_function()
        else:
            self.model.make_test_function()
        with self.opened(phase):
            return self.train_step(batch) if phase == "train" else self.test_step(batch)

    def batches(self, source: Source, phase: str) -> Iterator[Any]:
        """The batches of one pass."""
        return source.epoch()

    def train_step(self, batch: Any) -> Any:
        """Trains on one batch and returns its logs."""
        return self.model.train_function(iter([batch]))

    def test_step(self, batch: Any) -> Any:
        """Evaluates one batch and returns its logs."""
        return self.model.test_function(iter([batch]))

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch."""
        return self.model.predict_function([batch])

    def _run(
        self, phase: str, source: Source, hooks: Hooks, run: Callable[[Any], Any], stop: Callable[[], bool]
    ) -> Pass:
        logs, steps = None, 0
        with self.opened(phase):
            for batch in self.batches(source, phase):
                size = batch_samples(batch)
                hooks.batch_begin(phase, steps, size)
                logs = run(batch)
                hooks.batch_end(phase, steps, size, partial(self._values, logs))
                steps += 1
                if stop():
                    return Pass(steps, logs)
        return Pass(steps, logs, ended=source.steps is not None and steps < source.steps)

    def _values(self, logs: Any) -> Logs:
        """The logs of the last batch as Python numbers."""
        return python_logs(logs)


def to_numpy(outputs: Any) -> Any:
    """Outputs of any backend as NumPy arrays in the same container."""
    return tree.map_structure(keras.ops.convert_to_numpy, outputs)


def _outputs(made: Any) -> dict[str, Any]:
    return {"outputs": to_numpy(made)}


def join_outputs(outputs: list[Any]) -> Any:
    """Joins the outputs of batches along the first axis."""
    if not outputs:
        raise ValueError("There is nothing to predict: the data gave no batch.")
    arrays = [to_numpy(made) for made in outputs]
    if len(arrays) == 1:
        return tree.map_structure(np.array, arrays[0])
    return tree.map_structure(lambda *parts: np.concatenate(parts), *arrays)
