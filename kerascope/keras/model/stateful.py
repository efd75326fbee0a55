"""Layers that keep their state from batch to batch, on backends that would forget it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras


def stateful_layers(model: Any) -> Iterator[Any]:
    """The layers of a model that keep a state from batch to batch."""
    return (layer for layer in model._flatten_layers(include_self=False) if getattr(layer, "stateful", False))


def reset_states(model: Any) -> None:
    """Resets the state of all layers that keep one."""
    for layer in stateful_layers(model):
        if hasattr(layer, "reset_state"):
            layer.reset_state()


def with_states(model: Any, variables: list[Any]) -> list[Any]:
    """The variables given, and on JAX also the states of stateful recurrent layers.

    Keras leaves these states out of the variables of a model, so that a compiled step on JAX would forget them after
    every batch.
    """
    if keras.config.backend() != "jax":
        return variables
    known = {id(variable) for variable in variables}
    for layer in stateful_layers(model):
        found = [one for one in keras.tree.flatten(getattr(layer, "states", None)) if isinstance(one, keras.Variable)]
        variables += [one for one in found if id(one) not in known]
        known.update(id(one) for one in found)
    return variables
