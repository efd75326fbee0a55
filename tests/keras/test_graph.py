"""What a graph says of its layers. Runs on every backend."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from kerascope.keras.graph import model_graph


class Untold(layers.Layer):  # type: ignore[misc]
    """A layer whose configuration cannot be asked for."""

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        return inputs * 2.0


def settings(*stack: Any) -> list[dict[str, Any]]:
    """The settings of the layers behind an input of eight values."""
    model = keras.Sequential([layers.Input((8, 8, 1)), *stack])
    return [node.get("settings", {}) for node in model_graph(model)["nodes"][1:]]


def test_layers_tell_the_plain_values_that_they_were_made_with() -> None:
    (conv, dropout) = settings(layers.Conv2D(4, 3, activation="tanh"), layers.Dropout(0.25))
    assert (conv["filters"], conv["kernel_size"], conv["activation"], conv["padding"]) == (4, (3, 3), "tanh", "valid")
    assert dropout["rate"] == 0.25
    # Parts with a configuration of their own, and what stands elsewhere in the node.
    assert not {"kernel_initializer", "dtype", "name"} & conv.keys()


def test_a_layer_that_tells_nothing_is_a_node_all_the_same() -> None:
    assert settings(Untold(), layers.Flatten())[0] == {}


def test_long_values_are_left_out() -> None:
    (words,) = settings(layers.Reshape((8,) + (1,) * 9 + (8,)))
    assert "target_shape" not in words
