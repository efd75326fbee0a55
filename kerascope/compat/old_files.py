"""Files of Keras 1 and 2 with the meaning they were saved with: HDF5 models and weights, and models as JSON.

Keras 3 reads them with its own defaults and formulas. Here their configs say what was meant (`hard_sigmoid`, `reset_after`, layers
of cuDNN), and weights come in today's order. Promises: a file of Keras 3 is read as Keras reads it; nothing is written. The format is
that of the files themselves: attributes `keras_version`, `backend` and `model_config`, and groups of weights in layer order.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerascope.compat import defaults
from kerascope.compat.patches import Patches

_CUDNN = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
_ACTIVATIONS = ("activation", "recurrent_activation", "inner_activation")
_TURNED = {"Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTMCell"}
# What an argument was called in files before; it is not a default then.
_BEFORE = {"recurrent_activation": "inner_activation", "learning_rate": "lr"}
# Keras 1 kept each gate of a recurrent layer in weights of its own: the first one's name, and the gates in today's order.
_GATES = {"_W_i": "ifco", "_W_z": "zrh"}


def read(patches: Patches, keras: Any) -> None:
    """Reads old files with their own meaning.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
    """
    from keras.src.legacy.saving import legacy_h5_format, saving_utils

    patches.set(legacy_h5_format, "load_model_from_hdf5", _models_of_old(legacy_h5_format.load_model_from_hdf5))
    patches.set(legacy_h5_format, "_set_weights", _in_order_of_today(legacy_h5_format._set_weights))
    gates = _gates_joined(legacy_h5_format.load_subset_weights_from_hdf5_group, legacy_h5_format)
    patches.set(legacy_h5_format, "load_subset_weights_from_hdf5_group", gates)
    patches.set(saving_utils, "_deserialize_nested_config", _names_kept(saving_utils._deserialize_nested_config))
    for name in ("load_weights_from_hdf5_group", "load_weights_from_hdf5_group_by_name"):
        patches.set(legacy_h5_format, name, _kernels_turned(getattr(legacy_h5_format, name)))
    patches.set(saving_utils, "model_from_config", _operations_too(saving_utils.model_from_config))
    load_model = _ready_to_train(keras.saving.load_model)
    for home in (keras.saving, keras.models):
        patches.set(home, "load_model", load_model)
    from_json = keras.models.model_from_json

    @functools.wraps(from_json)
    def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
        config = json.loads(json_string)
        if not isinstance(config, dict) or _is_of_today(config.get("keras_version", "3")):
            return from_json(json_string, custom_objects)
        return saving_utils.model_from_config(as_meant(config, config["keras_version"]), custom_objects)

    patches.set(keras.models, "model_from_json", model_from_json)


def _operations_too(original: Callable[..., Any]) -> Callable[..., Any]:
    """Reads steps of a graph that are no layers, such as the mask that an `Embedding` gives to a layer of the script's own."""

    @functools.wraps(original)
    def model_from_config(config: Any, custom_objects: Any = None) -> Any:
        from keras.src.ops import core, image, nn, numpy

        name = config.get("class_name") if isinstance(config, dict) else None
        is_known = not name or hasattr(layers, name) or saving.get_registered_object(name, custom_objects)
        if name and not is_known:
            for home in (numpy, nn, core, image):
                kind = getattr(home, str(name), None)
                if isinstance(kind, type) and issubclass(kind, Operation):
                    return kind.from_config(config["config"])  # type: ignore[attr-defined]  # an Operation
        return original(config, custom_objects)

    from keras import Operation, layers, saving

    return model_from_config


def as_meant(config: Any, version: str) -> Any:
    """Returns a config of Keras 1 or 2 that says in words what the version meant without saying it.

    Args:
        config: of a model, a layer or an optimizer, as decoded from JSON.
        version: of Keras, as the file has it.
    """
    usual = defaults.of_release(defaults.release_of(version))
    return _explicit(config, usual)


def _explicit(config: Any, usual: dict[str, dict[str, Any]]) -> Any:
    if isinstance(config, list):
        return [_explicit(one, usual) for one in config]
    if not isinstance(config, dict):
        return config
    made = {key: _explicit(value, usual) for key, value in config.items()}
    if made.get("class_name") == "Sequential":
        made["config"] = _with_input(made["config"])
    elif "class_name" in made and isinstance(made.get("config"), dict):
        made["class_name"] = _say_everything(made["class_name"], made["config"], usual)
    return made


