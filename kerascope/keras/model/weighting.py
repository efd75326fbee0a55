"""Sample weights and class weights: one weight per sample (or timestep) for every output that has a loss.

Pure. Both kinds together are multiplied. Weights are checked against the targets they belong to; a class of the data
that `class_weight` does not name is an error, never a silent 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerascope.keras.model.messages import BadArgument, short
from kerascope.keras.model.standardize import is_hdf5


def weights_by_output(argument: str, value: Any, names: Sequence[str]) -> list[Any]:
    """One entry (or None) per output, from an array, a list or a dict by output name.

    Args:
        argument: "sample_weight" or "class_weight", for messages.
        value: What the user gave. For class weights a single mapping of classes stands for the only output.
        names: Names of the outputs.

    Raises:
        ValueError: If a list has another length than the outputs.
        TypeError: If the container means nothing for a model of several outputs.
    """
    if isinstance(value, Mapping):
        # Placeholders as keys fed a session of that time; they name no output.
        value = {key: item for key, item in value.items() if not isinstance(key, keras.KerasTensor)}
    if value is None or (isinstance(value, Mapping | list) and len(value) == 0):
        return [None for _ in names]
    if isinstance(value, Mapping):
        return _from_mapping(argument, value, names)
    if len(names) == 1:
        single = (
            isinstance(value, list | tuple) and len(value) == 1 and (value[0] is None or hasattr(value[0], "shape"))
        )
        return [value[0] if single or (isinstance(value, list) and isinstance(value[0], Mapping)) else value]
    if isinstance(value, list):
        if len(value) != len(names):
            raise ValueError(
                f"When passing a list as `{argument}`, it should have one entry per model output. "
                f"The model has {len(names)} outputs, but you passed {len(value)} entries."
            )
        return list(value)
    if argument == "sample_weight" and hasattr(value, "shape"):
        return [value for _ in names]
    raise TypeError(
        f"`{argument}` of a model with several outputs must be a list or a dict by output name. "
        f"Received: {argument}={short(value)}."
    )


def combine(
    target: Any, sample_weight: Any, class_weight: Mapping[Any, float] | None, *, temporal: bool, name: str
) -> Any:
    """The weights of one output, or None when nothing was asked for.

    Args:
        target: The targets, (samples, ...).
        sample_weight: (samples,) floats, or (samples, timesteps) when `temporal`.
        class_weight: Weight by class; the class is the integer target or the place of the largest value of a row.
        temporal: Whether weights are per timestep.
        name: Name of the output, for messages.

    Raises:
        ValueError: If a shape does not fit, or a class of the data has no weight.
    """
    if sample_weight is not None:
        sample_weight = _check_sample_weight(target, _array(sample_weight), temporal=temporal, name=name)
    if class_weight is None:
        return sample_weight
    by_class = class_sample_weights(target, class_weight, name)
    if sample_weight is None:
        return by_class if not temporal else np.repeat(by_class[:, None], int(target.shape[1]), axis=1)
    if len(sample_weight.shape) == 2:
        by_class = by_class[:, None]
    return (np.asarray(sample_weight) * by_class).astype(keras.config.floatx())


def class_sample_weights(target: Any, class_weight: Mapping[Any, float], name: str) -> np.ndarray[Any, Any]:
    """The weight of the class of every sample, (samples,) in the float type of Keras.

    Raises:
        ValueError: If the targets have no class, or one that is not in `class_weight`.
    """
    if not isinstance(class_weight, Mapping):
        raise BadArgument(
            "`class_weight` must be a dict from class to weight, or a dict of such dicts by output name. "
            f"Received: class_weight={short(class_weight)}."
        )
    if len(target.shape) > 2:
        raise ValueError(
            f"`class_weight` needs one class per sample; output {name!r} has targets of shape {tuple(target.shape)}."
        )
    values = _to_numpy(target)
    if values.ndim == 2:
        values = values.argmax(axis=1) if values.shape[1] > 1 else values[:, 0]
    classes, places = np.unique(values, return_inverse=True)
    missing = [one for one in classes.tolist() if one not in class_weight]
    if missing:
        raise ValueError(
            f"`class_weight` must contain all classes in the data. The classes {short(set(missing))} of output {name!r} "
            f"have no weight. Received: class_weight={short(dict(class_weight))}."
        )
    table = np.asarray([class_weight[one] for one in classes.tolist()], dtype=keras.config.floatx())
    return np.asarray(table[places.reshape(-1)])


def fill(weights: Sequence[Any], targets: Sequence[Any], temporal: Sequence[bool]) -> list[Any] | None:
    """None when no output has weights; else the weights with ones for the outputs that have none."""
    if all(weight is None for weight in weights):
        return None
    return [
        _ones(target, by_step) if weight is None else weight
        for weight, target, by_step in zip(weights, targets, temporal, strict=True)
    ]


def _ones(target: Any, temporal: bool) -> np.ndarray[Any, Any]:
    shape = tuple(int(size) for size in target.shape[: 2 if temporal else 1])
    return np.ones(shape, dtype=keras.config.floatx())


def _from_mapping(argument: str, value: Mapping[Any, Any], names: Sequence[str]) -> list[Any]:
    if any(key in names for key in value):
        return [value.get(name) for name in names]
    if argument == "class_weight":
        if len(names) == 1:
            return [value]
        if not any(isinstance(item, Mapping) for item in value.values()):
            raise ValueError(
                "`class_weight` of a model with several outputs must give a dict of classes per output name. "
                f"Received: class_weight={short(dict(value))}."
            )
    raise ValueError(f"`{argument}` names no output of this model ({list(names)}). Received: {short(dict(value))}.")


def _to_numpy(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, np.ndarray):
        return value
    return np.asarray(value[:] if is_hdf5(value) else keras.ops.convert_to_numpy(value))


def _array(value: Any) -> Any:
    if hasattr(value, "shape") and not isinstance(value, np.ndarray):
        return value.to_numpy() if hasattr(value, "to_numpy") else value
    array = np.asarray(value)
    # Integer weights would be refused by some losses; they are factors, so they are floats.
    return array.astype(keras.config.floatx()) if array.dtype.kind in "fiub" else array


def _check_sample_weight(target: Any, weight: Any, *, temporal: bool, name: str) -> Any:
    shape, expected = tuple(weight.shape), tuple(target.shape)
    if temporal:
        if len(expected) < 3:
            raise ValueError(
                f"Timestep-wise weights (sample_weight_mode='temporal') need outputs with a time axis, at least 3 "
                f"dimensions. Output {name!r} has targets of shape {expected}."
            )
        if len(shape) != 2:
            raise ValueError(
                f"Output {name!r} is compiled with sample_weight_mode='temporal' and needs a 2D sample_weight "
                f"(samples, timesteps). Received: sample_weight of shape {shape}."
            )
    elif len(shape) != 1:
        raise ValueError(
            f"Found a sample_weight array with shape {shape} for output {name!r}. In order to use timestep-wise weights, "
            'compile with sample_weight_mode="temporal"; weights per sample are one-dimensional.'
        )
    if expected[: len(shape)] != shape:
        raise ValueError(
            f"Found a sample_weight array with shape {shape} for an input with shape {expected}, the targets of output "
            f"{name!r}. There must be one weight for each of them."
        )
    return weight
