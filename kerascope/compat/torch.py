"""What scripts do with tensors that PyTorch refuses and the tensors they were written for allow.

Promises: tensors outside a gradient (data, parameters, `tensor.data`) work in place as ever. Not for speed: nothing here runs
unless a script writes it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import torch

from kerascope.compat.patches import Patches

_IN_PLACE = {
    "__iadd__": operator.add,
    "__isub__": operator.sub,
    "__imul__": operator.mul,
    "__itruediv__": operator.truediv,
}


def change(patches: Patches, keras: Any) -> None:
    """Makes all changes of this module.

    Args:
        patches: where they are remembered.
        keras: the keras package.
    """
    for name, compute in _IN_PLACE.items():
        patches.set(torch.Tensor, name, _rebinding(getattr(torch.Tensor, name), compute))
    to_numpy = torch.Tensor.numpy

    @functools.wraps(to_numpy)
    def numpy(self: Any, *args: Any, **kwargs: Any) -> Any:
        return to_numpy(self.detach() if self.requires_grad else self, *args, **kwargs)

    patches.set(torch.Tensor, "numpy", numpy)
    math = keras.src.backend.math
    in_top_k = math.in_top_k

    @functools.wraps(in_top_k)
    def in_top_of_few(targets: Any, predictions: Any, k: int) -> Any:
        return in_top_k(targets, predictions, min(k, predictions.shape[-1]))

    patches.set(math, "in_top_k", in_top_of_few)


def _rebinding(in_place: Callable[[Any, Any], Any], compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`a *= b` makes a new `a` where a gradient goes through `a`: the backward pass may need what it was."""

    @functools.wraps(in_place)
    def change_name(self: Any, other: Any) -> Any:
        return in_place(self, other) if self.grad_fn is None else compute(self, other)

    return change_name
