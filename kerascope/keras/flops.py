"""How much arithmetic one forward pass of one sample takes, counted from the operations a layer is made of.

One rule on every backend, the one of TensorFlow's profiler: a multiply-add in a matrix product or convolution counts 2, a bias 1 per
output element, a softmax 5 per element; activations, normalisation, pooling and reshaping count 0. `count_flops` returns these operations;
`gigaflops` halves them, so its unit is multiply-adds / 1e9 (the summary key `GFLOPs`).

Each layer's `call` is run once on symbolic tensors with a batch of one; no weight is read and nothing on the model changes. Recurrent
layers count their cell once per time step. Not for: training cost, memory, or layers that call a backend directly (they count 0, with a warning if they
have weights).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

from kerascope.errors import UsageError, WrongTypeError
from kerascope.terminal import termwarn

Shape = tuple[int, ...]


def gigaflops(model: Any) -> float:
    """Returns the multiply-adds of one sample in units of 1e9.

    Raises:
        TypeError: if `model` is no Keras model.
        UsageError: if the model has no known input shape yet.
    """
    return count_flops(model) / 1e9 / 2


def count_flops(model: Any) -> int:
    """Returns the floating point operations of one sample; see the module for what counts. Raises as `gigaflops` does."""
    if not isinstance(model, keras.Model):
        raise WrongTypeError(f"FLOPs can be counted for a Keras model. Received: model of type {type(model).__name__}.")
    with _leaving_no_trace(model):
        if _graph_nodes(model):
            return sum(_count_layer_nodes(model).values())
        return _count_call(model, *_build_shapes(model))


def count_layer_flops(model: Any) -> dict[int, int]:
    """Returns the operations by `id(layer)` for a model with a graph; empty if it has none, or its input sizes are open.

    Whatever else is in the way gives a warning and an empty result: a graph is worth more than the numbers in it.
    """
    try:
        with _leaving_no_trace(model):
            return dict(_count_layer_nodes(model))
    except UsageError:  # sizes that only the data will tell
        return {}
    except Exception as error:  # a layer of the user's may do anything while its call is looked at
        termwarn(f"The FLOPs of the layers of {model.name!r} cannot be counted: {error}"[:300], repeat=False)
        return {}


def _count_layer_nodes(model: Any) -> Counter[int]:
    counts: Counter[int] = Counter()
    for node in _graph_nodes(model):
        counts[id(node.operation)] += _count_node(node)
    return counts


def _graph_nodes(model: Any) -> list[Any]:
    functional = getattr(model, "_functional", None) or model
    by_depth = getattr(functional, "_nodes_by_depth", {})
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if node.input_tensors]


def _build_shapes(model: Any) -> tuple[list[Any], dict[str, Any]]:
    """Symbolic inputs of a model without a graph, from the shapes it was built with."""
    config = (model.get_build_config() if model.built else None) or {}
    shapes = config.get("shapes_dict") or {"inputs": config.get("input_shape")}
    if None in shapes.values():
        raise UsageError(
            "FLOPs need a model with a known input shape. "
            f"Received: model {model.name!r}, not built. Call the model on a batch first."
        )
    inputs = [_tensors_of(shape) for shape in shapes.values()]
    if len(inputs) == 1:
        return inputs, {}
    return [], {name.removesuffix("_shape"): tensor for name, tensor in zip(shapes, inputs, strict=True)}


def _tensors_of(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {name: _tensors_of(part) for name, part in shape.items()}
    if isinstance(shape[0], tuple | list | dict):
        return [_tensors_of(part) for part in shape]
    return _one_sample(keras.KerasTensor(tuple(shape)))


def _one_sample(value: Any) -> Any:
    if not isinstance(value, keras.KerasTensor):
        return value
    shape = (1, *value.shape[1:]) if value.shape else ()
    if None in shape:
        raise UsageError(
            f"FLOPs need fixed input sizes. Received: an input of shape {value.shape}. Give keras.Input all sizes."
        )
    return keras.KerasTensor(shape, dtype=value.dtype)


def _count_node(node: Any) -> int:
    """Operations of one call of a layer, or of one operation."""
    if not isinstance(node.operation, keras.Layer):
        return _count_operation(node)
    args, kwargs = keras.tree.map_structure(_one_sample, (list(node.arguments.args), dict(node.arguments.kwargs)))
    return _count_call(node.operation, args, kwargs)


def _count_call(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> int:
    if isinstance(layer, keras.layers.Bidirectional):
        return _count_call(layer.forward_layer, args[:1], {}) + _count_call(layer.backward_layer, args[:1], {})
    if isinstance(layer, keras.layers.RNN):
        return _count_recurrent(layer, args[0])
    if isinstance(layer, keras.layers.TimeDistributed):
        step = keras.KerasTensor((1, *args[0].shape[2:]), dtype=args[0].dtype)
        return int(args[0].shape[1]) * _count_call(layer.layer, [step], {})
    if isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.GroupQueryAttention):
        return _count_attention_layer(layer, args, kwargs)
    if getattr(layer, "groups", 1) > 1:
        return _count_grouped_convolution(layer, args[0])
    try:
        outputs = layer.call(*args, **kwargs)
    except UsageError:
        raise
    except Exception as error:
        # `call` works on real arrays only, such as a preprocessing layer or one written for a single backend.
        if layer.weights and ".preprocessing." not in type(layer).__module__:
            termwarn(f"The FLOPs of layer {layer.name!r} cannot be counted and count as 0: {error}"[:300], repeat=False)
        return 0
    return sum(_count_node(node) for node in _nodes_behind(outputs))


def _count_recurrent(layer: Any, sequence: Any) -> int:
    step = keras.KerasTensor((1, *sequence.shape[2:]), dtype=sequence.dtype)
    outputs = layer.cell.call(step, _states(layer, sequence))
    return int(sequence.shape[1]) * sum(_count_node(node) for node in _nodes_behind(outputs))


def _states(layer: Any, sequence: Any) -> list[Any]:
    if hasattr(layer.cell, "filters"):  # convolutional: the states are maps of the output's size
        output = layer.compute_output_shape(sequence.shape)
        output = output[0] if isinstance(output[0], tuple) else output
        image = tuple(output[2:] if layer.return_sequences else output[1:])
        return [keras.KerasTensor((1, *image)), keras.KerasTensor((1, *image))]
    states = keras.tree.map_structure(lambda size: keras.KerasTensor((1, int(size))), layer.cell.state_size)
    return list(states) if isinstance(states, tuple | list) else [states]


def _count_attention_layer(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> int:
    """Projections are einsum layers that forget the sequence length, so the whole is counted from its sizes."""
    query, value = args[0], args[1] if len(args) > 1 else kwargs["value"]
    key = args[2] if len(args) > 2 else kwargs.get("key")
    length, other = int(query.shape[1]), int((value if key is None else key).shape[1])
    parts = [(layer._query_dense, length), (layer._key_dense, other), (layer._value_dense, other)]
    projections = sum(_count_projection(dense, steps) for dense, steps in [*parts, (layer._output_dense, length)])
    query_size, value_size = (math.prod(dense.kernel.shape[1:]) for dense in (layer._query_dense, layer._value_dense))
    heads = int(layer._query_dense.kernel.shape[1])
    value_size = value_size // int(layer._value_dense.kernel.shape[1]) * heads  # grouped values are repeated
    pairs = length * other
    return int(projections + 2 * pairs * (query_size + value_size) + 5 * heads * pairs)


def _count_projection(dense: Any, steps: int) -> int:
    bias = 0 if dense.bias is None else math.prod(dense.bias.shape)
    return int(steps * (2 * math.prod(dense.kernel.shape) + bias))


def _count_grouped_convolution(layer: Any, x: Any) -> int:
    out = math.prod(_fixed(layer.compute_output_shape(x.shape)))
    return int(2 * out * math.prod(layer.kernel.shape[:-1]) + (out if layer.use_bias else 0))


def _nodes_behind(outputs: Any) -> Iterator[Any]:
    """Yields every node that the symbolic `outputs` were computed by, each once."""
    waiting = [t for t in keras.tree.flatten(outputs) if isinstance(t, keras.KerasTensor)]
    seen: set[int] = set()
    while waiting:
        history = getattr(waiting.pop(), "_keras_history", None)
        if history is None or history.operation is None:
            continue
        node = history.operation._inbound_nodes[history.node_index]
        if id(node) in seen or not node.input_tensors:
            continue
        seen.add(id(node))
        waiting.extend(node.input_tensors)
        yield node


def _count_operation(node: Any) -> int:
    rule = _RULES.get(type(node.operation).__name__)
    if rule is None:
        return 0
    operands = list(node.arguments.args) + [v for v in node.arguments.kwargs.values() if hasattr(v, "shape")]
    return rule(node, operands, math.prod(_fixed(node.outputs[0].shape)))


def _fixed(shape: Any) -> Shape:
    return tuple(1 if size is None else int(size) for size in shape)


def _matmul(_: Any, operands: list[Any], out: int) -> int:
    return 2 * out * int(operands[0].shape[-1])


def _tensordot(_: Any, operands: list[Any], out: int) -> int:
    a, b = (math.prod(_fixed(x.shape)) for x in operands[:2])
    return 2 * out * math.isqrt(a * b // out)


def _einsum(node: Any, operands: list[Any], _: int) -> int:
    arrays = [x for x in operands if hasattr(x, "shape")]
    sizes: dict[str, int] = {}
    terms = node.operation.subscripts.replace(" ", "").split("->")[0].split(",")
    for term, array in zip(terms, arrays, strict=True):
        rest = len(array.shape) - len(term.replace("...", ""))
        letters = term.replace("...", "\x00" * rest) if "..." in term else term
        hidden = iter(range(rest))
        names = [f"batch{next(hidden)}" if letter == "\x00" else letter for letter in letters]
        for name, size in zip(names, _fixed(array.shape), strict=True):
            sizes[name] = max(size, sizes.get(name, 1))
    return 2 * math.prod(sizes.values()) if len(arrays) > 1 else 0


def _convolution(_: Any, operands: list[Any], out: int) -> int:
    return 2 * out * math.prod(_fixed(operands[1].shape)[:-1])


def _depthwise(_: Any, operands: list[Any], out: int) -> int:
    return 2 * out * math.prod(_fixed(operands[1].shape)[:-2])


def _separable(_: Any, operands: list[Any], out: int) -> int:
    *kernel, channels, multiplier = _fixed(operands[1].shape)
    middle = channels * multiplier
    positions = out // _fixed(operands[2].shape)[-1]
    return 2 * positions * middle * math.prod(kernel) + 2 * out * middle


def _transposed(_: Any, operands: list[Any], out: int) -> int:
    *kernel, filters, _channels = _fixed(operands[1].shape)
    return 2 * math.prod(_fixed(operands[0].shape)) * math.prod(kernel) * filters


def _softmax(_: Any, operands: list[Any], out: int) -> int:
    return 5 * out


def _attention(_: Any, operands: list[Any], out: int) -> int:
    batch, queries, heads, size = _fixed(operands[0].shape)
    pairs = batch * heads * queries * int(operands[1].shape[1])
    return 4 * pairs * size + 5 * pairs


def _bias(_: Any, operands: list[Any], out: int) -> int:
    """1 per element if a variable is added to a product; other sums (residuals, normalisation) count 0."""
    symbolic = [x for x in operands if isinstance(x, keras.KerasTensor)]
    constants = [x for x in operands if not isinstance(x, keras.KerasTensor) and getattr(x, "shape", None)]
    if len(symbolic) != 1 or not constants:
        return 0
    producer = type(symbolic[0]._keras_history.operation).__name__
    return out if producer in _PRODUCTS or producer == "Add" else 0


_PRODUCTS = ("Matmul", "Dot", "Tensordot", "Einsum", "Conv", "DepthwiseConv", "SeparableConv", "ConvTranspose")
_RULES: dict[str, Callable[[Any, list[Any], int], int]] = {
    "Matmul": _matmul,
    "Dot": _matmul,
    "Tensordot": _tensordot,
    "Einsum": _einsum,
    "Conv": _convolution,
    "DepthwiseConv": _depthwise,
    "SeparableConv": _separable,
    "ConvTranspose": _transposed,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "DotProductAttention": _attention,
    "Add": _bias,
}


@contextmanager
def _leaving_no_trace(model: Any) -> Iterator[None]:
    """Drops the symbolic calls that counting leaves on inner layers, and any state that a layer would change."""
    layers = list(model._flatten_layers())
    lengths = [(layer, len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in layers]
    try:
        with keras.StatelessScope():
            yield
    finally:
        for layer, inbound, outbound in lengths:
            del layer._inbound_nodes[inbound:]
            del layer._outbound_nodes[outbound:]
