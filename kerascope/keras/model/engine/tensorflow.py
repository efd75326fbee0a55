"""Steps on the TensorFlow backend: many of them in one graph call, or one by one where a callback may interfere.

Both ways run the same graph, so that their results are bit-identical. Rows are shuffled by the data set that Keras
would read, so that the same seed gives the same order; the arrays themselves are cut here. What no graph can take
(strategies, eager models, data sets of TensorFlow) goes through Keras' own step functions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from kerascope.keras.model.engine.chunks import BatchReader
from kerascope.keras.model.engine.default import StepwiseStepper, to_numpy
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.engine.plan import ExecutionPlan, chunk_limit, steps_within
from kerascope.keras.model.engine.programs import tensorflow as programs
from kerascope.keras.model.hooks import Hooks, Logs, python_logs
from kerascope.keras.model.internals import overrides, tree
from kerascope.keras.model.sources import ArraySource, FrameworkSource, Source, batch_samples

STOP = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}
FUNCTIONS = ("make_train_function", "make_test_function", "make_predict_function")
STEP_PARTS = ("train_step", "compute_loss", "compute_metrics")
MOST_STEPS = 64
MOST_BYTES = 4 * 2**20
# Generators are not read far ahead of the step that is running.
MOST_STREAM_STEPS = 8


class Loops:
    """Graph loops of one compiled model and the pace at which they run."""

    def __init__(self) -> None:
        self.made: dict[Any, Any] = {}
        self.paces: dict[Any, float] = {}
        self._train_function: Any = None

    def renew(self, train_function: Any) -> None:
        """Forgets the graphs of training when Keras has made its train function anew, since a step does something else then."""
        if self._train_function is not train_function:
            self._train_function = train_function
            for kept in (self.made, self.paces):
                for key in [key for key in kept if key[0] == "train"]:
                    del kept[key]

    def find(self, model: Any, phase: str, batch: Any, room: int) -> Any:
        """The graph for batches of this kind: (function, whether XLA compiles all of it), or None."""
        key = (phase, programs.batch_key(batch), room)
        if key not in self.made:
            self.made[key] = programs.make_loop(model, phase, room, batch)
        return self.made[key]

    def run(self, model: Any, phase: str, batch: Any, chunk: Any, first: int, number: int, room: int) -> Any:
        """Runs steps of a chunk; has TensorFlow run the loop if XLA cannot compile it."""
        key = (phase, programs.batch_key(batch), room)
        loop, whole = self.made[key]
        arguments = (chunk, programs.scalar(first), programs.scalar(number))
        try:
            return to_numpy(loop(*arguments))
        except Exception as error:
            if not whole or key in self.paces or not programs.is_not_for_xla(error):
                raise
        self.made[key] = programs.make_loop(model, phase, room, batch, whole=False)
        return to_numpy(self.made[key][0](*arguments))


class TensorFlowStepper(StepwiseStepper):
    """Cuts arrays and the batches of generators into chunks for the graphs; reads other data through `tf.data`."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        if model._engine_cache is None:
            object.__setattr__(model, "_engine_cache", Loops())
        self.loops: Loops = model._engine_cache
        self._datasets: dict[int, Any] = {}
        self._orders: dict[int, Any] = {}
        self._example: Any = None

    def build(self, batch: Any) -> None:
        """Builds only under a distribution strategy; otherwise `begin_fit` or tracing builds."""
        self._example = batch
        strategy = self.model._distribute_strategy
        if strategy is not None:
            with strategy.scope():
                super().build(batch)

    def begin_fit(self, source: Source, hooks: Hooks) -> None:
        """Builds ahead what Keras leaves to tracing, which would have to trace each step twice for it."""
        if self._why_keras(source) is None and self._is_all_keras() and programs.is_dense(self._example):
            super().build(self._example)
        super().begin_fit(source, hooks)

    def _is_all_keras(self) -> bool:
        """Whether nothing but metrics, losses and the optimizer of Keras may still have to be built."""
        built = all(layer.built for layer in self.model._flatten_layers())
        return built and not any(overrides(self.model, name) for name in STEP_PARTS)

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains on the batches of one epoch."""
        self.loops.renew(self.model.train_function)
        return self._pass("train", source, hooks) or super().train(source, hooks)

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates on the batches of one pass."""
        self.model.make_test_function()
        return self._pass("test", source, hooks) or super().test(source, hooks)

    def predict(self, source: Source, hooks: Hooks) -> Any:
        """Returns the outputs for the batches of one pass."""
        if self._why_keras(source) is not None:
            return super().predict(source, hooks)
        self.model.make_predict_function()
        outputs: list[Any] = []
        _Run(self, "predict", source, hooks, outputs).all()
        source.end_epoch()
        if not outputs:
            raise ValueError("There is nothing to predict: the data gave no batch.")
        return tree.map_structure(lambda *parts: np.concatenate(parts), *outputs)

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch."""
        return self.model.predict_function([batch if isinstance(batch, tuple) else (batch,)])

    def batches(self, source: Source, phase: str) -> Iterator[Any]:
        """The batches of one pass; arrays come through `tf.data`."""
        dataset = self._dataset(source)
        return iter(dataset) if dataset is not None else source.epoch()

    def rows(self, source: Source) -> Iterator[Any] | None:
        """Which rows make each batch of a pass in the order of Keras' data set; None where the source says it."""
        if not isinstance(source, ArraySource) or source.shuffle is not True or source.endless:
            return None
        if id(source) not in self._orders:
            # One for all epochs, as in Keras: its shuffling goes on from epoch to epoch.
            self._orders[id(source)] = programs.make_orders(source.count)
        order = programs.next_order(self._orders[id(source)])
        return (order[place : place + source.size] for place in range(0, source.count, source.size))

    def _pass(self, phase: str, source: Source, hooks: Hooks) -> Pass | None:
        """One pass in graphs or over a data set; None if the batches must be handed to Keras one by one."""
        why = self._why_keras(source)
        self._tell(phase, hooks, why)
        if why is None:
            return _Run(self, phase, source, hooks, None).all()
        dataset = self._dataset(source)
        return self._run_single(phase, iter(dataset), source, hooks) if dataset is not None else None

    def _tell(self, phase: str, hooks: Hooks, why: str | None) -> None:
        if phase != "train" and self.model.execution_plan is not None:
            return
        by_step = hooks.interferer(phase)
        if why is None:
            plan = ExecutionPlan("tensorflow", "loop", MOST_STEPS, by_step, "a graph can take many batches in one call")
        else:
            plan = ExecutionPlan("tensorflow", "keras", 1, by_step, why)
        object.__setattr__(self.model, "execution_plan", plan)

    def _why_keras(self, source: Source) -> str | None:
        """Why steps must be left to Keras, or None."""
        if self.model._distribute_strategy is not None:
            return "the model is distributed by a strategy"
        if self.model.run_eagerly:
            return "the model runs eagerly"
        if isinstance(source, FrameworkSource):
            return "the data set is read by TensorFlow"
        for name in FUNCTIONS:
            if overrides(self.model, name):
                return f"{type(self.model).__name__} has a `{name}` of its own"
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


