"""Compiled JAX programs of one model: a step, and a loop of steps over a chunk of batches.

The loop takes its trip count as an argument, so that one program runs any number of steps of a chunk, one included.
That is what makes chunks and single steps bit-identical: they are the same machine code. Programs live as long as
what was compiled (`Model.compile` starts anew) and serve `fit`, `evaluate`, `predict` and the `*_on_batch` methods.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from kerascope.keras.model.engine.state import State

# Operations that have been seen to be many times slower inside a compiled loop: with them, training starts with steps.
SLOW_IN_LOOPS = frozenset({"conv_general_dilated"})
# With these (and those) it is not known which form is faster: the other one is tried once that has paid for itself.
DOUBTFUL = SLOW_IN_LOOPS | {"scan", "while"}
# The other form is compiled and tried after so many times the compilation of the first has gone into training.
PAYBACK = 5.0
# A change of form must be worth this much.
MARGIN = 0.05
ROUNDS = 4
_TRIALS: dict[Any, Trial] = {}
CACHE_VARIABLE = "KERASCOPE_COMPILE_CACHE"

Step = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Trial:
    """What running the same few steps in both forms has shown.

    Attributes:
        slowdown: Time of the loop over that of single steps.
        same_bits: Whether both forms gave the same state, bit by bit.
    """

    slowdown: float
    same_bits: bool

    def verdict(self, form: str) -> tuple[str, str]:
        """The form to go on with, and why. A form that gives other bits is never changed to."""
        measured = f"a compiled loop takes {self.slowdown:.2f} times as long as single steps (measured)"
        if abs(self.slowdown - 1.0) < MARGIN:
            return form, f"{measured}, which is not worth a change"
        better = "step" if self.slowdown > 1.0 else "loop"
        if better != form and not self.same_bits:
            return form, f"{measured}, but the other form would change the last bits of the results"
        return better, measured


class Programs:
    """The programs of one compiled model.

    Args:
        model: The model whose `train_step`, `test_step` and `predict_step` are run.
    """

    def __init__(self, model: Any) -> None:
        use_compilation_cache()
        self._steps: dict[str, Any] = {
            phase: jax.jit(_step_function(model, phase), donate_argnums=0) for phase in ("train", "test", "predict")
        }
        self._loops: dict[Any, Any] = {}
        self._chunks: dict[Any, int] = {}
        self._form: tuple[str, str] | None = None
        self._single_forms: dict[Any, tuple[str, str]] = {}  # chosen for batches that are alone in their epoch
        self._make: Any = None
        self._compiled_s = 0.0
        self._worked_s = 0.0
        self.paces: dict[Any, float] = {}

    def step(self, phase: str) -> Any:
        """The program of one step: (state, batch) to (logs or outputs, state)."""
        return self._steps[phase]

    def loop(self, phase: str, key: Any, chunk: int) -> Any:
        """The program of many steps: (state, batches, first, number) to (logs or outputs by step, state)."""
        made = self._loops.get((phase, key, chunk))
        if made is None:
            made = jax.jit(make_loop(self._steps[phase], chunk), donate_argnums=0)
            self._loops[phase, key, chunk] = made
            self._chunks[phase, key] = chunk
        return made

    def known_chunk(self, phase: str, key: Any) -> int | None:
        """Size of a loop program that exists for batches of this kind."""
        return self._chunks.get((phase, key))

    def form(self, phase: str, key: Any, state: Any, batch: Any, room: int) -> tuple[str, str]:
        """Whether the steps of this model run in a loop or one by one, and why. Chosen once, for all phases.

        What is chosen here needs one compilation, as in Keras; `reconsider` may change it later.

        Args:
            phase: "train", "test" or "predict".
            key: Kind of the batch.
            state: State of the model; left as it is.
            batch: A batch.
            room: Steps that a chunk has room for.
        """
        found = self._form or (self._single_forms.get((phase, key)) if room == 1 else None)
        if found is not None:
            return found
        found = self._choose(phase, key, state, batch, room)
        if room > 1:
            self._form = found
        else:
            self._single_forms[phase, key] = found
        return found

    def took(self, seconds: float, *, first: bool) -> None:
        """Counts the time of training steps; the first call of a program compiled it."""
        if first:
            self._compiled_s += seconds
        else:
            self._worked_s += seconds

    def is_doubtful(self) -> bool:
        """Whether trying the other form costs little beside the training done so far."""
        return self._make is not None and self._worked_s > PAYBACK * self._compiled_s

    def reconsider(self, phase: str, key: Any, state: Any, batch: Any, room: int) -> tuple[str, str]:
        """Tries both forms on copies of the state and returns the form to go on with, and why.

        Args:
            phase: As for `form`.
            key: As for `form`.
            state: As for `form`.
            batch: As for `form`.
            room: As for `form`; more than 1.
        """
        make, self._make = self._make, None
        if make not in _TRIALS:
            _TRIALS[make] = self._try(phase, key, state, batch, room)
        form, _ = self.form(phase, key, state, batch, room)
        self._form = _TRIALS[make].verdict(form)
        return self._form

    def _choose(self, phase: str, key: Any, state: Any, batch: Any, room: int) -> tuple[str, str]:
        traced = self._steps[phase].trace(state, batch)
        if not _keeps_shape(traced, state):
            return "step", "the state of this model changes its shape from step to step"
        operations = tuple(_operations(traced.jaxpr.jaxpr))
        doubts = sorted(DOUBTFUL & set(operations))
        if not doubts:
            return "loop", "nothing in this model is known to be slower inside a compiled loop"
        form = "step" if SLOW_IN_LOOPS & set(doubts) else "loop"
        if room == 1:
            return form, "an epoch has one step of this shape"
        make = (phase, key, batch_key(state), operations)
        if make in _TRIALS:
            return _TRIALS[make].verdict(form)
        if phase == "train":
            self._make = make
        return form, f"this is mostly the faster form with {', '.join(doubts)}; a long training will try the other"

    def _try(self, phase: str, key: Any, state: Any, batch: Any, room: int) -> Trial:
        """Runs the same few steps in both forms, on copies of the state."""
        number = min(room, 4)
        chunk = jax.tree_util.tree_map(lambda array: np.broadcast_to(array, (room, *array.shape)).copy(), batch)
        held = [_copy(state), _copy(state)]
        loop, step = self.loop(phase, key, room), self._steps[phase]

        def in_loop() -> Any:
            made, held[0] = loop(held[0], chunk, 0, number)
            return made

        def one_by_one() -> Any:
            made = None
            for _ in range(number):
                made, held[1] = step(held[1], batch)
            return made

        looped, single = _best_s((in_loop, one_by_one))
        same = jax.tree_util.tree_map(lambda one, two: np.array_equal(one, two, equal_nan=True), *fetch(held))
        return Trial(looped / max(single, 1e-9), all(jax.tree_util.tree_leaves(same)))


def make_loop(step: Step, chunk: int) -> Callable[[Any, Any, Any, Any], tuple[Any, Any]]:
    """Returns a function that runs `step` on some of the batches of a chunk and keeps what each step returned."""

    def loop(state: Any, batches: Any, first: Any, number: Any) -> tuple[Any, Any]:
        example = jax.tree_util.tree_map(lambda array: array[0], batches)
        made_shape, _ = jax.eval_shape(step, state, example)
        kept = jax.tree_util.tree_map(lambda leaf: jnp.zeros((chunk, *leaf.shape), leaf.dtype), made_shape)

        def body(place: Any, carry: tuple[Any, Any]) -> tuple[Any, Any]:
            before, kept = carry
            batch = jax.tree_util.tree_map(
                lambda array: lax.dynamic_index_in_dim(array, place, keepdims=False), batches
            )
            made, after = step(before, batch)
            after = jax.tree_util.tree_map(lambda new, old: lax.convert_element_type(new, old.dtype), after, before)
            kept = jax.tree_util.tree_map(
                lambda buffer, leaf: lax.dynamic_update_index_in_dim(buffer, leaf, place, 0), kept, made
            )
            return after, kept

        state, kept = lax.fori_loop(first, first + number, body, (state, kept))
        return kept, state

    return loop


def strong(state: State) -> State:
    """A state without weakly typed scalars, which would compile everything twice."""
    leaves, structure = jax.tree_util.tree_flatten(state)
    weak = [getattr(leaf, "weak_type", False) for leaf in leaves]
    if not any(weak):
        return state
    converted: State = jax.tree_util.tree_unflatten(
        structure,
        [
            lax.convert_element_type(leaf, leaf.dtype) if is_weak else leaf
            for leaf, is_weak in zip(leaves, weak, strict=True)
        ],
    )
    return converted


def batch_key(batch: Any) -> Any:
    """What programs are told apart by: container, shapes and types of a batch."""
    leaves, structure = jax.tree_util.tree_flatten(batch)
    return structure, tuple((tuple(leaf.shape), str(leaf.dtype)) for leaf in leaves)


def is_dense(batch: Any) -> bool:
    """Whether all arrays of a batch can be stacked."""
    return all(isinstance(leaf, np.ndarray | jax.Array) for leaf in jax.tree_util.tree_leaves(batch))


def batch_bytes(batch: Any) -> int:
    """Size of the arrays of a batch."""
    return sum(int(leaf.nbytes) for leaf in jax.tree_util.tree_leaves(batch))


def on_accelerator() -> bool:
    """Whether arrays have to be copied to reach the device."""
    return bool(jax.default_backend() != "cpu")


def device_room_bytes() -> int:
    """How much data may stay on the device for a whole `fit`: a quarter of what is free."""
    stats = jax.local_devices()[0].memory_stats() or {}
    free = int(stats.get("bytes_limit", 0)) - int(stats.get("bytes_in_use", 0))
    return max(0, free // 4)


def to_device(data: Any) -> Any:
    """Arrays on the device."""
    return jax.device_put(data)


def wait_for(values: Any) -> None:
    """Returns when the values are computed."""
    jax.block_until_ready(values)


def fetch(values: Any) -> Any:
    """Values as NumPy arrays, in one transfer."""
    return jax.device_get(values)


def use_compilation_cache() -> None:
    """Keeps compiled programs on disk between processes, if `KERASCOPE_COMPILE_CACHE` names a folder."""
    folder = os.environ.get(CACHE_VARIABLE)
    if folder and jax.config.jax_compilation_cache_dir != folder:
        jax.config.update("jax_compilation_cache_dir", folder)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _keeps_shape(traced: Any, state: Any) -> bool:
    _, after = traced.out_info
    same = jax.tree_util.tree_map(lambda new, old: new.shape == old.shape, after, state)
    return all(jax.tree_util.tree_leaves(same))


def _best_s(runs: tuple[Callable[[], Any], ...]) -> list[float]:
    """The shortest time of each run; they take turns, so that load on the machine hits all of them."""
    for run in runs:
        jax.block_until_ready(run())
    best = [float("inf")] * len(runs)
    for _ in range(ROUNDS):
        for place, run in enumerate(runs):
            started = time.perf_counter()
            jax.block_until_ready(run())
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def _copy(state: Any) -> Any:
    return jax.tree_util.tree_map(lambda leaf: jnp.array(leaf, copy=True), state)


def _operations(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for value in equation.params.values():
            for inner in value if isinstance(value, list | tuple) else [value]:
                nested = getattr(inner, "jaxpr", inner)
                if hasattr(nested, "eqns"):
                    yield from _operations(nested)


def _step_function(model: Any, phase: str) -> Step:
    run = {"train": model.train_step, "test": model.test_step, "predict": partial(_predict, model)}[phase]

    def step(state: Any, batch: Any) -> tuple[Any, Any]:
        made, after = run(state, batch)
        return made, strong(after)

    return step


def _predict(model: Any, state: Any, batch: Any) -> tuple[Any, Any]:
    outputs, non_trainable = model.predict_step(state, batch)
    return outputs, (state[0], non_trainable)
