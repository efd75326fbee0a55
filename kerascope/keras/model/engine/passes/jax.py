"""One pass over batches on the JAX backend: reads chunks, has programs run them, delivers what each step returned.

What was started is delivered while the next steps run: to callbacks with batch hooks, to the progress bar, or to the
outputs of `predict`. A callback that may interfere gets its batches one by one.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from kerascope.keras.model.engine.chunks import BatchReader
from kerascope.keras.model.engine.plan import ExecutionPlan, chunk_limit, steps_within
from kerascope.keras.model.engine.programs import jax as programs
from kerascope.keras.model.hooks import Hooks
from kerascope.keras.model.internals import tree
from kerascope.keras.model.sources import ArraySource, Source, batch_samples

STOP = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}
MOST_STEPS = 64
MOST_BYTES = 4 * 2**20
# Generators are not read far ahead of the step that is running.
MOST_STREAM_STEPS = 8
MOST_UNDER_WAY = 32


class Holder(Protocol):
    """Who holds the state of the model during a pass."""

    model: Any
    programs: programs.Programs

    def take_state(self, phase: str) -> Any:
        """The state of the model, taken out of it unless a pass already holds it."""

    def publish(self, phase: str, state: Any) -> None:
        """Lets callbacks that ask for the model find this state in it."""


@dataclass
class Done:
    """Steps of one kind that were started and whose results nobody has looked at yet."""

    kind: Any
    first: int
    place: int
    number: int
    samples: int
    made: Any
    started: float


class ChunkedPass:
    """One pass over the batches of a source.

    Args:
        stepper: Holds the state and the programs of the model.
        phase: "train", "test" or "predict".
        source: Where the batches come from.
        hooks: The callbacks of the call.
        outputs: A list for the outputs of `predict`; None in other phases.
    """

    def __init__(self, stepper: Holder, phase: str, source: Source, hooks: Hooks, outputs: list[Any] | None) -> None:
        self.stepper = stepper
        self.phase = phase
        self.reader = BatchReader(source)
        self.source = source
        self.from_arrays = isinstance(source, ArraySource)
        self.hooks = hooks
        self.outputs = outputs
        self.steps = 0
        self.last: Any = None
        self.by_step = hooks.interferer(phase)
        self.listens = hooks.listens(phase)
        self._waiting: list[Done] = []
        self._decided: int | None = None
        self._limit = 1
        self._finished_s = time.perf_counter()

    def to_the_end(self) -> None:
        """Runs the steps of the pass, or as many as come before somebody stops it."""
        while (group := self._next_group()) and not self.is_stopped():
            self._execute(group)
        self._deliver(0)

    def is_stopped(self) -> bool:
        """Whether a callback has asked for an end."""
        return bool(getattr(self.stepper.model, STOP[self.phase]))

    def _next_group(self) -> list[Any]:
        """The next batches of equal shape, as many as may run in one call."""
        item = self.reader.peek()
        if item is None:
            return []
        self._decide(item)
        if self.phase == "train" and self.room > 1 and self.stepper.programs.is_doubtful():
            self._reconsider(item)
        if self.by_step and not self.from_arrays:
            return self.reader.group(1)
        if self.by_step:
            return self.reader.group(self.room)
        return self.reader.group(steps_within(self.stepper.programs.paces.get(self._kind), self._limit))

    def _execute(self, group: list[Any]) -> None:
        """Runs the steps of a group."""
        if self.form == "step":
            for item in group:
                self._execute_one(self.reader.batch(item), self.reader.samples(item))
                if self.is_stopped():
                    return
        elif self.by_step:
            self._execute_singly(group)
        else:
            chunk = self.reader.chunk(group, self.room)
            self._execute_chunk(chunk, 0, len(group), self.reader.samples(group[0]))

    def _decide(self, item: Any) -> None:
        """Chooses the program for batches like this one."""
        samples = self.reader.samples(item)
        if self.from_arrays and samples == self._decided:
            return  # Batches of arrays differ in nothing but their size, so none is cut only to be looked at.
        self._decided = samples
        batch = self._dense_batch(item)
        key = programs.batch_key(batch)
        if key == getattr(self, "key", None):
            return
        self.key = key
        self._kind = (self.phase, key)
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
        self._started(Done(self._kind, self.steps, -1, 1, samples, made, started), state)

    def _execute_singly(self, group: list[Any]) -> None:
        """The steps of a chunk one by one, each between its hooks."""
        chunk = programs.to_device(self.reader.chunk(group, self.room))
        samples = self.reader.samples(group[0])
        for place in range(len(group)):
            self.hooks.batch_begin(self.phase, self.steps, samples)
            self._execute_chunk(chunk, place, 1, samples)
            if self.is_stopped():
                return

    def _execute_chunk(self, chunk: Any, place: int, number: int, samples: int) -> None:
        stepper = self.stepper
        started = time.perf_counter()
        state = stepper.take_state(self.phase)
        loop = stepper.programs.loop(self.phase, self.key, self.room)
        kept, state = loop(state, chunk, place, number)
        self._started(Done(self._kind, self.steps, place, number, samples, kept, started), state)

    def _started(self, done: Done, state: Any) -> None:
        self.stepper.publish(self.phase, state)
        self.steps += done.number
        self._waiting.append(done)
        if self.by_step:
            self._deliver(0)
        elif self.form == "loop":
            # While a chunk runs, the next one is cut and hooks are called for the last one.
            self._deliver(1)
        elif len(self._waiting) >= (most := self._most_under_way()):
            # Steps are short; waiting for each of them would take time from those that run.
            self._deliver(most // 2)

    def _most_under_way(self) -> int:
        """Single steps that may run or wait at once; one until their pace is known."""
        pace = self.stepper.programs.paces.get(self._kind)
        return steps_within(pace, MOST_UNDER_WAY) if pace else 1

    def _deliver(self, leave: int) -> None:
        """Looks at the results of all steps but the last `leave`."""
        count = len(self._waiting) - leave
        ready, self._waiting = self._waiting[:count], self._waiting[count:]
        for kind, alike in itertools.groupby(ready, key=lambda done: done.kind):
            steps = list(alike)
            # Each step needs the state of the one before, so that all are done when the last one is.
            programs.wait_for(steps[-1].made)
            self._measure(kind, steps)
            for done in steps:
                self._hand_over(done)

    def _measure(self, kind: Any, steps: list[Done]) -> None:
        """Keeps the pace of steps like these, so that a chunk takes no longer than it may."""
        now = time.perf_counter()
        seconds = now - max(steps[0].started, self._finished_s)
        self._finished_s = now
        paces = self.stepper.programs.paces
        if self.phase == "train":
            self.stepper.programs.took(seconds, first=kind not in paces)
        if kind not in paces:
            # The first call compiled the program; it says nothing about the pace.
            paces[kind] = 0.0
        elif not self.by_step:
            took, before = seconds / sum(done.number for done in steps), paces[kind]
            paces[kind] = took if not before else 0.7 * before + 0.3 * took

    def _hand_over(self, done: Done) -> None:
        hooks, phase = self.hooks, self.phase
        place = done.place + done.number - 1
        if self.outputs is not None:
            self.outputs.append(_joined(done))
        else:
            self.last = done.made if done.place < 0 else _last_of(done.made, place)
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


def _last_of(made: dict[str, Any], place: int) -> dict[str, Any]:
    """Logs of one step of a chunk, cut out only if somebody reads them."""
    return {
        name: _last_of(values, place) if isinstance(values, dict) else _Cut(values, place)
        for name, values in made.items()
    }


class _Cut:
    """One row of the values of a chunk, as a number."""

    def __init__(self, values: Any, place: int) -> None:
        self._values = values
        self._place = place

    def __float__(self) -> float:
        return float(np.asarray(self._values)[self._place])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.asarray(np.asarray(self._values)[self._place], dtype=dtype)


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


def _joined(done: Done) -> Any:
    """The outputs of some steps, samples first."""
    values = programs.fetch(done.made)
    if done.place < 0:
        return values
    part = slice(done.place, done.place + done.number)
    return tree.map_structure(lambda array: _join_steps(array[part]), values)


def _join_steps(array: Any) -> Any:
    """(steps, batch, ...) as (samples, ...)."""
    return np.asarray(array).reshape(-1, *array.shape[2:]) if array.ndim > 1 else np.asarray(array)