def _with_input(config: Any) -> dict[str, Any]:
    """The config of a Sequential model whose input is a layer of its own; before 2.2.3 it was the list of layers."""
    layers = config if isinstance(config, list) else config["layers"]
    shape = layers[0]["config"].get("batch_input_shape") if layers else None
    if shape is not None and layers[0]["class_name"] != "InputLayer":
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": shape}}, *layers]
    for one in layers[1:]:
        one["config"].pop("batch_input_shape", None)
    return {"name": "sequential", **(config if isinstance(config, dict) else {}), "layers": layers}


def _say_everything(kind: str, settings: dict[str, Any], usual: dict[str, dict[str, Any]]) -> str:
    """Completes the settings of one layer or optimizer, and returns its class of today."""
    if kind in _CUDNN:
        settings.update(activation="tanh", recurrent_activation="sigmoid")
        if kind == "CuDNNGRU":
            settings["reset_after"] = True
        return _CUDNN[kind]
    for argument, value in usual.get(kind, {}).items():
        if _BEFORE.get(argument) not in settings:
            settings.setdefault(argument, value)
    for key in _ACTIVATIONS:
        if settings.get(key) == "hard_sigmoid":
            settings[key] = defaults.HARD_SIGMOID
    return kind


def _is_of_today(version: Any) -> bool:
    text = version.decode() if isinstance(version, bytes) else str(version)
    return defaults.release_of(text) == "3"


def _models_of_old(original: Callable[..., Any]) -> Callable[..., Any]:
    """`load_model` of an HDF5 file: the file is handed on with the configs it means."""

    @functools.wraps(original)
    def load_model_from_hdf5(filepath: Any, *args: Any, **kwargs: Any) -> Any:
        import h5py

        class File(h5py.File):  # type: ignore[misc]
            @property
            def attrs(self) -> Any:
                said = dict(super().attrs.items())
                version = _text(said.get("keras_version", "1"))
                for name in ("model_config", "training_config"):
                    if name in said and not _is_of_today(version):
                        said[name] = json.dumps(as_meant(json.loads(_text(said[name])), version))
                return said

        if isinstance(filepath, h5py.File):
            filepath = filepath.filename
        with File(os.fspath(filepath), "r") as file:
            return original(file, *args, **kwargs)

    return load_model_from_hdf5


def _names_kept(original: Callable[..., Any]) -> Callable[..., Any]:
    """Losses and metrics of a file that are names of Keras stay names: `compile` takes "mse", and Keras' loader of HDF5 does not."""
    from keras.src import losses, metrics

    known = {*losses.ALL_OBJECTS_DICT, *metrics.ALL_OBJECTS_DICT}

    @functools.wraps(original)
    def _deserialize_nested_config(deserialize_fn: Callable[[Any], Any], config: Any) -> Any:
        return original(lambda one: one if isinstance(one, str) and one in known else deserialize_fn(one), config)

    return _deserialize_nested_config


def _as_saved(filepath: Any) -> Any:
    """The path that `save` made of a name without an ending."""
    path = os.fspath(filepath) if isinstance(filepath, str | os.PathLike) else None
    made = [f"{path}{suffix}" for suffix in (".keras", ".h5") if path and not os.path.exists(path)]
    return next((one for one in made if os.path.exists(one)), filepath)


def _ready_to_train(original: Callable[..., Any]) -> Callable[..., Any]:
    """`load_model`; the optimizer of an HDF5 file, which Keras builds for no variable at all, goes on where it was."""

    @functools.wraps(original)
    def load_model(filepath: Any, *args: Any, **kwargs: Any) -> Any:
        filepath = _as_saved(filepath)
        model = original(filepath, *args, **kwargs)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is None or not optimizer.built or optimizer._trainable_variables or not model.trainable_variables:
            return model
        fresh = type(optimizer).from_config(optimizer.get_config())
        fresh.build(model.trainable_variables)
        _go_on(fresh, filepath)
        model.optimizer = fresh
        return model

    return load_model


