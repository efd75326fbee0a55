"""What trains is settled by `compile`, as in Keras 2: freezing layers afterwards counts from the next `compile` on.

Adversarial networks of that time rely on it: a discriminator is compiled, frozen, built into a second model that is
compiled too, and both train from then on, each as it was when it was compiled.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerascope.keras.model.messages import user_level

Flags = list[tuple[Any, bool]]


def trainable_flags(model: Any) -> Flags:
    """Which layers of a model are trainable now, the model itself among them."""
    return [(layer, bool(layer._trainable)) for layer in model._flatten_layers(include_self=True)]


def warn_if_changed(model: Any) -> None:
    """Warns, where the user's call is, if a layer was made trainable or frozen after `compile`."""
    changed = _changed(model)
    if changed:
        warnings.warn(
            "Discrepancy between the layers that train and their `trainable`: "
            f"{', '.join(repr(layer.name) for layer, _ in changed[:5])} changed after `compile`. "
            "Training goes on as compiled; call `compile` again to make the change count.",
            UserWarning,
            stacklevel=user_level(),
        )


@contextmanager
def as_compiled(model: Any, *, trains: bool = False) -> Iterator[None]:
    """Runs a block with the layers as trainable as they were at `compile`; afterwards they are as the user left them.

    Args:
        model: A classic model.
        trains: Whether the block trains; a difference is then worth a warning.
    """
    changed = _changed(model)
    if not changed:
        yield
        return
    if trains:
        warn_if_changed(model)
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


def _changed(model: Any) -> Flags:
    return [(layer, flag) for layer, flag in model._compiled_flags if bool(layer._trainable) != flag]


def _set(layer: Any, flag: bool) -> None:
    """Sets the flag of one layer alone; the property of Keras would reach its sublayers too."""
    object.__setattr__(layer, "_trainable", flag)
    for variable in layer._trainable_variables:
        variable.trainable = flag
