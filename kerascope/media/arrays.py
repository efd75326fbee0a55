"""Arrays of any framework as numpy arrays, without importing the frameworks.

A value is recognised by the package its class comes from, so torch, TensorFlow and JAX are only touched by values that are theirs.
Not for: what becomes of the array (see `convert.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_PACKAGES = frozenset({"torch", "tensorflow", "jax", "jaxlib", "keras", "cupy", "tensorflow_probability"})


def package_of(value: object) -> str:
    """Returns the top-level package that the class of `value`, or one of its bases, comes from, frameworks first."""
    roots = [kind.__module__.partition(".")[0] for kind in type(value).__mro__]
    return next((root for root in roots if root in _PACKAGES), roots[0])


def is_array(value: object) -> bool:
    """Returns whether `value` is a numpy array or scalar, or a tensor of a known framework."""
    if isinstance(value, np.ndarray | np.generic):
        return True
    return package_of(value) in _PACKAGES and (hasattr(value, "__array__") or hasattr(value, "numpy"))


def to_numpy(value: Any) -> Array:
    """Returns `value` as a numpy array on the host; low-precision floats that numpy lacks become float32.

    Args:
        value: anything `is_array` says yes to, or what `np.asarray` takes.
    """
    package = package_of(value)
    if package == "torch":
        value = value.detach().cpu()
        if str(value.dtype) in {"torch.bfloat16", "torch.float8_e4m3fn", "torch.float8_e5m2"}:
            value = value.float()
        array = value.numpy()
    elif package == "keras" and hasattr(value, "value"):
        return to_numpy(value.value)
    elif package == "cupy":
        array = value.get()
    elif package == "tensorflow" and hasattr(value, "numpy"):
        array = value.numpy()
    else:
        array = np.asarray(value)
    array = np.asarray(array)
    return array.astype(np.float32) if is_exotic_float(array.dtype) else array


def is_exotic_float(dtype: np.dtype[Any]) -> bool:
    """Returns whether `dtype` is one of the registered extension floats (bfloat16, float8, ...) that numpy cannot compute with."""
    return dtype.kind == "V" and dtype.names is None and "float" in dtype.name
