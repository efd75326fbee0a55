"""Steps on the JAX backend: many in one compiled call, or one by one where a callback may interfere.

Both ways run the same compiled program, so that their results are bit-identical. Models that no compiled program can
take (eager, distributed, NNX) go through Keras' own step functions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.engine.chunks import BatchReader
from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.engine.plan import ExecutionPlan, chunk_limit, steps_within
from kerascope.keras.model.engine.programs import jax as programs
from kerascope.keras.model.engine.state import KINDS, State, TakenVariables
from kerascope.keras.model.hooks import Hooks
from kerascope.keras.model.internals import is_nnx_enabled, tree
from kerascope.keras.model.prepare import Prepared
from kerascope.keras.model.sources import ArraySource, Source, batch_samples

STOP = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}
MOST_STEPS = 64
MOST_BYTES = 4 * 2**20
# Generators are not read far ahead of the step that is running.
MOST_STREAM_STEPS = 8


class JaxStepwiseStepper(StepwiseStepper):
    """One batch at a time; the state lives outside of the model during a pass, as in Keras."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self._state: Any = None
        self._variables: TakenVariables | None = None

    @contextmanager
    def opened(self, phase: str) -> Iterator[None]:
        """Takes the state out of the model, and puts it back at the end."""
        # A callback may call this in the middle of a pass that holds the state.
        self.model.jax_state_sync()
        self.model._jax_state_synced = True
        try:
            yield
        finally:
            if self._variables is not None and not self.model._jax_state_synced:
                self._variables.give_back(self._state)
            self.model._jax_state_synced = True
            self.model._jax_state = None
            self._state = self._variables = None

    def train_step(self, batch: Any) -> Any:
        """Trains on one batch."""
        return self._step("train", self.model.train_function, batch)

    def test_step(self, batch: Any) -> Any:
        """Evaluates one batch."""
        return self._step("test", self.model.test_function, batch)

    def predict_step(self, batch: Any) -> Any:
        """Returns the outputs of one batch."""
        return self._step("predict", self.model.predict_function, batch)

    def take_state(self, phase: str) -> Any:
        """The state of the model, taken out of it unless a pass already holds it."""
        if self.model._jax_state_synced:
            self._variables = TakenVariables(self.model, phase)
            # Published before the first step, so that a step that fails leaves the model its weights.
            self.publish(phase, self.plain(self._variables.take()))
        return self._state

    def plain(self, state: State) -> State:
        """A state as the programs of this stepper take it."""
        return state

    def publish(self, phase: str, state: Any) -> None:
        """Lets callbacks that ask for the model find this state in it."""
        self._state = state
        # Past the attribute tracking of Keras, which would look at every array of the state in every step.
        object.__setattr__(self.model, "_jax_state", dict(zip(KINDS[phase], state, strict=True)))
        object.__setattr__(self.model, "_jax_state_synced", False)

    def _step(self, phase: str, function: Any, batch: Any) -> Any:
        made, state = function(self.take_state(phase), iter([distribute(batch)]))
        self.publish(phase, state)
        return made


@dataclass
class Done:
    """Steps that were started and whose results nobody has looked at yet."""

    first: int
    place: int
    number: int
    samples: int
    made: Any
    started: float