def _go_on(optimizer: Any, filepath: Any) -> None:
    """Gives an optimizer its state in a file: all of it as Keras 3 saves it, the number of updates as Keras 2 did."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(getattr(filepath, "filename", filepath), "r") as file:
        if "optimizer_weights" not in file:
            return
        names = legacy_h5_format.load_attributes_from_hdf5_group(file["optimizer_weights"], "weight_names")
        values = [np.asarray(one) for one in legacy_h5_format.load_optimizer_weights_from_hdf5_group(file)]
        of_today = _is_of_today(file.attrs.get("keras_version", "1"))
    if of_today and [one.shape for one in values] == [tuple(one.shape) for one in optimizer.variables]:
        optimizer.set_weights(values)
    elif not of_today and names and "iterations" in names[0]:
        optimizer.iterations.assign(int(values[0]))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _gates_joined(original: Callable[..., Any], legacy_h5_format: Any) -> Callable[..., Any]:
    """The weights of one layer in a file; those of recurrent layers of Keras 1 are joined."""

    @functools.wraps(original)
    def load_subset_weights_from_hdf5_group(group: Any) -> list[Any]:
        names = legacy_h5_format.load_attributes_from_hdf5_group(group, "weight_names")
        return join_gates([one.partition(":")[0] for one in names], original(group))

    return load_subset_weights_from_hdf5_group


def join_gates(names: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Returns kernel, recurrent kernel and bias of recurrent layers whose gates are apart, as Keras 1 had them; others as they are.

    Args:
        names: of the weights, in the order of the file: "lstm_1_W_i", "lstm_1_U_i", "lstm_1_b_i", ...
        values: the weights.
    """
    found = dict(zip(names, values, strict=True))
    first = next((name for name in names if name.endswith(tuple(_GATES))), None)
    if first is None:
        return list(values)
    gates = _GATES[first[-4:]]
    layers = dict.fromkeys(name[:-4] for name in names if name.endswith(first[-4:]))
    return [
        np.concatenate([found[f"{layer}_{part}_{gate}"] for gate in gates], axis=-1)
        for layer in layers
        for part in "WUb"
    ]


def _in_order_of_today(original: Callable[..., Any]) -> Callable[..., Any]:
    """Weights of cuDNN's layers, which are laid out in another way, as they are set."""

    @functools.wraps(original)
    def _set_weights(instance: Any, symbolic_weights: Any, weight_values: Any, *args: Any, **kwargs: Any) -> Any:
        places = {id(one): place for place, one in enumerate(symbolic_weights)}
        values = list(weight_values)
        for layer in instance._flatten_layers():
            parts = [getattr(layer, name, None) for name in ("kernel", "recurrent_kernel", "bias")]
            if type(layer).__name__ in ("LSTMCell", "GRUCell") and all(id(one) in places for one in parts):
                where = [places[id(one)] for one in parts]
                kernel, recurrent, bias = (values[place] for place in where)
                made = from_cudnn(kernel, recurrent, bias, 4 if type(layer).__name__ == "LSTMCell" else 3)
                for place, value in zip(where, made, strict=True):
                    values[place] = value
        return original(instance, symbolic_weights, values, *args, **kwargs)

    return _set_weights


def from_cudnn(kernel: Any, recurrent_kernel: Any, bias: Any, gates: int) -> tuple[Any, Any, Any]:
    """Returns the weights of a recurrent layer of cuDNN as `LSTM` and `GRU(reset_after=True)` have them; others as they are.

    Args:
        kernel: (inputs, gates * units).
        recurrent_kernel: (units, gates * units).
        bias: (2 * gates * units,) for cuDNN's: one of the kernel, then one of the recurrent kernel.
        gates: 4 for LSTM, 3 for GRU.
    """
    if bias.shape != (2 * recurrent_kernel.shape[1],):
        return kernel, recurrent_kernel, bias
    # cuDNN multiplies from the left: each gate's matrix is the transpose, kept in the shape of what it stands for.
    turned = [one.reshape(-1).reshape(one.shape, order="F") for one in np.split(kernel, gates, axis=1)]
    recurrent = [one.T for one in np.split(recurrent_kernel, gates, axis=1)]
    both = bias.reshape(2, -1)
    return np.hstack(turned), np.hstack(recurrent), both.sum(axis=0) if gates == 4 else both


def _kernels_turned(original: Callable[..., Any]) -> Callable[..., Any]:
    """Loading of weights; those that Theano saved have kernels turned by half a turn."""

    @functools.wraps(original)
    def load(group: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        done = original(group, model, *args, **kwargs)
        if _text(group.attrs.get("backend", "")) == "theano":
            loaded = {_text(one) for one in group}
            for layer in model.layers:
                if not original.__name__.endswith("_by_name") or layer.name in loaded:
                    _turn_kernels(layer)
        return done

    return load


def _turn_kernels(layer: Any) -> None:
    import keras

    for one in layer._flatten_layers():
        for name in ("kernel", "recurrent_kernel") if type(one).__name__ in _TURNED else ():
            kernel = getattr(one, name, None)
            if kernel is not None:
                value = keras.ops.convert_to_numpy(kernel)
                kernel.assign(np.flip(value, axis=tuple(range(value.ndim - 2))))
