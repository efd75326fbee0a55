"""Functions of `keras.backend` that say or change how a tensor is laid out: shape, dtype, order and number of its entries."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


def shape(x: Any) -> Any:
    """Returns the shape; of a symbolic tensor with open axes it can be computed with all the same."""
    known = ops.shape(x)
    if None not in known or not isinstance(x, keras.KerasTensor):
        return known
    made = _OpenShape(known)
    made.symbol = _ShapeOf()(x)
    return made


class _OpenShape(tuple[Any, ...]):
    """A shape with None where it is open, and beside it the symbolic tensor that it will be."""

    symbol: Any


class _ShapeOf(keras.Operation):  # type: ignore[misc]
    """The shape of a tensor as a step of a graph."""

    def call(self, x: Any) -> Any:
        return ops.convert_to_tensor(ops.shape(x), dtype="int32")

    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor((len(x.shape),), dtype="int32")


def int_shape(x: Any) -> Any:
    """Returns the static shape as a tuple, None where it is open."""
    return tuple(x.shape) if hasattr(x, "shape") else None


def ndim(x: Any) -> int:
    """Returns the number of axes."""
    return len(x.shape)


def dtype(x: Any) -> str:
    """Returns the dtype as text."""
    return str(keras.backend.standardize_dtype(x.dtype))


def count_params(x: Any) -> int:
    """Returns the number of entries."""
    return int(np.prod(x.shape))


def is_sparse(tensor: Any) -> bool:
    """Returns whether the tensor is sparse."""
    return bool(getattr(tensor, "sparse", False))


def to_dense(tensor: Any) -> Any:
    """Returns the tensor without sparseness."""
    return ops.convert_to_tensor(tensor, sparse=False)


def cast_to_floatx(x: Any) -> Any:
    """Returns the value with the default float dtype; NumPy stays NumPy."""
    if isinstance(x, np.ndarray | list | tuple | float | int):
        return np.asarray(x, dtype=keras.backend.floatx())
    return ops.cast(x, keras.backend.floatx())


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Returns the tensors one after another along an axis."""
    return ops.concatenate(tensors, axis=axis)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """Returns the tensor with an axis of length 1 more."""
    return ops.expand_dims(x, axis)


def transpose(x: Any) -> Any:
    """Returns the tensor with its axes in reverse order."""
    return ops.transpose(x)


def gather(reference: Any, indices: Any) -> Any:
    """Returns rows of a tensor."""
    return ops.take(reference, ops.cast(indices, "int32"), axis=0)


def flatten(x: Any) -> Any:
    """Returns the tensor as one row."""
    return ops.reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    """Returns the tensor with all axes but the first joined."""
    return ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Returns the tensor with each entry repeated along an axis."""
    return ops.repeat(x, rep, axis=axis)


def repeat(x: Any, n: int) -> Any:
    """Returns (samples, n, dim) from (samples, dim)."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def reverse(x: Any, axes: Any) -> Any:
    """Returns the tensor turned round along axes."""
    return ops.flip(x, axis=axes)


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Returns (samples, steps, dim) with steps of zeros around."""
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Returns images with zeros around."""
    return keras.layers.ZeroPadding2D(padding, data_format=data_format)(x)


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: Any = None, interpolation: str = "nearest"
) -> Any:
    """Returns images made larger by whole factors."""
    layer = keras.layers.UpSampling2D(
        (height_factor, width_factor), data_format=data_format, interpolation=interpolation
    )
    return layer(x)
