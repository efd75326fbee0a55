"""What scripts for TensorFlow expect of tensors, on JAX: `tensor.numpy()`, as `tf.argmax(scores, 1).numpy()`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerascope.compat.patches import Patches


def change(patches: Patches) -> None:
    """Gives arrays of JAX the method `numpy`.

    Args:
        patches: where the change is remembered.
    """
    from jax._src.array import ArrayImpl

    patches.add(ArrayImpl, "numpy", _as_array)


def _as_array(tensor: Any) -> Any:
    """The values of a tensor, in memory of their own."""
    return np.array(tensor)
