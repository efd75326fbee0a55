"""`K.placeholder`, `K.function` and `K.gradients` on the symbolic tensors of Keras 3: graphs that are evaluated when they are called.

Promises: what is taken symbolically is a `KerasTensor` and can go into further `K` functions and layers. Not for: gradients with
respect to weights, which belong to a training step (an error says so).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerascope.compat import slopes
from kerascope.compat.patches import Patches
from kerascope.compat.report import note
from kerascope.errors import Error

_OPERATORS = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide}


def placeholder(
    shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: Any = None
) -> Any:
    """Returns an input of a graph; `shape` includes the batch."""
    note("K.placeholder(shape)", "keras.Input(batch_shape=shape)")
    return keras.Input(
        batch_shape=tuple(shape) if shape is not None else (None,) * int(ndim or 0), dtype=dtype, name=name
    )


def function(inputs: Any, outputs: Any, updates: Any = None, **named: Any) -> Callable[[Sequence[Any]], Any]:
    """Returns a function from a list of arrays to the arrays of the outputs.

    Args:
        inputs: list of symbolic tensors; a learning phase among them says whether layers are in training.
        outputs: one symbolic tensor or a list of them.
        updates: must be empty: state is updated by layers.
        **named: arguments of sessions, which have no effect.
    """
    note("K.function(inputs, outputs)", "keras.Model(inputs, outputs), called with arrays")
    if updates:
        raise Error(
            "`updates` of K.function are not part of Keras 3. Received: updates=[...]. Call variable.assign(...) instead."
        )
    given = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    wanted = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    symbolic = [one for one in given if _is_symbolic(one)]
    graph = keras.Function(symbolic, [one for one in wanted if _is_symbolic(one)])

    def call(values: Any, *more: Any) -> Any:
        values = list(values) if isinstance(values, list | tuple) else [values, *more]
        phases = [one for one, name in zip(values, given, strict=True) if not _is_symbolic(name)]
        arrays = [one for one, name in zip(values, given, strict=True) if _is_symbolic(name)]
        made = iter(_run(graph, symbolic, arrays, training=any(bool(one) for one in phases)))
        results = [np.asarray(ops.convert_to_numpy(next(made) if _is_symbolic(one) else one)) for one in wanted]
        return results if isinstance(outputs, list | tuple) else results[0]

    return call


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Returns the symbolic gradients of a loss, summed over its entries, one per tensor.

    Args:
        loss: a symbolic tensor, or a list of them, which are added up.
        variables: symbolic tensors that the loss is made from.

    Raises:
        Error: If a weight is among them.
    """
    wanted = list(variables) if isinstance(variables, list | tuple) else [variables]
    if not all(_is_symbolic(one) for one in wanted):
        raise Error(
            "K.gradients is offered with respect to inputs and outputs of layers. Received: a weight. "
            "Use the gradient of your backend: jax.grad, tf.GradientTape or torch.autograd.grad."
        )
    note("K.gradients(loss, tensors)", "the gradient of your backend: jax.grad, tf.GradientTape or torch.autograd.grad")
    parts = [ops.sum(one) for one in (loss if isinstance(loss, list | tuple) else [loss])]
    total = parts[0]
    for one in parts[1:]:
        total = total + one
    given = {id(one): one for one in wanted}
    sources = [one for one in keras.utils.get_source_inputs(total) if id(one) not in given]
    return list(_Gradients(keras.Function([*wanted, *sources], total), len(wanted))(*wanted, *sources))


class _Gradients(keras.Operation):  # type: ignore[misc]
    """A step of a graph that gives the gradients of another graph."""

    def __init__(self, graph: Any, count: int) -> None:
        super().__init__()
        self._graph, self._count = graph, count

    def call(self, *values: Any) -> list[Any]:
        ours, others = values[: self._count], list(values[self._count :])
        return slopes.of(lambda *given: self._graph([*given, *others]), ours)

    def compute_output_spec(self, *values: Any) -> list[Any]:
        return [keras.KerasTensor(one.shape, dtype=one.dtype) for one in values[: self._count]]


def compute_with_symbols(patches: Patches) -> None:
    """Lets `variable + symbolic tensor` and the like be symbolic, and symbolic tensors be indexed by numbers of NumPy."""
    from keras.src.backend.common.variables import Variable

    take = keras.KerasTensor.__getitem__

    @functools.wraps(take)
    def __getitem__(self: Any, key: Any) -> Any:
        parts = tuple(
            int(one) if isinstance(one, np.integer) else one for one in (key if isinstance(key, tuple) else (key,))
        )
        return take(self, parts if isinstance(key, tuple) else parts[0])

    patches.set(keras.KerasTensor, "__getitem__", __getitem__)

    for name, operation in _OPERATORS.items():
        for method, turned in ((f"__{name}__", False), (f"__r{name}__", True)):
            patches.set(Variable, method, _symbolic_too(getattr(Variable, method), operation, turned))


def _symbolic_too(original: Callable[..., Any], operation: Callable[..., Any], turned: bool) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        if not _is_symbolic(other):
            return original(self, other)
        value = ops.convert_to_tensor(self)
        return operation(other, value) if turned else operation(value, other)

    return method


def _is_symbolic(value: Any) -> bool:
    return isinstance(value, keras.KerasTensor)


def _run(graph: Any, symbolic: list[Any], arrays: list[Any], training: bool) -> Any:
    values = [
        ops.convert_to_tensor(np.asarray(one), dtype=name.dtype) for one, name in zip(arrays, symbolic, strict=True)
    ]
    if not training:
        return graph(values)

    def in_training(operation: Any) -> Any:
        if not getattr(operation, "_call_has_training_arg", False):
            return operation
        return lambda *args, **kwargs: operation(*args, **{**kwargs, "training": True})

    return graph._run_through_graph(values, operation_fn=in_training)
