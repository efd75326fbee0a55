"""Steps on the JAX backend: many in one compiled call, or one by one where a callback may interfere.

Both ways run the same compiled program, so that their results are bit-identical. Models that no compiled program can
take (eager, distributed, NNX) go through Keras' own step functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.engine.default import StepwiseStepper
from kerascope.keras.model.engine.loop import Pass
from kerascope.keras.model.engine.passes.jax import ChunkedPass
from kerascope.keras.model.engine.plan import ExecutionPlan
from kerascope.keras.model.engine.programs import jax as programs
from kerascope.keras.model.engine.state import KINDS, State, TakenVariables
from kerascope.keras.model.hooks import Hooks
from kerascope.keras.model.internals import is_nnx_enabled, overrides, tree
from kerascope.keras.model.prepare import Prepared
from kerascope.keras.model.sources import ArraySource, Source


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


class JaxStepper(JaxStepwiseStepper):
    """Runs compiled programs over chunks of batches."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        if model._engine_cache is None:
            object.__setattr__(model, "_engine_cache", programs.Programs(model))
        self.programs: programs.Programs = model._engine_cache

    def plain(self, state: State) -> State:
        """A state without weakly typed scalars, as the programs return it."""
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
                self.publish(phase, state)
                return made
            room = self.programs.known_chunk(phase, key) or 1
            chunk = tree.map_structure(partial(_alone, room), batch)
            kept, state = self.programs.loop(phase, key, room)(state, chunk, 0, 1)
            self.publish(phase, state)
            return tree.map_structure(lambda values: values[0], programs.fetch(kept))

    def _pass(self, phase: str, source: Source, hooks: Hooks, outputs: list[Any] | None) -> Pass:
        run = ChunkedPass(self, phase, source, hooks, outputs)
        with self.opened(phase):
            run.to_the_end()
        ended = not run.is_stopped() and source.steps is not None and run.steps < source.steps
        return Pass(run.steps, run.last, ended, final=_logs_metrics(self.model, phase))


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
    return not any(overrides(model, name) for name in (f"{phase}_step", "compute_metrics"))


def _alone(room: int, array: Any) -> Any:
    """A chunk that holds one batch and has room for more."""
    if array is None:
        return None
    if room == 1:
        return array[None]
    made = np.zeros((room, *array.shape), array.dtype)
    made[0] = array
    return made
