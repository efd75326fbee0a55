"""Layers that keep their state from batch to batch, on backends that would forget it or could not train with it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def states_apart(model: Any) -> Iterator[None]:
    """Lets stateful layers begin with copies of their states, on PyTorch, while a block trains.

    Their states are overwritten in the forward pass, and the backward pass needs what they were.
    """
    layers = list(stateful_layers(model)) if keras.config.backend() == "torch" else []
    # A callback may train the same model on a batch, in the middle of a `fit`.
    recurrent = [layer for layer in layers if isinstance(layer, keras.layers.RNN) and "call" not in vars(layer)]
    for layer in recurrent:
        object.__setattr__(layer, "call", _from_copies(layer))
    try:
        yield
    finally:
        for layer in recurrent:
            object.__delattr__(layer, "call")


def _from_copies(layer: Any) -> Any:
    run = layer.call

    @functools.wraps(run)
    def call(sequences: Any, *args: Any, **kwargs: Any) -> Any:
        if not args and kwargs.get("initial_state") is None:
            kwargs["initial_state"] = keras.tree.map_structure(keras.ops.copy, layer.states)
        return run(sequences, *args, **kwargs)

    return call


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
