"""Steps on the TensorFlow backend: several of them in one graph call when nobody interferes between batches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.hooks import Hooks, python_logs
from kerascope.keras.model.sources import ArraySource, FrameworkSource, Source


class TensorFlowStepper(StepwiseStepper):
    """Reads arrays through `tf.data` and lets the graph take the batches itself."""

    def build(self, batch: Any) -> None:
        """Builds only under a distribution strategy; otherwise tracing builds, as in Keras."""
        strategy = self.model._distribute_strategy
        if strategy is not None:
            with strategy.scope():
                super().build(batch)

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains on the batches of one epoch."""
        dataset = self._dataset(source)
        if dataset is None:
            return super().train(source, hooks)
        return self._run_dataset("train", dataset, source, hooks)

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates on the batches of one pass."""
        dataset = self._dataset(source)
        self.model.make_test_function()
        if dataset is None:
            return super().test(source, hooks)
        return self._run_dataset("test", dataset, source, hooks)

    def batches(self, source: Source, phase: str) -> Iterator[Any]:
        """The batches of one pass; arrays come through `tf.data`."""
        dataset = self._dataset(source)
        return iter(dataset) if dataset is not None else source.epoch()

    def _dataset(self, source: Source) -> Any:
        """The data set of a source, spread over the replicas of the strategy; None for Python batches."""
        if isinstance(source, ArraySource):
            adapter = source.adapter()
        elif isinstance(source, FrameworkSource) and not source.endless:
            adapter = source.data_adapter
        else:
            adapter = None
        if adapter is None:
            return None
        return self.model.distribute_strategy.experimental_distribute_dataset(adapter.get_tf_dataset())

    def _run_dataset(self, phase: str, dataset: Any, source: Source, hooks: Hooks) -> Pass:
        import tensorflow as tf

        function = self.model.train_function if phase == "train" else self.model.test_function
        flag = "stop_training" if phase == "train" else "stop_evaluating"
        iterator, logs, steps = iter(dataset), None, 0
        size = source.batch_size or 0
        while source.steps is None or steps < source.steps:
            hooks.batch_begin(phase, steps, size)
            try:
                logs = function(iterator)
            except (StopIteration, tf.errors.OutOfRangeError):
                return Pass(steps, logs, ended=source.steps is not None)
            hooks.batch_end(phase, steps, size, partial(python_logs, logs))
            steps += 1
            if getattr(self.model, flag):
                break
        return Pass(steps, logs)
