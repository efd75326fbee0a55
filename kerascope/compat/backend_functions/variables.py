"""Functions of `keras.backend` that make, read and set variables and constants."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


def variable(value: Any, dtype: Any = None, name: Any = None, constraint: Any = None) -> Any:
    """Returns a `keras.Variable` with a value."""
    return keras.Variable(np.asarray(value), dtype=dtype or keras.backend.floatx(), name=name)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
    """Returns a tensor with a value, repeated to a shape if one is given."""
    made = ops.convert_to_tensor(np.asarray(value), dtype=dtype or keras.backend.floatx())
    return made if shape is None else ops.broadcast_to(made, shape)


def zeros(shape: Any, dtype: Any = None, name: Any = None) -> Any:
    """Returns a variable of zeros."""
    return variable(np.zeros(shape), dtype)


def ones(shape: Any, dtype: Any = None, name: Any = None) -> Any:
    """Returns a variable of ones."""
    return variable(np.ones(shape), dtype)


def get_value(x: Any) -> Any:
    """Returns a variable's or tensor's value as NumPy."""
    return ops.convert_to_numpy(x) if not isinstance(x, float | int) else x


eval = get_value


def set_value(x: Any, value: Any) -> None:
    """Sets the value of a variable."""
    x.assign(np.asarray(value))


def batch_get_value(tensors: Any) -> list[Any]:
    """Returns the values of several variables."""
    return [get_value(one) for one in tensors]


def batch_set_value(tuples: Any) -> None:
    """Sets the values of several variables, given as pairs."""
    for one, value in tuples:
        set_value(one, value)


def update(x: Any, new_x: Any) -> Any:
    """Sets a variable and returns it."""
    x.assign(new_x)
    return x


def update_add(x: Any, increment: Any) -> Any:
    """Adds to a variable and returns it."""
    return update(x, ops.add(x, increment))


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtracts from a variable and returns it."""
    return update(x, ops.subtract(x, decrement))


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """Moves a variable towards a value and returns it."""
    return update(x, ops.add(ops.multiply(x, momentum), ops.multiply(value, 1.0 - momentum)))


def print_tensor(x: Any, message: str = "") -> Any:
    """Returns the tensor; its value is not printed inside compiled steps."""
    return x


def identity(x: Any, name: Any = None) -> Any:
    """Returns the tensor."""
    return x
