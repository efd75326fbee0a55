"""Gradients on PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch


def of(function: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
    """Returns one gradient per value; see the package."""
    with torch.enable_grad():
        given = [value.detach().requires_grad_() for value in values]
        found = torch.autograd.grad(function(*given).sum(), given, allow_unused=True)
    return [torch.zeros_like(value) if one is None else one for value, one in zip(values, found, strict=True)]