class _Run:
    """One pass: reads chunks, runs them in a graph, delivers what they returned."""

    def __init__(self, stepper: TensorFlowStepper, phase: str, source: Source, hooks: Hooks, outputs: Any) -> None:
        self.stepper = stepper
        self.phase = phase
        self.source = source
        self.hooks = hooks
        self.outputs = outputs
        self.steps = 0
        self.last: Logs | None = None
        self._reader = BatchReader(source, stepper.rows(source))
        self._by_step = hooks.interferer(phase)
        self._listens = hooks.listens(phase)
        self._key: Any = None

    def all(self) -> Pass:
        """Runs all batches of the pass, unless a callback stops it."""
        model, stop = self.stepper.model, STOP[self.phase]
        while (group := self._next_group()) and not getattr(model, stop):
            if self._loop is None:
                self._keras_step(group[0])
            else:
                self._execute(group)
        ended = not getattr(model, stop) and self.source.steps is not None and self.steps < self.source.steps
        return Pass(self.steps, self.last, ended=ended)

    def _next_group(self) -> list[Any]:
        item = self._reader.peek()
        if item is None:
            return []
        self._decide(item)
        arrays = isinstance(self.source, ArraySource)
        if self._loop is None or (self._by_step and not arrays):
            return self._reader.group(1)
        if self._by_step:
            return self._reader.group(self._room)
        return self._reader.group(steps_within(self.stepper.loops.paces.get(self._key), self._room))

    def _decide(self, item: Any) -> None:
        """Finds the graph for batches like this one."""
        batch = self._reader.batch(item)
        dense = programs.is_dense(batch)
        key = (self.phase, programs.batch_key(batch)) if dense else None
        if key is not None and self._key is not None and key == self._key[:2]:
            return
        self._batch = batch
        self._room = self._steps_in_chunk(batch) if dense else 1
        self._key = None if key is None else (*key, self._room)
        loops, model = self.stepper.loops, self.stepper.model
        self._loop = loops.find(model, self.phase, batch, self._room) if dense else None

    def _steps_in_chunk(self, batch: Any) -> int:
        """Steps that a chunk has room for."""
        source, size = self.source, programs.batch_bytes(batch)
        if not isinstance(source, ArraySource):
            return chunk_limit(source.steps, size, most=MOST_STREAM_STEPS, most_bytes=MOST_BYTES)
        if batch_samples(batch) != source.batch_size:
            return 1
        steps = source.steps if source.endless else source.count // source.size
        return chunk_limit(steps, size, most=MOST_STEPS, most_bytes=MOST_BYTES)

    def _execute(self, group: list[Any]) -> None:
        chunk = programs.to_device(self._reader.chunk(group, self._room))
        samples = self._reader.samples(group[0])
        if not self._by_step:
            self._execute_steps(chunk, 0, len(group), samples)
            return
        for place in range(len(group)):
            self.hooks.batch_begin(self.phase, self.steps, samples)
            self._execute_steps(chunk, place, 1, samples)
            if getattr(self.stepper.model, STOP[self.phase]):
                return

    def _execute_steps(self, chunk: Any, first: int, number: int, samples: int) -> None:
        loops, started = self.stepper.loops, time.perf_counter()
        made = loops.run(self.stepper.model, self.phase, self._batch, chunk, first, number, self._room)
        if self._key not in loops.paces:
            # The first call traced and compiled the graph; it says nothing about the pace.
            loops.paces[self._key] = 0.0
        elif not self._by_step:
            loops.paces[self._key] = (time.perf_counter() - started) / number
        done, self.steps = self.steps, self.steps + number
        if self.outputs is not None:
            part = slice(first, first + number)
            self.outputs.append(tree.map_structure(lambda array: _join_steps(array[part]), made))
        else:
            self.last = _row(made, first + number - 1)
        for place in range(number if self._listens else 0):
            if not self._by_step:
                self.hooks.batch_begin(self.phase, done + place, samples)
            self.hooks.batch_end(self.phase, done + place, samples, partial(self._logs, made, first + place))
        if not self._listens:
            self.hooks.show(self.phase, self.steps, partial(_row, made, first + number - 1))

    def _keras_step(self, item: Any) -> None:
        """One step by Keras, for a batch that no graph takes."""
        batch, step = self._reader.batch(item), self.steps
        samples = batch_samples(batch)
        self.hooks.batch_begin(self.phase, step, samples)
        self.steps += 1
        if self.outputs is not None:
            made = to_numpy(self.stepper.predict_step(batch))
            self.outputs.append(made)
            self.hooks.batch_end(self.phase, step, samples, lambda: {"outputs": made})
            return
        run = self.stepper.train_step if self.phase == "train" else self.stepper.test_step
        logs = run(batch)
        self.last = logs
        self.hooks.batch_end(self.phase, step, samples, partial(python_logs, logs))

    def _logs(self, made: Any, place: int) -> Logs:
        if self.outputs is not None:
            return {"outputs": tree.map_structure(lambda array: array[place], made)}
        return python_logs(_row(made, place))


def _row(made: Any, place: int) -> Logs:
    """Logs of one step of a chunk."""
    return {name: tree.map_structure(lambda value: value[place], values) for name, values in made.items()}


def _join_steps(array: Any) -> Any:
    """(steps, batch, ...) as (samples, ...)."""
    return array.reshape(-1, *array.shape[2:]) if array.ndim > 1 else array
