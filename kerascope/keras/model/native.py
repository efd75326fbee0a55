"""Inputs that read a tensor of their own, so that `fit(x=None)` has something to train on.

Keras 2 let `Input(tensor=...)` wrap a framework tensor; Keras 3 has no such inputs. `Input` here makes an ordinary
Keras input and remembers the tensor beside it. Models built from it open in plain Keras; there the data must be given.
"""

from __future__ import annotations

import weakref
from typing import Any

import keras

_TENSORS: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def Input(*args: Any, tensor: Any = None, **kwargs: Any) -> Any:
    """Makes a Keras input, optionally one that reads a framework tensor or array.

    Args:
        *args: Arguments of `keras.Input`.
        tensor: An array or framework tensor, (samples, ...). Its rows are the data of this input, and `fit`,
            `evaluate` and `predict` then take `x=None` for it. A `KerasTensor` is passed on to Keras.
        **kwargs: Keyword arguments of `keras.Input`.

    Returns:
        A `KerasTensor`.
    """
    if tensor is None or isinstance(tensor, keras.KerasTensor):
        return keras.Input(*args, tensor=tensor, **kwargs)
    kwargs.setdefault("dtype", keras.backend.standardize_dtype(tensor.dtype))
    if not args and "shape" not in kwargs and "batch_shape" not in kwargs:
        kwargs["shape"] = tuple(tensor.shape)[1:]
    made = keras.Input(*args, **kwargs)
    _TENSORS[made._keras_history.operation] = tensor
    return made


def native_tensor(made: Any) -> Any:
    """The tensor that an input reads, or None."""
    found = _TENSORS.get(made._keras_history.operation)
    return found.value if isinstance(found, keras.Variable) else found