class JaxStepper(JaxStepwiseStepper):
    """Runs compiled programs over chunks of batches."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        if model._engine_cache is None:
            object.__setattr__(model, "_engine_cache", programs.Programs(model))
        self.programs: programs.Programs = model._engine_cache

    def plain(self, state: State) -> State:
        """A state without weakly typed scalars, as loops return it."""
        return programs.strong(state)

    def begin_fit(self, source: Source, hooks: Hooks) -> None:
        """Puts data that fits onto an accelerator once for all epochs."""
        if not isinstance(source, ArraySource) or not programs.on_accelerator():
            return
        batch = source.data.batch
        if programs.is_dense(batch) and programs.batch_bytes(batch) <= programs.device_room_bytes():
            x, y, weights = programs.to_device(batch)
            source.data = Prepared(x, y, weights, source.data.samples)

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains on the batches of one epoch."""
        return self._pass("train", source, hooks, None)

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates on the batches of one pass."""
        return self._pass("test", source, hooks, None)

    def predict(self, source: Source, hooks: Hooks) -> Any:
        """Returns the outputs for the batches of one pass."""
        outputs: list[Any] = []
        self._pass("predict", source, hooks, outputs)
        source.end_epoch()
        if not outputs:
            raise ValueError("There is nothing to predict: the data gave no batch.")
        if len(outputs) == 1:
            return tree.map_structure(np.array, outputs[0])
        return tree.map_structure(lambda *parts: np.concatenate(parts), *outputs)

    def one_batch(self, phase: str, batch: Any) -> Any:
        """Trains on or evaluates one batch with a program that may already exist for `fit`."""
        if not programs.is_dense(batch):
            return super().one_batch(phase, batch)
        with self.opened(phase):
            state = self.take_state(phase)
            key = programs.batch_key(batch)
            form, _ = self.programs.form(phase, key, state, batch, 1)
            if form == "step":
                made, state = self.programs.step(phase)(state, batch)
                self.publish(phase, self.plain(state))
                return made
            room = self.programs.known_chunk(phase, key) or 1
            chunk = tree.map_structure(partial(_alone, room), batch)
            kept, state = self.programs.loop(phase, key, room)(state, chunk, 0, 1)
            self.publish(phase, state)
            return tree.map_structure(lambda values: values[0], programs.fetch(kept))

    def _pass(self, phase: str, source: Source, hooks: Hooks, outputs: list[Any] | None) -> Pass:
        reader = BatchReader(source)
        run = _Run(self, phase, reader, source, hooks, outputs)
        with self.opened(phase):
            while (group := run.next_group()) and not getattr(self.model, STOP[phase]):
                run.execute(group)
            run.finish()
        stopped = getattr(self.model, STOP[phase])
        ended = not stopped and source.steps is not None and run.steps < source.steps
        return Pass(run.steps, run.last, ended, final=_logs_metrics(self.model, phase))


class _Run:
    """One pass: reads chunks, executes them, delivers what they returned."""

    def __init__(
        self, stepper: JaxStepper, phase: str, reader: BatchReader, source: Source, hooks: Hooks, outputs: Any
    ) -> None:
        self.stepper = stepper
        self.phase = phase
        self.reader = reader
        self.source = source
        self.hooks = hooks
        self.outputs = outputs
        self.steps = 0
        self.last: Any = None
        self.by_step = hooks.interferer(phase)
        self.listens = hooks.listens(phase)
        self._waiting: list[Done] = []
        self._limit = 1
        self._finished_s = time.perf_counter()

    def next_group(self) -> list[Any]:
        """The next batches of equal shape, as many as may run in one call."""
        item = self.reader.peek()
        if item is None:
            return []
        self._decide(item)
        if self.phase == "train" and self.room > 1 and self.stepper.programs.is_doubtful():
            self._reconsider(item)
        arrays = isinstance(self.source, ArraySource)
        if self.by_step and not arrays:
            return self.reader.group(1)
        if self.by_step:
            return self.reader.group(self.room)
        return self.reader.group(steps_within(self.stepper.programs.paces.get(self._pace_key), self._limit))

    def execute(self, group: list[Any]) -> None:
        """Runs the steps of a group."""
        if self.form == "step":
            for item in group:
                self._execute_one(self.reader.batch(item), self.reader.samples(item))
                if self._stopped():
                    return
        elif self.by_step:
            self._execute_singly(group)
        else:
            chunk = self.reader.chunk(group, self.room)
            self._execute_chunk(chunk, 0, len(group), self.reader.samples(group[0]))

    def finish(self) -> None:
        """Delivers what is still waiting."""
        self._deliver(0)

    def _decide(self, item: Any) -> None:
        """Chooses the program for batches like this one."""
        batch = self._dense_batch(item)
        key = programs.batch_key(batch)
        if key == getattr(self, "key", None):
            return
        self.key = key
        self._pace_key = (self.phase, key)
        state = self.stepper.take_state(self.phase)
        self.room = self._room(batch)
        self._take_form(*self.stepper.programs.form(self.phase, key, state, batch, self.room))

    def _reconsider(self, item: Any) -> None:
        """Changes the form if the other one has proved faster and equal, bit by bit."""
        self._deliver(0)
        state = self.stepper.take_state(self.phase)
        batch = self._dense_batch(item)
        self._take_form(*self.stepper.programs.reconsider(self.phase, self.key, state, batch, self.room))
        self._finished_s = time.perf_counter()

    def _take_form(self, form: str, reason: str) -> None:
        self.form = form
        self._limit = MOST_STEPS if form == "step" else self.room
        model = self.stepper.model
        if (self.steps == 0 or self.room > 1) and (self.phase == "train" or model.execution_plan is None):
            most = self.room if form == "loop" else 1
            plan = ExecutionPlan("jax", form, most, self.by_step, reason)  # type: ignore[arg-type]
            object.__setattr__(model, "execution_plan", plan)

    def _dense_batch(self, item: Any) -> Any:
        batch = self.reader.batch(item)
        if programs.is_dense(batch):
            return batch
        return tree.map_structure(lambda leaf: None if leaf is None else np.asarray(leaf), batch)

    def _room(self, batch: Any) -> int:
        """Steps that a chunk has room for."""
        full = batch_samples(batch) == self.source.batch_size
        if isinstance(self.source, ArraySource):
            steps = self.source.count // self.source.size if full and not self.source.endless else self.source.steps
            if not full:
                return 1
            return chunk_limit(steps, programs.batch_bytes(batch), most=MOST_STEPS, most_bytes=MOST_BYTES)
        known = self.stepper.programs.known_chunk(self.phase, self.key)
        limit = chunk_limit(
            self.source.steps, programs.batch_bytes(batch), most=MOST_STREAM_STEPS, most_bytes=MOST_BYTES
        )
        return known if known is not None and known <= MOST_STREAM_STEPS else limit

    def _execute_one(self, batch: Any, samples: int) -> None:
        """One step of the step form."""
        stepper = self.stepper
        started = time.perf_counter()
        if self.by_step:
            self.hooks.batch_begin(self.phase, self.steps, samples)
        state = stepper.take_state(self.phase)
        made, state = stepper.programs.step(self.phase)(state, batch)
        self._started(Done(self.steps, -1, 1, samples, made, started), stepper.plain(state))

    def _execute_singly(self, group: list[Any]) -> None:
        """The steps of a chunk one by one, each between its hooks."""
        chunk = programs.to_device(self.reader.chunk(group, self.room))
        samples = self.reader.samples(group[0])
        for place in range(len(group)):
            self.hooks.batch_begin(self.phase, self.steps, samples)
            self._execute_chunk(chunk, place, 1, samples)
            if self._stopped():
                return

    def _execute_chunk(self, chunk: Any, place: int, number: int, samples: int) -> None:
        stepper = self.stepper
        started = time.perf_counter()
        state = stepper.take_state(self.phase)
        loop = stepper.programs.loop(self.phase, self.key, self.room)
        kept, state = loop(state, chunk, place, number)
        self._started(Done(self.steps, place, number, samples, kept, started), state)

    def _started(self, done: Done, state: Any) -> None:
        self.stepper.publish(self.phase, state)
        self.steps += done.number
        self._waiting.append(done)
        if self.by_step:
            self._deliver(0)
        else:
            # While a chunk runs, the next one is cut and hooks are called for the last one.
            # Steps of the step form are short; several may be under way.
            self._deliver(1 if self.form == "loop" else 32)

    def _deliver(self, leave: int) -> None:
        """Looks at the results of all steps but the last `leave`."""
        while len(self._waiting) > leave:
            done = self._waiting.pop(0)
            programs.wait_for(done.made)
            self._measure(done)
            self._hand_over(done)

    def _measure(self, done: Done) -> None:
        """Keeps the pace of steps like these, so that a chunk takes no longer than it may."""
        now = time.perf_counter()
        took = (now - max(done.started, self._finished_s)) / done.number
        self._finished_s = now
        paces = self.stepper.programs.paces
        if self.phase == "train":
            self.stepper.programs.took(took * done.number, first=self._pace_key not in paces)
        if self._pace_key not in paces:
            # The first call compiled the program; it says nothing about the pace.
            paces[self._pace_key] = 0.0
        elif not self.by_step:
            before = paces[self._pace_key]
            paces[self._pace_key] = took if not before else 0.7 * before + 0.3 * took

    def _hand_over(self, done: Done) -> None:
        hooks, phase = self.hooks, self.phase
        place = done.place + done.number - 1
        if self.outputs is not None:
            self._collect(done)
        else:
            self.last = done.made if done.place < 0 else _LastOf(done.made, place)
        if self.listens:
            self._call_hooks(done)
        else:
            hooks.show(phase, done.first + done.number, lambda: _numbers(done.made, place))

    def _call_hooks(self, done: Done) -> None:
        values = programs.fetch(done.made)
        lists = None if self.outputs is not None else _columns(values, done)
        for number in range(done.number):
            step = done.first + number
            if not self.by_step:
                self.hooks.batch_begin(self.phase, step, done.samples)
            if lists is None:
                place = done.place + number
                made = values if done.place < 0 else tree.map_structure(partial(_at, place), values)
                self.hooks.batch_end(self.phase, step, done.samples, partial(_outputs, made))
            else:
                self.hooks.batch_end(self.phase, step, done.samples, partial(_row, lists, number))

    def _collect(self, done: Done) -> None:
        values = programs.fetch(done.made)
        if done.place >= 0:
            part = slice(done.place, done.place + done.number)
            values = tree.map_structure(lambda array: _join_steps(array[part]), values)
        self.outputs.append(values)

    def _stopped(self) -> bool:
        return bool(getattr(self.stepper.model, STOP[self.phase]))


class _LastOf(dict[str, Any]):
    """Logs of one step of a chunk, cut out only if somebody reads them."""

    def __init__(self, made: Any, place: int) -> None:
        super().__init__({name: _Cut(values, place) for name, values in made.items()})


class _Cut:
    """One row of the values of a chunk, as a number."""

    def __init__(self, values: Any, place: int) -> None:
        self._values = values
        self._place = place

    def __float__(self) -> float:
        return float(np.asarray(self._values)[self._place])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.asarray(np.asarray(self._values)[self._place], dtype=dtype)


def distribute(batch: Any) -> Any:
    """A batch on the devices of the running `keras.distribution`, if there is one."""
    if keras.distribution.distribution() is None:
        return batch
    from keras.src.backend.jax.trainer import _distribute_data

    # Keras' own helper cannot place what is not there.
    given = tuple(part for part in batch if part is not None) if isinstance(batch, tuple) else batch
    return _distribute_data(given)


def make_stepper(model: Any) -> JaxStepwiseStepper:
    """The stepper for a model: compiled programs where they can take it."""
    reason = _why_keras(model)
    if reason is None:
        return JaxStepper(model)
    object.__setattr__(model, "execution_plan", ExecutionPlan("jax", "keras", 1, None, reason))
    return JaxStepwiseStepper(model)


def _why_keras(model: Any) -> str | None:
    if keras.distribution.distribution() is not None:
        return "the variables are distributed (`keras.distribution`)"
    if model.compiled and (model.run_eagerly or not model.jit_compile):
        return "the model is not compiled by XLA (`run_eagerly` or `jit_compile=False`)"
    if is_nnx_enabled():
        return "NNX is on"
    kind = type(model)
    for name in ("make_train_function", "make_test_function", "make_predict_function"):
        if getattr(kind, name) is not getattr(keras.Model, name):
            return f"the model has a `{name}` of its own"
    return None


def _logs_metrics(model: Any, phase: str) -> bool:
    """Whether each step returns the values of all metrics after it, as Keras' own steps do."""
    kind = type(model)
    return all(getattr(kind, name) is getattr(keras.Model, name) for name in (f"{phase}_step", "compute_metrics"))


