"""Which arrays of a model are logged, and under which keys.

Weights: a layer with one array has the key `parameters/<layer>.weights`, one with two `parameters/<layer>.weights` and `.bias`; arrays of all
other layers are called by their own names, `parameters/<layer>.<variable>`. Layers of nested models are called by their path. Gradients:
`gradients/<layer>/<variable>.gradient`, the path of the variable below the model. Keys are unique.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from kerascope.keras.histograms import histograms, is_numeric
from kerascope.media.histogram import Histogram
from kerascope.terminal import termwarn


def weight_histograms(model: Any) -> dict[str, Histogram]:
    """Returns the histograms of all weights of `model`, counted on the device; a weight that is no number warns once."""
    variables = {}
    for key, variable in weight_keys(model):
        if is_numeric(variable):
            variables[key] = variable.value
        else:
            termwarn(f"{key} has dtype {variable.dtype}: only numbers have a histogram. It is left out.", repeat=False)
    return histograms(variables)


def weight_keys(model: Any) -> list[tuple[str, Any]]:
    """Returns (key, variable) of every weight of `model`, each variable once; seeds and metric states are no weights."""
    seen: set[int] = set()
    named = list(_layer_weights(model.layers, "parameters/", seen))
    for variable in model.weights:  # what the model itself owns, and layers that it does not list
        if id(variable) not in seen:
            seen.add(id(variable))
            named.append((f"parameters/{path_below(variable, model.name)}", variable))
    return _unique(named)


def gradient_keys(model: Any) -> list[tuple[str, Any]]:
    """Returns (key, variable) of every trainable variable of `model`, in the order of `model.trainable_variables`."""
    return _unique((f"gradients/{path_below(v, model.name)}.gradient", v) for v in model.trainable_variables)


def path_below(variable: Any, owner: str) -> str:
    """Returns the path of `variable` without the name of the model or layer that owns it."""
    path = str(variable.path)
    _, found, below = (
        path.rpartition(f"{owner}/") if not path.startswith(f"{owner}/") else ("", "/", path[len(owner) + 1 :])
    )
    return below if found and below else path


def _layer_weights(layers: Iterable[Any], prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    for layer in layers:
        inner = getattr(layer, "layers", None)
        if inner:
            yield from _layer_weights(inner, f"{prefix}{layer.name}/", seen)
        yield from _own_weights(layer, prefix, seen)


def _own_weights(layer: Any, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    all_weights = layer.weights
    variables = [v for v in all_weights if id(v) not in seen]
    seen.update(id(v) for v in variables)
    if len(all_weights) <= 2 and len(variables) == len(all_weights):
        names = ["weights", "bias"][: len(variables)]
    else:
        once = {name for name, n in Counter(v.name for v in variables).items() if n == 1}
        names = [v.name if v.name in once else path_below(v, layer.name) for v in variables]
    for name, variable in zip(names, variables, strict=True):
        yield f"{prefix}{layer.name}.{name}", variable


def _unique(named: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    taken: Counter[str] = Counter()
    result = []
    for key, variable in named:
        result.append((f"{key}_{taken[key]}" if taken[key] else key, variable))
        taken[key] += 1
    return result
