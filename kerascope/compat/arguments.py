"""Constructors that take the arguments of Keras 1 and 2: each is wrapped once, and translates before it calls the original.

Promises: classes stay the classes they are (`isinstance`, saving and subclassing work as before), and a call in today's form passes
through as it is. Configs inside old files are translated in the same way, since loading calls the same constructors.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from kerascope.compat import tables
from kerascope.compat.patches import Patches
from kerascope.compat.report import note

_FORMATS = {"th": "channels_first", "tf": "channels_last", "default": None}
_KERNEL_RANKS = {"Conv2D": 2, "Conv2DTranspose": 2, "SeparableConv2D": 2, "Conv3D": 3, "Conv3DTranspose": 3}
_KERNEL_NAMES = {
    2: (("nb_row", "nb_col"),),
    3: (("kernel_dim1", "kernel_dim2", "kernel_dim3"),),
}
_KERAS_1_SIGNS = {
    "border_mode",
    "subsample",
    "init",
    "dim_ordering",
    "W_regularizer",
    "b_regularizer",
    "bias",
    "activity_l2",
}
_RECURRENT = ("SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional")

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Translate = Callable[[str, frozenset[str], tuple[Any, ...], dict[str, Any]], Arguments]


def wrap_constructors(patches: Patches, keras: Any, usual: dict[str, dict[str, Any]]) -> None:
    """Wraps the constructors of layers, optimizers, callbacks and initializers.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
        usual: values of arguments that are not given: class, argument, value.
    """
    for base, home, translate in (
        (keras.layers.Layer, keras.layers, layer_arguments),
        (keras.optimizers.Optimizer, keras.optimizers, optimizer_arguments),
        (keras.callbacks.Callback, keras.callbacks, callback_arguments),
        (keras.constraints.Constraint, keras.constraints, constraint_arguments),
    ):
        for kind in {id(one): one for one in vars(home).values() if _is_kind(one, base)}.values():
            _wrap(patches, kind, translate, usual.get(kind.__name__, {}))


def _is_kind(value: Any, base: type) -> bool:
    return isinstance(value, type) and issubclass(value, base) and "__init__" in vars(value) and value is not base


def _wrap(patches: Patches, kind: type, translate: Translate, usual: dict[str, Any]) -> None:
    original = vars(kind)["__init__"]
    signature = inspect.signature(original)
    known = frozenset(signature.parameters)
    places = {name: place for place, name in enumerate(signature.parameters)}  # that of `self` is 0
    name = kind.__name__

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        batch_shape = kwargs.get("batch_input_shape")
        weights = kwargs.pop("weights", None) if "weights" in kwargs and "weights" not in known else None
        args, kwargs = translate(name, known, args, kwargs)
        for argument, value in usual.items():
            if argument not in kwargs and len(args) < places[argument]:
                kwargs[argument] = value
                note(f"{name}()", f"{name}({argument}={str(value).rpartition('>')[2]})")
        decay = kwargs.pop("decay", None)
        original(self, *args, **kwargs)
        if decay:
            self._classic_decay = float(decay)
        if batch_shape is not None and type(self).__name__ != "InputLayer":
            object.__setattr__(self, "_classic_batch_shape", tuple(batch_shape))
        if weights is not None:
            _set_when_built(self, weights)

    __init__.__signature__ = signature  # type: ignore[attr-defined]  # Keras reads it to record configs
    patches.set(kind, "__init__", __init__)


def layer_arguments(name: str, known: frozenset[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """Translates the arguments of a layer.

    Args:
        name: the class.
        known: the arguments that it takes today.
        args: given by position.
        kwargs: given by name.
    """
    args = tuple(map(_whole, args))
    kwargs.update({key: _whole(value) for key, value in kwargs.items()})
    if name in _KERNEL_RANKS:
        args = _kernel(name, args, kwargs)
    for old in [one for one in kwargs if one not in known]:
        value = kwargs[old]
        new = next((one for one in tables.LAYER_ARGUMENTS.get(old, ()) if one in known and one not in kwargs), None)
        if old == "batch_input_shape":
            del kwargs[old]
            kwargs["input_shape"] = tuple(value)[1:]
            note("batch_input_shape=(b, ...)", "keras.Input(batch_shape=(b, ...)) as first layer")
        elif new is not None:
            kwargs.pop(old)
            kwargs[new] = _value(new, value)
            note(f"{name}({old}=...)", f"{name}({new}=...)")
        elif old == "input_length" and "input_dim" in kwargs and name in _RECURRENT:
            kwargs["input_shape"] = (kwargs.pop(old), kwargs.pop("input_dim"))
            note(f"{name}(input_length=n, input_dim=d)", "keras.Input((n, d)) as first layer")
        elif old in tables.DROPPED_ARGUMENTS and (name, old) != ("Embedding", "input_length"):
            del kwargs[old]
            note(f"{name}({old}=...)", tables.DROPPED_ARGUMENTS[old])
    if name in _RECURRENT and "input_dim" in kwargs and "input_dim" not in known:
        kwargs["input_shape"] = (None, kwargs.pop("input_dim"))
    length = kwargs.pop("input_length", None) if name == "Embedding" else None
    if length is not None:
        kwargs.setdefault("input_shape", tuple(length) if isinstance(length, list | tuple) else (length,))
        note("Embedding(input_length=n)", "keras.Input((n,)) before it, where the length matters")
    _old_format(name, kwargs)
    return args, kwargs


def _old_format(name: str, kwargs: dict[str, Any]) -> None:
    if name == "BatchNormalization" and isinstance(kwargs.get("axis"), list | tuple):
        kwargs["axis"] = kwargs["axis"][0]  # configs of Keras 2 in TensorFlow hold a list
    if name == "Dropout" and isinstance(kwargs.get("noise_shape"), list):
        kwargs["noise_shape"] = tuple(kwargs["noise_shape"])


def _whole(value: Any) -> Any:
    """Counts that come from NumPy, as `np.max(y) + 1`, as the numbers that Keras 3 asks for."""
    return int(value) if isinstance(value, np.integer) else value


def _value(name: str, value: Any) -> Any:
    if name == "data_format":
        return _FORMATS.get(value, value)
    if name == "kernel_size" and isinstance(value, float):
        return int(value)
    return value


def is_keras_1_kernel(size: Sequence[object], keywords: Iterable[str]) -> bool:
    """Whether numbers behind the filter count are rows and columns (Keras 1), not kernel size and strides: equal, or among Keras 1 names."""
    return bool(_KERAS_1_SIGNS & set(keywords)) or len(set(size)) == 1


def _kernel(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Joins `Convolution2D(32, 3, 3)` to `Conv2D(32, (3, 3))`, and `nb_row`, `nb_col` likewise."""
    rank = _KERNEL_RANKS[name]
    for names in _KERNEL_NAMES[rank]:
        if all(one in kwargs for one in names):
            kwargs["kernel_size"] = tuple(kwargs.pop(one) for one in names)
            note(f"{name}({', '.join(names)})", f"{name}(kernel_size=...)")
            return args
    size = args[1 : 1 + rank]
    if len(size) < rank or not all(type(one) is int for one in size):
        return args
    if not is_keras_1_kernel(size, kwargs) or (
        rank == 2 and "strides" not in kwargs and len(args) > 3 and isinstance(args[3], str)
    ):
        return args
    if size[0] == 1 and "border_mode" not in kwargs and rank == 2:
        return args  # a 1x1 kernel with step 1 means the same both ways
    note(f"{name}(n, {', '.join(map(str, size))})", f"{name}(n, {size})")
    return (args[0], size, *args[1 + rank :])


