"""What is neither a name nor an argument: properties of optimizers and layers, histories, checkpoints and data sets."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from kerascope.compat import added, datasets, graphs, old_files, seeds, tables
from kerascope.compat.finder import fetch
from kerascope.compat.patches import Patches
from kerascope.compat.report import note


def change(patches: Patches, keras: Any) -> None:
    """Makes all changes of this module.

    Args:
        patches: where they are remembered.
        keras: the keras package.
    """
    _optimizers(patches, keras)
    _layers(patches, keras)
    _history(patches, keras)
    _checkpoints(patches, keras)
    _learning_rate_schedules(patches, keras)
    _activations(patches)
    old_files.read(patches, keras)
    _metrics(patches, keras)
    _image_iterators(patches)
    seeds.follow(patches, keras)
    graphs.compute_with_symbols(patches)
    added.take_added(patches, keras)
    datasets.watch(patches, keras)
    if keras.config.backend() == "torch":
        importlib.import_module("kerascope.compat.torch").change(patches, keras)
    for name in ("SGD", "Adam", "Adamax", "Adagrad", "Adadelta", "Nadam", "RMSprop", "Ftrl", "Optimizer"):
        if hasattr(keras.optimizers.legacy, name):
            patches.set(keras.optimizers.legacy, name, getattr(keras.optimizers, name))


class _Shape:
    """`layer.output_shape` of Keras 2; an attribute that a layer sets itself goes first."""

    def __init__(self, side: str) -> None:
        self._side = side

    def __get__(self, layer: Any, owner: type) -> Any:
        if layer is None:
            return self
        tensors = getattr(layer, self._side)
        if "/keras/" not in sys._getframe(1).f_code.co_filename:
            note(f"layer.{self._side}_shape", f"layer.{self._side}.shape")
        if isinstance(tensors, list | tuple):
            return [tuple(one.shape) for one in tensors]
        return tuple(tensors.shape)


def _of_call(side: str, *, shape: bool = False) -> Any:
    """`layer.get_output_at(i)` and its like: the tensors of the call number `i` of a layer that is called several times."""

    def get(self: Any, node_index: int) -> Any:
        node = self._inbound_nodes[node_index]
        tensors = node.input_tensors if side == "input" else node.output_tensors
        found = [tuple(one.shape) for one in tensors] if shape else list(tensors)
        return found[0] if len(found) == 1 else found

    return get


def _layers(patches: Patches, keras: Any) -> None:
    patches.add(keras.layers.Layer, "output_shape", _Shape("output"))
    patches.add(keras.layers.Layer, "input_shape", _Shape("input"))
    for side in ("input", "output"):
        patches.add(keras.layers.Layer, f"get_{side}_at", _of_call(side))
        patches.add(keras.layers.Layer, f"get_{side}_shape_at", _of_call(side, shape=True))
    for name in ("updates", "state_updates"):
        patches.add(keras.Model, name, property(lambda self: []))  # variables are assigned where they change
    start = vars(keras.layers.Lambda)["__init__"]

    @functools.wraps(start)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        if keras.config.backend() == "jax":  # K.random_normal inside draws from it; a compiled step cannot add it later
            self._classic_seed = keras.random.SeedGenerator()

    patches.set(keras.layers.Lambda, "__init__", __init__)
    patches.set(keras.layers.InputLayer, "input", property(lambda self: self.output))
    make_input = keras.Input

    @functools.wraps(make_input)
    def Input(*args: Any, **kwargs: Any) -> Any:
        tensor = kwargs.get("tensor")
        return tensor if isinstance(tensor, keras.KerasTensor) else make_input(*args, **kwargs)

    for home in (keras, keras.layers):
        patches.set(home, "Input", Input)
    add_weight = keras.layers.Layer.add_weight

    @functools.wraps(add_weight)
    def add_weight_by_name(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            note("layer.add_weight('name', shape)", "layer.add_weight(name='name', shape=shape)")
            kwargs = {**dict(zip(("name", "shape", "dtype", "initializer"), args, strict=False)), **kwargs}
            args = ()
        return add_weight(self, *args, **kwargs)

    patches.set(keras.layers.Layer, "add_weight", add_weight_by_name)


def _optimizers(patches: Patches, keras: Any) -> None:
    from keras.src.optimizers.base_optimizer import BaseOptimizer

    current = BaseOptimizer._get_current_learning_rate

    @functools.wraps(current)
    def decayed(self: Any) -> Any:
        rate = current(self)
        decay = getattr(self, "_classic_decay", 0.0)
        if not decay:
            return rate
        return rate / (1.0 + decay * keras.ops.cast(self.iterations, "float32"))

    def set_rate(self: Any, value: Any) -> None:
        self.learning_rate = value

    def rate(self: Any) -> Any:
        note("optimizer.lr", "optimizer.learning_rate")
        return self._learning_rate

    describe = BaseOptimizer.get_config

    @functools.wraps(describe)
    def get_config(self: Any) -> Any:
        decay = getattr(self, "_classic_decay", 0.0)
        return {**describe(self), **({"decay": decay} if decay else {})}

    patches.set(BaseOptimizer, "_get_current_learning_rate", decayed)
    patches.set(BaseOptimizer, "get_config", get_config)
    patches.add(BaseOptimizer, "lr", property(rate, set_rate))
    patches.add(BaseOptimizer, "decay", property(lambda self: getattr(self, "_classic_decay", 0.0)))


class _Records(dict[str, Any]):
    """The values of a training: `acc` and `accuracy` are the same metric, as scripts of all ages take them, and so are `lr` and its long name."""

    def __missing__(self, key: str) -> Any:
        other = "learning_rate" if key == "lr" else self._accuracy(key)
        if other != key and other in self:
            note(f"history[{key!r}]", f"history[{other!r}]")
            return self[other]
        raise KeyError(key)

    def _accuracy(self, key: str) -> str:
        return f"{key}uracy" if key == "acc" or key.endswith("_acc") else key.removesuffix("uracy")


def _history(patches: Patches, keras: Any) -> None:
    start = keras.callbacks.History.on_train_begin

    @functools.wraps(start)
    def on_train_begin(self: Any, logs: Any = None) -> None:
        start(self, logs)
        self.history = _Records()

    patches.set(keras.callbacks.History, "on_train_begin", on_train_begin)


def _checkpoints(patches: Patches, keras: Any) -> None:
    """`ModelCheckpoint` to any file name, and every `period` epochs."""
    kind = keras.callbacks.ModelCheckpoint
    start, end = vars(kind)["__init__"], kind.on_epoch_end

    @functools.wraps(start)
    def __init__(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:
        asked = os.fspath(filepath)
        if len(args) > 5 and isinstance(args[5], int):  # the place of `period` before that of `save_freq`
            args, kwargs = args[:5], {"period": args[5], **kwargs}
        period = int(kwargs.get("period", 1))
        weights_only = kwargs.get("save_weights_only", args[3] if len(args) > 3 else False)
        ending = ".weights.h5" if weights_only else ".keras"
        fits = asked.endswith((ending,) if weights_only else (".keras", ".h5"))
        start(self, asked if fits else f"{asked}{ending}", *args, **kwargs)
        if not fits:
            note(f"ModelCheckpoint({Path(asked).name!r})", f"ModelCheckpoint('name{ending}')")
            self.filepath = asked
        object.__setattr__(self, "_classic_period", period)

    @functools.wraps(end)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        if (epoch + 1) % getattr(self, "_classic_period", 1) == 0:
            end(self, epoch, _both_accuracies(logs))

    patches.set(kind, "__init__", __init__)
    patches.set(kind, "on_epoch_end", on_epoch_end)
    _guess_direction(patches)
    for name in ("EarlyStopping", "ReduceLROnPlateau"):
        _monitor_both(patches, getattr(keras.callbacks, name))
    _begin_at_the_baseline(patches, keras.callbacks.EarlyStopping)
    _columns_of_the_logs(patches, keras.callbacks.CSVLogger)


def _monitor_both(patches: Patches, kind: type) -> None:
    end = vars(kind)["on_epoch_end"]

    @functools.wraps(end)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        end(self, epoch, logs if self.monitor in (logs or {}) else _both_accuracies(logs))

    patches.set(kind, "on_epoch_end", on_epoch_end)


def _begin_at_the_baseline(patches: Patches, kind: Any) -> None:
    """`EarlyStopping(baseline=...)`: what is not better than the baseline is no improvement."""
    begin = kind.on_train_begin

    @functools.wraps(begin)
    def on_train_begin(self: Any, logs: Any = None) -> None:
        begin(self, logs)
        if self.baseline is not None:
            self.best = self.baseline

    patches.set(kind, "on_train_begin", on_train_begin)


def _columns_of_the_logs(patches: Patches, kind: Any) -> None:
    """`CSVLogger` without columns for a validation that does not take place."""
    end = kind.on_epoch_end

    @functools.wraps(end)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        if self.keys is None and logs:
            self.keys = sorted(logs)
        end(self, epoch, logs)

    patches.set(kind, "on_epoch_end", on_epoch_end)


def _both_accuracies(logs: Any) -> Any:
    """The logs with `acc` beside `accuracy`, for callbacks that monitor the other name."""
    logs = dict(logs or {})
    for prefix in ("", "val_"):
        for have, want in (("accuracy", "acc"), ("acc", "accuracy")):
            if f"{prefix}{have}" in logs:
                logs.setdefault(f"{prefix}{want}", logs[f"{prefix}{have}"])
    return logs


def _learning_rate_schedules(patches: Patches, keras: Any) -> None:
    """Callbacks that set the learning rate also beside `decay`, whose own rate stays the one that is set."""
    for kind, name in (
        (keras.callbacks.LearningRateScheduler, "on_epoch_begin"),
        (keras.callbacks.ReduceLROnPlateau, "on_epoch_end"),
    ):
        patches.set(kind, name, _beside_decay(getattr(kind, name)))


def _beside_decay(hook: Any) -> Any:
    @functools.wraps(hook)
    def called(self: Any, epoch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        decay = getattr(optimizer, "_classic_decay", 0.0)
        if not decay:
            hook(self, epoch, logs)
            return
        optimizer._classic_decay = 0.0
        try:
            hook(self, epoch, logs)
        finally:
            optimizer._classic_decay = decay

    return called


def _guess_direction(patches: Patches) -> None:
    """Callbacks with `mode="auto"` on a metric whose direction Keras 3 does not know: more is better if its name holds `acc`."""
    from keras.src.callbacks.monitor_callback import MonitorCallback

    choose = MonitorCallback._set_monitor_op

    @functools.wraps(choose)
    def _set_monitor_op(self: Any) -> None:
        try:
            choose(self)
        except ValueError:
            self.mode = "max" if "acc" in self.monitor or self.monitor.startswith("fmeasure") else "min"
            note(f"monitor={self.monitor!r}", f"monitor={self.monitor!r}, mode={self.mode!r}")
            choose(self)

    patches.set(MonitorCallback, "_set_monitor_op", _set_monitor_op)


def _activations(patches: Patches) -> None:
    """Activations that a script put among the custom objects, also as a layer."""
    from keras.src import activations
    from keras.src.saving import object_registration

    get = activations.get

    @functools.wraps(get)
    def get_also_custom(identifier: Any) -> Any:
        if isinstance(identifier, str):
            found = object_registration.get_registered_object(identifier)
            if found is not None:
                return found
        return get(identifier)

    patches.set(activations, "get", get_also_custom)


def _old_identifiers(patches: Patches) -> None:
    """Old names of losses and metrics as text: `metrics=["cosine_proximity"]`."""
    from keras.src import losses, metrics

    for home, names in ((losses, tables.KERAS_NAMES["keras.losses"]), (metrics, tables.KERAS_NAMES["keras.metrics"])):
        old = {name: fetch(target) for name, target in names.items() if name not in home.ALL_OBJECTS_DICT}
        patches.set(home, "ALL_OBJECTS_DICT", {**home.ALL_OBJECTS_DICT, **old})


def _image_iterators(patches: Patches) -> None:
    """`next` as a method, as iterators of Python 2 and of Keras before 3 have it."""
    from keras.src.legacy.preprocessing.image import Iterator

    patches.add(Iterator, "next", Iterator.__next__)


def _metrics(patches: Patches, keras: Any) -> None:
    """`reset_states` of metrics, called and overridden."""
    _old_identifiers(patches)
    reset = keras.metrics.Metric.reset_state

    def reset_states(self: Any) -> None:
        note("metric.reset_states()", "metric.reset_state()")
        self.reset_state()

    @functools.wraps(reset)
    def reset_state(self: Any) -> None:
        own = type(self).reset_states
        if own is not reset_states:
            own(self)
        else:
            reset(self)

    patches.set(keras.metrics.Metric, "reset_state", reset_state)
    patches.add(keras.metrics.Metric, "reset_states", reset_states)
    add_weight = keras.metrics.Metric.add_weight

    @functools.wraps(add_weight)
    def add_weight_by_name(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            kwargs["name"], args = args[0], args[1:]
        return add_weight(self, *args, **kwargs)

    patches.set(keras.metrics.Metric, "add_weight", add_weight_by_name)
