"""TensorFlow graphs of one model that take many batches from an iterator in one call.

The number of steps is an argument of the graph, so that one graph runs any number; what every step returned comes
back stacked. The graph of a single step is traced once and called from the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def make_loop(model: Any, phase: str) -> Callable[[Any, Any], Any]:
    """Returns a graph function: (iterator, number of steps) to logs stacked by step, or outputs joined by sample.

    Args:
        model: The model whose step is run.
        phase: "train", "test" or "predict".
    """
    step = {"train": model.train_step, "test": model.test_step, "predict": model.predict_step}[phase]

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def one_step(data: Any) -> Any:
        return step(_without_optionals(data))

    one = tf.function(one_step, reduce_retracing=True, jit_compile=bool(model.jit_compile))
    join = phase == "predict"

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def run(iterator: Any, number: Any) -> Any:
        first = one(iterator.get_next())
        flat = tf.nest.flatten(first)
        kept = [_array(value, number, join).write(0, value) for value in flat]

        def body(place: Any, kept: Any) -> Any:
            made = tf.nest.flatten(one(iterator.get_next()))
            return place + 1, [array.write(place, value) for array, value in zip(kept, made, strict=True)]

        _, kept = tf.while_loop(lambda place, _: place < number, body, (tf.constant(1), kept), parallel_iterations=1)
        return tf.nest.pack_sequence_as(first, [array.concat() if join else array.stack() for array in kept])

    return tf.function(run, reduce_retracing=True)  # type: ignore[no-any-return]


def steps(number: int) -> Any:
    """A number of steps as the graph takes it."""
    return tf.constant(number, tf.int32)


def out_of_range() -> type[Exception]:
    """What an iterator raises at its end."""
    return tf.errors.OutOfRangeError  # type: ignore[no-any-return]


def _array(value: Any, number: Any, join: bool) -> Any:
    shape = tf.TensorShape([None, *value.shape[1:]]) if join else value.shape
    return tf.TensorArray(value.dtype, size=number, element_shape=shape, infer_shape=False)


def _without_optionals(data: Any) -> Any:
    return tf.nest.map_structure(
        lambda leaf: None if isinstance(leaf, tf.experimental.Optional) else leaf, data, expand_composites=False
    )
