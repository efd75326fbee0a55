"""The training part of `.h5` files: how a model was compiled, and the state of its optimizer.

Keras 3 writes such files but cannot compile from them when a loss or metric was given by its short name; files of
Keras 2 also carry arguments of optimizers that have other names now. Both are read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras

# Arguments of Keras 2 optimizers by their names of today; None for those that are gone.
RENAMED = {"lr": "learning_rate", "decay": None, "schedule_decay": None, "epsilon": "epsilon"}
COMPILE_ARGUMENTS = ("loss", "metrics", "loss_weights", "weighted_metrics", "sample_weight_mode")


def is_hdf5_path(path: Any) -> bool:
    """Whether a path names an HDF5 model file."""
    return str(path).lower().endswith((".h5", ".hdf5"))


def compile_from_file(model: Any, path: Any, custom_objects: Mapping[str, Any] | None) -> None:
    """Compiles a model as the file says and restores the optimizer; nothing if it was saved uncompiled."""
    import h5py

    with h5py.File(path, "r") as file:
        text = file.attrs.get("training_config")
        if text is None:
            return
        config = json.loads(text.decode() if isinstance(text, bytes) else text)
        with keras.saving.custom_object_scope(dict(custom_objects or {})):
            optimizer = make_optimizer(config["optimizer_config"])
            arguments = {name: config.get(name) for name in COMPILE_ARGUMENTS}
            model.compile(optimizer, **arguments)
        if "optimizer_weights" in file and model.built:
            _restore(optimizer, model, file)


@contextmanager
def keeping_optimizer(model: Any) -> Iterator[None]:
    """Leaves a model compiled as it was: Keras drops the optimizer from its settings when it writes HDF5, and later files would lack it."""
    config = getattr(getattr(model, "_compile_config", None), "config", {})
    kept = dict(config)
    try:
        yield
    finally:
        config.update(kept)


def make_optimizer(config: Mapping[str, Any]) -> Any:
    """An optimizer from its config of Keras 2 or 3."""
    name = str(config["class_name"])
    kind = type(keras.optimizers.get(name.lower() if hasattr(keras.optimizers, name) else name))
    values: dict[str, Any] = {}
    for key, value in config["config"].items():
        key = RENAMED.get(key, key)
        if key is not None:
            values[key] = value
    known = kind().get_config()
    return kind.from_config({key: value for key, value in values.items() if key in known})


def _restore(optimizer: Any, model: Any, file: Any) -> None:
    """Sets the variables of the optimizer, if the file has one value for each of the same shape."""
    group = file["optimizer_weights"]
    names = [name.decode() if isinstance(name, bytes) else name for name in group.attrs["weight_names"]]
    values = [group[name][()] for name in names]
    optimizer.build(model.trainable_variables)
    variables = optimizer.variables
    if [tuple(value.shape) for value in values] == [tuple(variable.shape) for variable in variables]:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
