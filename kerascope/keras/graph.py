"""The model as a graph: nodes (layers) and edges (who feeds whom), for the summary key `graph`.

Node: `name`, `id`, `class_name`, `output_shape`, `num_parameters`, `flops` where they can be counted, and `settings`: the plain values that the
layer was made with, such as `activation`. Edge: [from id, to id], one per call,
so a shared layer has several. Models without symbolic inputs have nodes only. Never raises for an odd layer: what is unknown is left out.
"""

from __future__ import annotations

from typing import Any

from kerascope.keras.flops import count_layer_flops

Node = dict[str, Any]
_TOLD_ELSEWHERE = frozenset({"name", "batch_shape", "batch_input_shape"})
_MAX_ITEMS = 8
_MAX_TEXT = 100


def model_graph(model: Any) -> dict[str, Any]:
    """Returns the graph of `model` in the form of the graph file: `format`, `nodes`, `edges`."""
    layers = _layers_with_inputs(model)
    flops = count_layer_flops(model)
    return {
        "format": "keras",
        "nodes": [_node(layer, flops.get(id(layer))) for layer in layers],
        "edges": _edges(model, layers),
    }


def _layers_with_inputs(model: Any) -> list[Any]:
    """The layers in order, input layers included; a Sequential hides its own in `_functional`."""
    functional = getattr(model, "_functional", None)
    operations = getattr(functional if functional is not None else model, "operations", None)
    return list(operations) if operations else list(model.layers)


def _node(layer: Any, flops: int | None) -> Node:
    node = {
        "name": layer.name,
        "id": layer.name,
        "class_name": type(layer).__name__,
        "output_shape": _output_shape(layer),
        "num_parameters": _parameter_count(layer),
    }
    if flops is not None:
        node["flops"] = flops
    settings = _settings(layer)
    return node | {"settings": settings} if settings else node


def _settings(layer: Any) -> dict[str, Any]:
    """Numbers, texts and short lists of the layer's configuration; empty where it has none to tell."""
    try:
        config = layer.get_config()
    except (
        AttributeError,
        NotImplementedError,
        TypeError,
        ValueError,
    ):  # a layer of the user's own, or a plain operation
        return {}
    return {name: value for name, value in config.items() if name not in _TOLD_ELSEWHERE and _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= _MAX_ITEMS and all(
            isinstance(item, int | float | str) and _is_plain(item) for item in value
        )
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= _MAX_TEXT)


def _parameter_count(layer: Any) -> int | None:
    if not hasattr(layer, "count_params"):
        return 0  # an operation such as keras.ops.add
    return int(layer.count_params()) if layer.built else None


def _output_shape(layer: Any) -> list[Any]:
    try:
        output = layer.output
    except (AttributeError, ValueError):  # never called symbolically, or called several times
        return _shape_of_calls(layer)
    shapes = _shapes(output)
    return [shapes] if type(layer).__name__ == "InputLayer" else shapes


def _shape_of_calls(layer: Any) -> list[Any]:
    shapes = [_shapes(node.outputs) for node in getattr(layer, "_inbound_nodes", [])]
    return shapes[0] if shapes and all(shape == shapes[0] for shape in shapes) else ["multiple"]


def _shapes(value: Any) -> Any:
    if hasattr(value, "shape"):
        return list(value.shape)
    items = list(value.values()) if isinstance(value, dict) else list(value)
    return _shapes(items[0]) if len(items) == 1 else [_shapes(item) for item in items]


def _edges(model: Any, layers: list[Any]) -> list[list[str]]:
    functional = getattr(model, "_functional", None) or model
    by_depth = getattr(functional, "_nodes_by_depth", {})
    own_nodes = {id(node) for nodes in by_depth.values() for node in nodes}  # a layer may also be used in another model
    return [
        [parent.operation.name, layer.name]
        for layer in layers
        for node in layer._inbound_nodes
        if id(node) in own_nodes
        for parent in node.parent_nodes
    ]
