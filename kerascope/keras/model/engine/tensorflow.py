"""Steps on the TensorFlow backend: several of them in one graph call when nobody interferes between batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.engine.plan import ExecutionPlan, steps_within
from kerascope.keras.model.engine.programs import tensorflow as programs
from kerascope.keras.model.hooks import Hooks, Logs, python_logs
from kerascope.keras.model.internals import tree
from kerascope.keras.model.sources import ArraySource, FrameworkSource, Source

STOP = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}
MOST_STEPS = 64


class Loops:
    """Graph loops of one compiled model and the pace at which they run."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.paces: dict[Any, float] = {}


class TensorFlowStepper(StepwiseStepper):
    """Reads arrays through `tf.data` and lets the graph take the batches itself."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        if model._engine_cache is None:
            object.__setattr__(model, "_engine_cache", Loops())
        self._loops: Loops = model._engine_cache
        self._datasets: dict[int, Any] = {}

    def build(self, batch: Any) -> None:
        """Builds only under a distribution strategy; otherwise tracing builds, as in Keras."""
        strategy = self.model._distribute_strategy
        if strategy is not None:
            with strategy.scope():
                super().build(batch)

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains on the batches of one epoch."""
        return self._pass("train", source, hooks) or super().train(source, hooks)

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates on the batches of one pass."""
        self.model.make_test_function()
        return self._pass("test", source, hooks) or super().test(source, hooks)

    def predict(self, source: Source, hooks: Hooks) -> Any:
        """Returns the outputs for the batches of one pass."""
        if hooks.listens("predict") or self._why_single(source, hooks, "predict") is not None:
            return super().predict(source, hooks)
        outputs: list[Any] = []
        iterator, done = iter(self._dataset(source)), 0
        total = int(source.steps or 0)
        while done < total and not self.model.stop_predicting:
            number, made = self._run_chunk("predict", iterator, source, total - done)
            outputs.append(tree.map_structure(np.asarray, made))
            done += number
            hooks.show("predict", done, dict)
        source.end_epoch()
        return tree.map_structure(lambda *parts: np.concatenate(parts), *outputs)

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch."""
        return self.model.predict_function([batch if isinstance(batch, tuple) else (batch,)])

    def batches(self, source: Source, phase: str) -> Iterator[Any]:
        """The batches of one pass; arrays come through `tf.data`."""
        dataset = self._dataset(source)
        return iter(dataset) if dataset is not None else source.epoch()

    def _pass(self, phase: str, source: Source, hooks: Hooks) -> Pass | None:
        """One pass over a data set, or None if the source has none."""
        dataset = self._dataset(source)
        why = "the data is made in Python" if dataset is None else self._why_single(source, hooks, phase)
        self._tell(phase, hooks, why)
        if dataset is None:
            return None
        run = self._run_single if why is not None else self._run_loop
        return run(phase, iter(dataset), source, hooks)

    def _tell(self, phase: str, hooks: Hooks, why: str | None) -> None:
        if phase != "train" and self.model.execution_plan is not None:
            return
        if why is None:
            plan = ExecutionPlan("tensorflow", "loop", MOST_STEPS, None, "nobody interferes between batches")
        else:
            plan = ExecutionPlan("tensorflow", "keras", 1, hooks.interferer(phase), why)
        object.__setattr__(self.model, "execution_plan", plan)

    def _why_single(self, source: Source, hooks: Hooks, phase: str) -> str | None:
        """Why steps must run one by one, or None."""
        interferer = hooks.interferer(phase)
        if interferer is not None:
            return f"{interferer} may change training between batches"
        if self.model._distribute_strategy is not None:
            return "the model is distributed by a strategy"
        if self.model.run_eagerly:
            return "the model runs eagerly"
        if not isinstance(source, ArraySource) or source.adapter() is None:
            return "the number of batches is not known to the graph"
        kind, base = type(self.model), type(self.model).__mro__
        for name in ("make_train_function", "make_test_function", "make_predict_function"):
            owner = next(one for one in base if name in vars(one))
            if owner.__module__.split(".")[0] != "keras":
                return f"{kind.__name__} has a `{name}` of its own"
        return None

    def _dataset(self, source: Source) -> Any:
        """The data set of a source, spread over the replicas of the strategy; None for Python batches.

        One for all epochs, as in Keras: its shuffling goes on from epoch to epoch.
        """
        if id(source) not in self._datasets:
            self._datasets[id(source)] = self._make_dataset(source)
        return self._datasets[id(source)]

    def _make_dataset(self, source: Source) -> Any:
        if isinstance(source, ArraySource):
            adapter = source.adapter()
        elif isinstance(source, FrameworkSource) and not source.endless:
            adapter = source.data_adapter
        else:
            adapter = None
        if adapter is None:
            return None
        dataset = adapter.get_tf_dataset()
        if self.model._distribute_strategy is None:
            return dataset
        return self.model.distribute_strategy.experimental_distribute_dataset(dataset)

    def _run_chunk(self, phase: str, iterator: Any, source: Source, most: int) -> tuple[int, Any]:
        """Runs steps in one graph call; returns how many, and what they returned."""
        loops = self._loops
        if phase not in loops.made:
            loops.made[phase] = programs.make_loop(self.model, phase)
        key = (phase, source.batch_size)
        number = steps_within(loops.paces.get(key), min(MOST_STEPS, most))
        started = time.perf_counter()
        made = loops.made[phase](iterator, programs.steps(number))
        made = tree.map_structure(lambda value: value.numpy(), made)
        if key not in loops.paces:
            # The first call traced the graph; it says nothing about the pace.
            loops.paces[key] = 0.0
        else:
            loops.paces[key] = (time.perf_counter() - started) / number
        return number, made

    def _run_loop(self, phase: str, iterator: Any, source: Source, hooks: Hooks) -> Pass:
        logs: Logs | None = None
        total, done = int(source.steps or 0), 0
        samples, size = source.samples or 0, source.batch_size or 0
        while done < total and not getattr(self.model, STOP[phase]):
            number, made = self._run_chunk(phase, iterator, source, total - done)
            for place in range(number if hooks.listens(phase) else 0):
                now = min(size, samples - (done + place) * size)
                hooks.batch_begin(phase, done + place, now)
                hooks.batch_end(phase, done + place, now, partial(_row, made, place))
            done += number
            logs = _row(made, number - 1)
            hooks.show(phase, done, partial(_row, made, number - 1))
        return Pass(done, logs)

    def _run_single(self, phase: str, iterator: Any, source: Source, hooks: Hooks) -> Pass:
        function = self.model.train_function if phase == "train" else self.model.test_function
        logs, done = None, 0
        samples, size = source.samples or 0, source.batch_size or 0
        while source.steps is None or done < source.steps:
            now = min(size, samples - done * size) if samples else size
            hooks.batch_begin(phase, done, now)
            try:
                logs = function(iterator)
            except (StopIteration, programs.out_of_range()):
                return Pass(done, logs, ended=source.steps is not None)
            hooks.batch_end(phase, done, now, partial(python_logs, logs))
            done += 1
            if getattr(self.model, STOP[phase]):
                break
        return Pass(done, logs)


def _row(made: Any, place: int) -> Logs:
    """Logs of one step of a chunk."""
    return {name: tree.map_structure(lambda value: value[place], values) for name, values in made.items()}
