"""Gradients on JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax


def of(function: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
    """Returns one gradient per value; see the package."""
    found = jax.grad(lambda *given: function(*given).sum(), argnums=tuple(range(len(values))))(*values)
    return list(found)
