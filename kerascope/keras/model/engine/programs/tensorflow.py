"""TensorFlow graphs of one model that run many batches of a chunk in one call.

Which steps of the chunk are run is an argument of the graph, so that one graph runs any number, one included: chunks
and single steps are the same machine code and give the same bits. What every step returned comes back stacked.

Where XLA compiles the model, it compiles the whole loop, which leaves nothing to do between two steps. Convolutions
are many times slower inside a loop compiled by XLA for the CPU; models with them have XLA compile the step and leave
the loop to TensorFlow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

SLOW_IN_LOOPS = ("Conv", "DepthwiseConv")


def make_loop(model: Any, phase: str, room: int, batch: Any, *, whole: bool = True) -> tuple[Any, bool] | None:
    """Returns a graph function and whether XLA compiles all of it; None if what a step returns cannot be stacked.

    The function takes (chunk, first step, number of steps) and returns logs or outputs stacked by step, in the places
    of the steps within the chunk.

    Args:
        model: The model whose step is run.
        phase: "train", "test" or "predict".
        room: Steps that a chunk has room for.
        batch: A batch, as an example.
        whole: Whether XLA may compile the loop.
    """
    step = tf.autograph.experimental.do_not_convert(
        {"train": model.train_step, "test": model.test_step, "predict": model.predict_step}[phase]
    )
    # Traced once: the graph is looked at here and called in the loop.
    traced = tf.function(step, jit_compile=model.jit_compile or None).get_concrete_function(to_device(batch))
    leaves = tf.nest.flatten(traced.structured_outputs)
    if not all(isinstance(leaf, tf.Tensor) and leaf.shape.is_fully_defined() for leaf in leaves):
        return None
    shapes, structure = [(leaf.dtype, leaf.shape) for leaf in leaves], traced.structured_outputs
    slow = any(kind.startswith(SLOW_IN_LOOPS) for kind in _operations(traced.graph))
    whole = whole and bool(model.jit_compile) and not slow

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def run(chunk: Any, first: Any, number: Any) -> Any:
        last = first + number

        def body(place: Any, kept: Any) -> Any:
            made = tf.nest.flatten(traced(_at(chunk, place)))
            return place + 1, [array.write(place, value) for array, value in zip(kept, made, strict=True)]

        kept = [tf.TensorArray(dtype, size=room, element_shape=shape) for dtype, shape in shapes]
        _, kept = tf.while_loop(lambda place, _: place < last, body, (first, kept), parallel_iterations=1)
        return tf.nest.pack_sequence_as(structure, [array.stack() for array in kept])

    return tf.function(run, jit_compile=True if whole else None), whole


def is_not_for_xla(error: Exception) -> bool:
    """Whether an error may mean that XLA cannot compile a loop."""
    return isinstance(error, tf.errors.InvalidArgumentError | tf.errors.UnimplementedError)


def to_device(chunk: Any) -> Any:
    """A chunk as tensors."""
    return tf.nest.map_structure(lambda array: None if array is None else tf.convert_to_tensor(array), chunk)


def is_dense(batch: Any) -> bool:
    """Whether all arrays of a batch are numbers that can be stacked."""
    return all(leaf is None or _is_numbers(leaf) for leaf in tf.nest.flatten(batch))


def batch_key(batch: Any) -> Any:
    """What programs are told apart by: shapes and types of a batch."""
    return tuple(None if leaf is None else (tuple(leaf.shape), str(leaf.dtype)) for leaf in tf.nest.flatten(batch))


def batch_bytes(batch: Any) -> int:
    """Size of the arrays of a batch."""
    return sum(
        0 if leaf is None else int(np.prod(leaf.shape, dtype=np.int64)) * _item_bytes(leaf)
        for leaf in tf.nest.flatten(batch)
    )


def make_orders(samples: int) -> Any:
    """Returns a data set that gives, in every pass, a new order of the rows: the same as Keras' own for the same seed.

    The seed of an operation in TensorFlow depends on its place in its graph, so that this graph must start like the
    one in Keras' data set: a range, then its shuffling.
    """
    return tf.data.Dataset.range(1).map(lambda _: tf.random.shuffle(tf.range(samples, dtype=tf.int64)))


def next_order(orders: Any) -> Any:
    """The row numbers of one pass."""
    return next(iter(orders)).numpy()


def scalar(number: int) -> Any:
    """A number of steps as the graphs take it."""
    return tf.constant(number, tf.int32)


def out_of_range() -> type[Exception]:
    """What an iterator raises at its end."""
    return tf.errors.OutOfRangeError  # type: ignore[no-any-return]


def _at(chunk: Any, place: Any) -> Any:
    return tf.nest.map_structure(lambda array: None if array is None else array[place], chunk)


def _is_numbers(leaf: Any) -> bool:
    if isinstance(leaf, tf.Tensor):
        return leaf.dtype not in (tf.string, tf.variant, tf.resource)
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biufc"


def _item_bytes(array: Any) -> int:
    return int(array.dtype.itemsize if isinstance(array, np.ndarray) else array.dtype.size)


def _operations(graph: Any) -> set[str]:
    """Kinds of all operations of a graph and of the functions it calls."""
    definition = graph.as_graph_def()
    found = {node.op for node in definition.node}
    for function in definition.library.function:
        found |= {node.op for node in function.node_def}
    return found
