"""Things of Keras 1 and 2 that Keras 3 has no counterpart for: written on today's layers, or a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import keras
import numpy as np

from kerascope.compat.report import note
from kerascope.errors import Error

_MERGES = {
    "sum": "Add",
    "add": "Add",
    "mul": "Multiply",
    "concat": "Concatenate",
    "ave": "Average",
    "max": "Maximum",
    "dot": "Dot",
    "cos": "Dot",
}

_NOT_LOCAL = (
    "Layers with a kernel for each place went away with Keras 2. Received: LocallyConnected{0}D. Use keras.layers.Conv{0}D, which "
    "shares one kernel, or write a layer of your own that multiplies patches with keras.ops.einsum."
)

Container = Network = keras.Model
Node = keras.KerasTensor


def merge(
    inputs: Any,
    mode: Any = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    name: Any = None,
) -> Any:
    """Merges tensors as `keras.layers.merge` of Keras 1 did.

    Args:
        inputs: list of tensors.
        mode: "sum", "mul", "concat", "ave", "max", "dot", "cos", or a function of the list.
        concat_axis: axis of "concat".
        dot_axes: axes of "dot" and "cos".
        output_shape: shape that a function gives, without the batch.
        name: of the layer.
    """
    return Merge(mode=mode, concat_axis=concat_axis, dot_axes=dot_axes, output_shape=output_shape, name=name)(inputs)


def Merge(
    layers: Any = None,
    mode: Any = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    name: Any = None,
) -> Any:
    """Returns the layer that does what `Merge(mode=...)` did. Arguments as in `merge`, and:

    Args:
        layers: models whose outputs are merged; the result then is a model of all their inputs, and may begin a `Sequential`.
    """
    if layers is not None:
        return _merged_models(layers, Merge(None, mode, concat_axis, dot_axes, output_shape, name))
    if callable(mode):
        note("merge(mode=function)", "keras.layers.Lambda(function)")
        return keras.layers.Lambda(mode, output_shape=output_shape, name=name)
    if mode not in _MERGES:
        raise Error(f"`mode` must be one of {', '.join(_MERGES)} or a function. Received: mode={mode!r}.")
    today = _MERGES[mode]
    note(f"merge(mode={mode!r})", f"keras.layers.{today}()")
    extra: dict[str, Any] = {"axis": concat_axis} if mode == "concat" else {}
    if today == "Dot":
        extra = {"axes": dot_axes, "normalize": mode == "cos"}
    return getattr(keras.layers, today)(name=name, **extra)


def _merged_models(models: Any, layer: Any) -> Any:
    note("Merge([a, b])", "keras.Model([a.input, b.input], keras.layers.concatenate([a.output, b.output]))")
    for one in models:
        if not getattr(one, "inputs", None) and isinstance(one.layers[0], keras.layers.Embedding):
            one.build((None, None))
    unbuilt = next((one for one in models if not getattr(one, "inputs", None)), None)
    if unbuilt is not None:
        raise Error(
            f"Models that are merged must know their inputs. Received: {unbuilt.name!r} without one. "
            "Give its first layer `input_shape`."
        )
    inputs = [tensor for one in models for tensor in one.inputs]
    return keras.Model(inputs, layer([one.outputs[0] for one in models]))


def slice_X(x: Any, start: Any = None, stop: Any = None) -> Any:
    """Returns rows of an array, or of each of a list of arrays: from `start` to `stop`, or those that the list `start` names."""
    note("slice_X(x, start, stop)", "x[start:stop]")
    if isinstance(x, list):
        return [slice_X(one, start, stop) for one in x]
    return x[start] if hasattr(start, "__len__") else x[start:stop]


slice_arrays = slice_X


def convert_kernel(kernel: Any) -> Any:
    """Returns a kernel turned by half a turn, as Theano and TensorFlow had it of each other."""
    note("convert_kernel(kernel)", "numpy.flip(kernel, axes)")
    return np.flip(kernel, axis=tuple(range(kernel.ndim - 2)))


def convert_all_kernels_in_model(model: Any) -> None:
    """Does nothing: kernels of all backends are turned the same way."""
    note("convert_all_kernels_in_model(model)", "nothing: kernels of all backends are turned the same way")


class BaseLogger(keras.callbacks.Callback):  # type: ignore[misc]
    """A callback that does nothing: Keras averages metrics itself.

    Args:
        stateful_metrics: has no effect.
    """

    def __init__(self, stateful_metrics: Any = None) -> None:
        super().__init__()
        note("callbacks.BaseLogger()", "nothing: Keras averages metrics itself")


def WeightRegularizer(l1: float = 0.0, l2: float = 0.0) -> Any:
    """Returns `keras.regularizers.L1L2`."""
    note("WeightRegularizer(l1, l2)", "keras.regularizers.L1L2(l1, l2)")
    return keras.regularizers.L1L2(l1=l1, l2=l2)


def TimeDistributedDense(output_dim: int, **kwargs: Any) -> Any:
    """Returns `TimeDistributed(Dense(...))`.

    Args:
        output_dim: units.
        **kwargs: arguments of `Dense`.
    """
    note("TimeDistributedDense(n)", "TimeDistributed(Dense(n))")
    shape = {key: kwargs.pop(key) for key in ("input_shape",) if key in kwargs}
    return keras.layers.TimeDistributed(keras.layers.Dense(output_dim, **kwargs), **shape)


def CuDNNLSTM(units: int, *initializers: Any, **kwargs: Any) -> Any:
    """Returns the `LSTM` that computes what `CuDNNLSTM` did.

    Args:
        units: of the layer.
        *initializers: of kernel, recurrent kernel and bias, as they came second to fourth.
        **kwargs: arguments of `LSTM`.
    """
    return keras.layers.LSTM(units, **_as_cudnn(initializers, kwargs))


def CuDNNGRU(units: int, *initializers: Any, **kwargs: Any) -> Any:
    """Returns the `GRU` that computes what `CuDNNGRU` did. Arguments as in `CuDNNLSTM`."""
    return keras.layers.GRU(units, reset_after=True, **_as_cudnn(initializers, kwargs))


def _as_cudnn(initializers: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    names = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
    return {"recurrent_activation": "sigmoid", **dict(zip(names, initializers, strict=False)), **kwargs}


def SyncBatchNormalization(**kwargs: Any) -> Any:
    """Returns a `BatchNormalization` that is synchronized between devices."""
    return keras.layers.BatchNormalization(synchronized=True, **kwargs)


def Graph(*args: Any, **kwargs: Any) -> NoReturn:
    """Raises Error: the `Graph` model of Keras 0 is gone."""
    raise Error("`Graph` models went away with Keras 1. Build keras.Model(inputs=..., outputs=...) from layers.")


def LocallyConnected1D(*args: Any, **kwargs: Any) -> NoReturn:
    """Raises Error: Keras 3 has no layers whose kernel differs from place to place."""
    raise Error(_NOT_LOCAL.format(1))


def LocallyConnected2D(*args: Any, **kwargs: Any) -> NoReturn:
    """Raises Error: Keras 3 has no layers whose kernel differs from place to place."""
    raise Error(_NOT_LOCAL.format(2))


def model_from_config(config: Any, custom_objects: Any = None) -> Any:
    """Returns the model of a config. Arguments of `keras.layers.deserialize`."""
    return keras.layers.deserialize(config, custom_objects=custom_objects)


def l1l2(l1: float = 0.01, l2: float = 0.01) -> Any:
    """Returns `keras.regularizers.L1L2` with the defaults of Keras 1."""
    return keras.regularizers.L1L2(l1=l1, l2=l2)


def maxnorm(m: float = 2, axis: int = 0, **kwargs: Any) -> Any:
    """Returns `keras.constraints.MaxNorm`."""
    note("maxnorm(m)", "keras.constraints.MaxNorm(m)")
    return keras.constraints.MaxNorm(max_value=kwargs.get("max_value", m), axis=axis)


def multi_gpu_model(model: Any, gpus: Any = None, **kwargs: Any) -> Any:
    """Returns the model itself: several devices are a matter of `keras.distribution` now.

    Args:
        model: the model.
        gpus: has no effect.
        **kwargs: have no effect.
    """
    note("multi_gpu_model(model, gpus=n)", "keras.distribution.set_distribution(keras.distribution.DataParallel())")
    return model


def print_summary(model: Any, line_length: Any = None, positions: Any = None, print_fn: Any = None) -> None:
    """Prints the summary of a model. Arguments of `model.summary`."""
    model.summary(line_length=line_length, positions=positions, print_fn=print_fn)


def categorical_probas_to_classes(p: Any) -> Any:
    """Returns class numbers from scores of shape (samples, classes)."""
    note("np_utils.categorical_probas_to_classes(p)", "p.argmax(axis=1)")
    return p.argmax(axis=1)


def probas_to_classes(y_pred: Any) -> Any:
    """Returns class numbers from scores of shape (samples, classes) or (samples, 1)."""
    note("np_utils.probas_to_classes(p)", "p.argmax(axis=1), or (p > 0.5)")
    return y_pred.argmax(axis=1) if y_pred.shape[1] > 1 else (y_pred > 0.5).astype("int32")


def plot(model: Any, to_file: str = "model.png", **kwargs: Any) -> Any:
    """Draws a model into a file. Arguments of `keras.utils.plot_model`."""
    note("visualize_util.plot(model)", "keras.utils.plot_model(model)")
    return keras.utils.plot_model(model, to_file=to_file, **kwargs)


def get_source_inputs(tensor: Any) -> list[Any]:
    """Returns the inputs that a tensor was made from."""
    return list(keras.utils.get_source_inputs(tensor))


def generate_legacy_interface(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """Returns a decorator that does nothing: old arguments are translated anyway."""
    return lambda function: function