def optimizer_arguments(name: str, known: frozenset[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """Translates the arguments of an optimizer; `decay` is left for the wrapper, which keeps it on the optimizer."""
    for old, new in tables.OPTIMIZER_ARGUMENTS.items():
        if old in kwargs:
            kwargs[new] = kwargs.pop(old)
            note(f"{name}({old}=...)", f"{name}({new}=...)")
    if "decay" in kwargs:
        note(
            f"{name}(decay=d)",
            f"{name}(learning_rate=keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=d))",
        )
        kwargs["decay"] = float(kwargs["decay"] or 0.0)
    if kwargs.get("epsilon", 0) is None:
        del kwargs["epsilon"]
    if "schedule_decay" in kwargs:
        del kwargs["schedule_decay"]
        note(f"{name}(schedule_decay=...)", "it is fixed now")
    rate = kwargs.get("learning_rate")
    if isinstance(rate, int) and not isinstance(rate, bool):
        kwargs["learning_rate"] = float(rate)
    for kept in ("clipnorm", "clipvalue"):
        if kwargs.get(kept) == 0:
            del kwargs[kept]
    return args, kwargs


def callback_arguments(name: str, known: frozenset[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """Translates the arguments of a callback."""
    if name == "ProgbarLogger":
        kwargs.update(zip(("count_mode", "stateful_metrics"), args, strict=False))
        args = ()
    for old, new in tables.CALLBACK_ARGUMENTS.get(name, {}).items():
        if old not in kwargs:
            continue
        value = kwargs.pop(old)
        if old == "period":
            if value != 1:
                note(f"{name}(period=n)", f"{name}(save_freq=n * steps_per_epoch)")
            continue
        if new:
            kwargs[new] = value
        note(f"{name}({old}=...)", f"{name}({new}=...)" if new else "it has no effect any more")
    return args, kwargs


def constraint_arguments(name: str, known: frozenset[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """Translates the arguments of a constraint: `maxnorm(m=3)`."""
    if "m" in kwargs and "max_value" in known:
        kwargs["max_value"] = kwargs.pop("m")
        note(f"{name}(m=...)", f"{name}(max_value=...)")
    return args, kwargs


def _set_when_built(layer: Any, weights: Any) -> None:
    """Sets `weights=[...]` of Keras 1 once the layer has its variables."""
    build = layer.build

    @functools.wraps(build)
    def build_then_set(*args: Any, **kwargs: Any) -> None:
        build(*args, **kwargs)
        layer.set_weights(weights)

    note("weights=[...] of a layer", "layer.set_weights([...]) once it is built")
    object.__setattr__(layer, "build", build_then_set)
