"""`model.add_loss(tensor)` and `model.add_metric(tensor)` on models of layers: symbolic values that belong to the model, not to a layer.

Promises: the value is computed in the same pass as the outputs, so random numbers are the same ones. Such a loss is not kept when the
model is saved, as it is no part of the layers.
"""

from __future__ import annotations

import functools
from typing import Any

import keras
from keras import ops

from kerascope.compat.patches import Patches
from kerascope.compat.report import note


class _Added(keras.layers.Layer):  # type: ignore[misc]
    """Hands a tensor on, and adds it to the losses or, with a name, to the metrics."""

    def __init__(self, metric: str | None = None) -> None:
        super().__init__()
        self.mean = None if metric is None else keras.metrics.Mean(name=metric)

    def call(self, x: Any) -> Any:
        if self.mean is None:
            self.add_loss(ops.mean(x))
        else:
            self.mean.update_state(ops.mean(x))
        return x

    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor(x.shape, x.dtype)  # Keras takes any tensor times a number for sparse


def take_added(patches: Patches, keras: Any) -> None:
    """Lets functional models take symbolic losses and metrics, and layers the arguments of Keras 2.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
    """
    from keras.src.models.functional import Functional

    of_layers = keras.layers.Layer.add_loss

    @functools.wraps(of_layers)
    def add_loss_of_layer(self: Any, losses: Any, inputs: Any = None, **named: Any) -> None:
        values = losses if isinstance(losses, list | tuple) else [losses]
        of_layers(self, [ops.mean(one() if callable(one) else one) for one in values])

    def add_loss(self: Any, losses: Any, inputs: Any = None, **named: Any) -> None:
        for one in losses if isinstance(losses, list | tuple) else [losses]:
            if isinstance(one, keras.KerasTensor):
                note("model.add_loss(tensor)", "self.add_loss(value) in the call of a layer")
                _graft(self, _Added()(one))
            else:
                add_loss_of_layer(self, one)

    def add_metric(self: Any, value: Any, name: str | None = None, aggregation: Any = None, **named: Any) -> None:
        note("model.add_metric(tensor)", "a keras.metrics.Mean in a layer, updated in its call")
        if isinstance(value, keras.KerasTensor):
            _graft(self, _Added(name or "metric")(value))

    def add_update(self: Any, updates: Any, inputs: Any = None, **named: Any) -> None:
        note("layer.add_update(...)", "nothing: variable.assign(...) takes effect at once")

    patches.set(keras.layers.Layer, "add_loss", add_loss_of_layer)
    patches.set(Functional, "add_loss", add_loss)
    patches.set(Functional, "add_metric", add_metric)
    patches.add(keras.layers.Layer, "add_update", add_update)


def _graft(model: Any, end: Any) -> None:
    """Makes a functional model compute `end` whenever it is called, beside its outputs."""
    from keras.src.ops.function import map_graph
    from keras.src.utils import tracking

    ends = [*vars(model).get("_classic_ends", []), end]
    nodes, nodes_by_depth, operations, operations_by_depth = map_graph(model.inputs, [*model.outputs, *ends])
    model._tracker.unlock()
    with tracking.DotNotTrackScope():
        model._classic_ends = ends
        model._nodes, model._nodes_by_depth = nodes, nodes_by_depth
        model._operations, model._operations_by_depth = operations, operations_by_depth
    for layer in model.layers:
        model._tracker.track(layer)
    model._tracker.lock()
