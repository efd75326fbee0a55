"""Finding a layer of a model by its name or its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerascope.keras.model.messages import BadArgument, BadLayerIndex, listing, short


def find_layer(layers: Sequence[Any], name: str | None, index: int | None) -> Any:
    """Returns a layer by its name or index; the index counts if both are given.

    Args:
        layers: All layers of the model, from the inputs up.
        name: Name of the layer.
        index: Its place; negative from the end.

    Raises:
        ValueError: If there is no such layer, or neither was given.
        IndexError: Also, for a negative index out of range.
    """
    if index is not None:
        if not isinstance(index, int | np.integer):
            raise BadArgument(f"`index` must be a whole number. Received: index={short(index)}.")
        if not -len(layers) <= index < len(layers):
            raise (ValueError if index >= 0 else BadLayerIndex)(
                f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers."
            )
        return layers[index]
    if name is None:
        raise ValueError("Provide either a layer name or layer index. Received: name=None, index=None.")
    for layer in layers:
        if layer.name == name:
            return layer
    raise ValueError(f"No such layer: {name}. The layers of this model are {listing(one.name for one in layers)}.")
