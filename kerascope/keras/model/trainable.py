"""What trains is settled by `compile`, as in Keras 2: freezing layers afterwards counts from the next `compile` on.

Adversarial networks of that time rely on it: a discriminator is compiled, frozen, built into a second model that is
compiled too, and both train from then on, each as it was when it was compiled.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Flags = list[tuple[Any, bool]]


def trainable_flags(model: Any) -> Flags:
    """Which layers of a model are trainable now, the model itself among them."""
    return [(layer, bool(layer._trainable)) for layer in model._flatten_layers(include_self=True)]


@contextmanager
def as_compiled(model: Any, *, warn_at: int | None = None) -> Iterator[None]:
    """Runs a block with the layers as trainable as they were at `compile`; afterwards they are as the user left them.

    Args:
        model: A classic model.
        warn_at: For a block that trains: how many calls up the user is, to be warned there of a difference.
    """
    changed = [(layer, flag) for layer, flag in model._compiled_flags if bool(layer._trainable) != flag]
    if not changed:
        yield
        return
    if warn_at is not None:
        warnings.warn(
            "Discrepancy between the layers that train and their `trainable`: "
            f"{', '.join(repr(layer.name) for layer, _ in changed[:5])} changed after `compile`. "
            "Training goes on as compiled; call `compile` again to make the change count.",
            UserWarning,
            stacklevel=warn_at + 3,
        )
    variables = [(variable, variable.trainable) for layer, _ in changed for variable in layer._trainable_variables]
    for layer, flag in changed:
        _set(layer, flag)
    try:
        yield
    finally:
        for layer, flag in changed:
            object.__setattr__(layer, "_trainable", not flag)
        for variable, trainable in variables:
            variable.trainable = trainable


def _set(layer: Any, flag: bool) -> None:
    """Sets the flag of one layer alone; the property of Keras would reach its sublayers too."""
    object.__setattr__(layer, "_trainable", flag)
    for variable in layer._trainable_variables:
        variable.trainable = flag
