"""Gradients of a function of tensors on the backend in use, for `K.gradients`.

`slopes.of(function, values)` returns the gradients of `function(*values)`, summed over its entries, one per value. One file per
backend, which is imported on use.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any


def of(function: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
    """Returns one gradient per value, of the value's shape.

    Args:
        function: from tensors to a tensor.
        values: where the gradients are taken.
    """
    import keras

    backend = importlib.import_module(f"kerascope.compat.slopes.{keras.config.backend()}")
    found: list[Any] = backend.of(function, values)
    return found
