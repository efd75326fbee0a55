"""FLOPs against golden numbers, published ones and sums by hand. Runs on every backend."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers

from kerascope.errors import UsageError
from kerascope.keras.flops import count_flops, gigaflops
from kerascope.keras.graph import model_graph
from tests.keras.acceptance import holds


def golden(functional: bool) -> Any:
    stack = [layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(10, activation="softmax")]
    if not functional:
        return keras.Sequential([layers.Input((28, 28, 1)), *stack])
    inputs = out = keras.Input((28, 28, 1))
    for layer in stack:
        out = layer(out)
    return keras.Model(inputs, out)


@pytest.mark.parametrize("functional", [True, False])
@holds("compute_flops, 28x28x1")
def test_the_golden_number(functional: bool) -> None:
    assert gigaflops(golden(functional)) == pytest.approx(0.000039576, rel=1e-12)


@pytest.mark.parametrize(("name", "published"), [("MobileNetV2", 0.30), ("ResNet50", 3.86)])
def test_published_numbers(name: str, published: float) -> None:
    model = getattr(keras.applications, name)(weights=None)
    assert gigaflops(model) == pytest.approx(published, rel=0.03)


def attention(x: Any) -> Any:
    return layers.MultiHeadAttention(2, 8)(x, x)


# Input (10, 6): ten steps of six features. A multiply-add is 2, a bias 1 per output, a softmax 5 per element.
LAYERS = {
    "dense": (lambda: layers.Dense(4), 10 * (2 * 6 * 4 + 4)),
    "conv": (lambda: layers.Conv1D(4, 3, groups=2), 8 * (2 * 3 * 3 * 4 + 4)),
    "depthwise": (lambda: layers.DepthwiseConv1D(3), 8 * (2 * 3 * 6 + 6)),
    "separable": (lambda: layers.SeparableConv1D(4, 3), 8 * (2 * 3 * 6 + 2 * 6 * 4 + 4)),
    "transposed": (lambda: layers.Conv1DTranspose(4, 3), 10 * 2 * 3 * 6 * 4 + 12 * 4),
    "einsum": (lambda: layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d"), 10 * (2 * 6 * 5 + 5)),
    "lstm": (lambda: layers.LSTM(4), 10 * (2 * (6 + 4) * 16 + 16)),
    "both ways": (lambda: layers.Bidirectional(layers.LSTM(4)), 2 * 10 * (2 * (6 + 4) * 16 + 16)),
    "per step": (lambda: layers.TimeDistributed(layers.Dense(3)), 10 * (2 * 6 * 3 + 3)),
    "attention": (lambda: attention, 3 * 10 * (2 * 6 * 16 + 16) + 10 * (2 * 16 * 6 + 6) + 4 * 100 * 16 + 5 * 2 * 100),
    "softmax": (layers.Softmax, 5 * 60),
    "free": (lambda: keras.Sequential([layers.LayerNormalization(), layers.ReLU(), layers.MaxPool1D()]), 0),
}


@pytest.mark.parametrize("name", list(LAYERS))
def test_each_kind_of_layer_is_the_sum_by_hand(name: str) -> None:
    make, expected = LAYERS[name]
    inputs = keras.Input((10, 6))
    model = keras.Model(inputs, make()(inputs))
    assert count_flops(model) == expected
    assert count_flops(model) == expected
    assert sum(node.get("flops", 0) for node in model_graph(model)["nodes"]) == expected


def test_counting_leaves_nothing_on_the_layers() -> None:
    inputs = keras.Input((10, 6))
    model = keras.Model(inputs, keras.Sequential([layers.Dense(3, name="inner")])(inputs))
    inner = model.layers[-1].layers[-1]
    before = len(inner._inbound_nodes), len(inner._outbound_nodes)
    count_flops(model)
    assert (len(inner._inbound_nodes), len(inner._outbound_nodes)) == before


def test_unknown_sizes_and_other_objects_are_refused_in_a_sentence() -> None:
    inputs = keras.Input((None, None, 3))
    with pytest.raises(UsageError, match="fixed input sizes"):
        count_flops(keras.Model(inputs, layers.Conv2D(2, 3)(inputs)))
    with pytest.raises(TypeError, match="Keras model"):
        count_flops("model")


def test_a_shared_layer_has_an_edge_per_call_and_counts_twice() -> None:
    a, b, shared = keras.Input((3,), name="a"), keras.Input((3,), name="b"), layers.Dense(3, name="shared")
    model = keras.Model([a, b], layers.Add(name="sum")([shared(a), shared(b)]))
    graph = model_graph(model)
    assert sorted(map(tuple, graph["edges"])) == [
        ("a", "shared"),
        ("b", "shared"),
        ("shared", "sum"),
        ("shared", "sum"),
    ]
    assert count_flops(model) == 2 * (2 * 9 + 3)