def _alone(room: int, array: Any) -> Any:
    """A chunk that holds one batch and has room for more."""
    if array is None:
        return None
    if room == 1:
        return array[None]
    made = np.zeros((room, *array.shape), array.dtype)
    made[0] = array
    return made


def _columns(values: Any, done: Done) -> dict[str, list[Any]]:
    """Logs of a chunk by name, a list with one value per step."""
    columns: dict[str, list[Any]] = {}
    for name, array in values.items():
        if isinstance(array, dict):
            columns.update(_columns(array, done))
            continue
        array = np.asarray(array)
        part = array[None] if done.place < 0 else array[done.place : done.place + done.number]
        columns[name] = part.tolist() if part.ndim == 1 else list(part)
    return columns


def _row(columns: dict[str, list[Any]], number: int) -> dict[str, Any]:
    return {name: values[number] for name, values in columns.items()}


def _numbers(made: Any, place: int) -> dict[str, Any]:
    """Logs of one step for the progress bar."""
    if place < 0:
        return dict(programs.fetch(made))
    return {name: np.asarray(values)[place] for name, values in made.items() if not isinstance(values, dict)}


def _at(place: int, array: Any) -> Any:
    return array[place]


def _outputs(made: Any) -> dict[str, Any]:
    return {"outputs": made}


def _join_steps(array: Any) -> Any:
    """(steps, batch, ...) as (samples, ...)."""
    return np.asarray(array).reshape(-1, *array.shape[2:]) if array.ndim > 1 else np.asarray(array)
