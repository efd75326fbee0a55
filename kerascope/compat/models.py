"""The classic training methods on every model: the first call of one turns the model into a classic one, in place.

`kerascope.keras.classic` holds what the methods do; here they are put where scripts look for them.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerascope.compat import tables
from kerascope.compat.patches import Patches
from kerascope.compat.report import note

_CLASSIC = (
    "compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "fit_generator",
    "evaluate_generator", "predict_generator", "reset_states",
)  # fmt: skip
_ONE_BY_ONE = ("predict", "predict_on_batch", "train_on_batch", "test_on_batch")
_LOCKS: weakref.WeakKeyDictionary[Any, threading.RLock] = weakref.WeakKeyDictionary()
_PREPARATIONS = ("_make_train_function", "_make_test_function", "_make_predict_function")
_RENAMED = {"input": "inputs", "output": "outputs"}
_SAMPLES = {"samples_per_epoch": "steps_per_epoch", "val_samples": "steps"}


def reach_every_model(patches: Patches, keras: Any, old_accuracy: bool) -> None:
    """Puts the classic methods on `keras.Model`.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
        old_accuracy: whether `metrics=["accuracy"]` is to be logged as `acc`, as before Keras 2.3.
    """
    from_config = _compiled_as_saved(keras, keras.Model.compile_from_config, keras.Model.compile)
    methods = _Classic(patches, keras, old_accuracy)
    if "kerascope.keras.model.model" in sys.modules:
        methods.load()
    patches.set(keras.Model, "compile_from_config", from_config)
    patches.add(keras.Model, "predict_classes", predict_classes)
    patches.add(keras.Model, "predict_proba", predict_proba)
    for name in _PREPARATIONS:
        patches.add(keras.Model, name, _prepared(name))
    patches.set(keras.Model, "save_weights", _saved_as_asked(keras.Model.save_weights))
    patches.set(keras.Model, "save", _saved(keras.Model.save))
    patches.set(keras.Model, "load_weights", _loaded(keras.Model.load_weights))
    _take_old_graphs(patches, keras, methods)
    _keep_batch_shapes(patches, keras)
    _take_several_inputs(patches, keras)


class _Classic:
    """Puts the classic methods on `keras.Model`; what they do is imported with the first model, and a start does without it.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
        old_accuracy: as for `reach_every_model`.
    """

    def __init__(self, patches: Patches, keras: Any, old_accuracy: bool) -> None:
        self._patches, self._old_accuracy = patches, old_accuracy
        self._model: Any = None
        self._methods: dict[str, Callable[..., Any]] = {}
        self._reached = {name: self._reach(name, getattr(keras.Model, name, None)) for name in _CLASSIC}
        for name, method in self._reached.items():
            patches.set(keras.Model, name, method)

    def load(self) -> None:
        """Imports the classic model and gives it the arguments of Keras 1; a second call does nothing."""
        if self._model is not None:
            return
        from kerascope.keras.model import Model

        self._model = Model
        for name, reached in self._reached.items():
            self._methods[name] = _translated(name, getattr(Model, name), self._old_accuracy)
            functools.update_wrapper(reached, self._methods[name])
            self._patches.set(Model, name, self._methods[name])

    def _reach(self, name: str, original: Callable[..., Any] | None) -> Callable[..., Any]:
        """What `keras.Model` gets: turns the model into a classic one, then calls the classic method."""

        def method(model: Any, *args: Any, **kwargs: Any) -> Any:
            self.load()
            if isinstance(model, self._model) and original is not None:
                return original(model, *args, **kwargs)  # the classic method calls the one of Keras
            from kerascope.keras.model import classic

            classic(model)
            return self._methods[name](model, *args, **kwargs)

        return method if original is None else functools.wraps(original)(method)


def _translated(name: str, target: Callable[..., Any], old_accuracy: bool) -> Callable[..., Any]:
    """A classic method that takes the arguments of Keras 1 too."""

    @functools.wraps(target)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name in tables.METHODS:
            note(f"model.{name}(...)", f"model.{tables.METHODS[name]}(...)")
        args, kwargs = _old_arguments(name, args, kwargs)
        if name == "compile":
            _name_functions(kwargs.get("loss", args[1] if len(args) > 1 else None))
        if "class_weight" in kwargs and _was_ignored(kwargs["class_weight"]):
            note("class_weight=[a, b]", "class_weight={0: a, 1: b}; Keras 2 took no notice of anything but a dict")
            kwargs["class_weight"] = None
        if name == "compile" and old_accuracy:
            kwargs = {key: _as_acc(value) if key == "metrics" else value for key, value in kwargs.items()}
            args = tuple(_as_acc(value) if place == 2 else value for place, value in enumerate(args))
        if name not in _ONE_BY_ONE:
            return target(self, *args, **kwargs)
        with _lock_of(self):  # a server answers from several threads, as graphs of TensorFlow 1 let it
            return target(self, *args, **kwargs)

    return method


def _was_ignored(class_weight: Any) -> bool:
    """Whether Keras 2 went on without such class weights: "auto", an array, or a list of numbers."""
    if isinstance(class_weight, list | tuple):
        return bool(class_weight) and all(isinstance(one, int | float | np.number) for one in class_weight)
    return isinstance(class_weight, str | np.ndarray)


def _lock_of(model: Any) -> Any:
    lock = _LOCKS.get(model)
    return _LOCKS.setdefault(model, threading.RLock()) if lock is None else lock


def _name_functions(losses: Any) -> None:
    """Gives losses that are lambdas a name, which TensorFlow's scopes need."""
    if isinstance(losses, dict | list | tuple):
        for one in losses.values() if isinstance(losses, dict) else losses:
            _name_functions(one)
    elif getattr(losses, "__name__", "") == "<lambda>":
        losses.__name__ = "loss"


def _compiled_as_saved(keras: Any, original: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """`compile_from_config`, which Keras leaves out for models whose `compile` is not its own: ours is as good as its own.

    The model becomes a classic one at its first classic call, as any other, with what is compiled here. `clone_model` gives a model
    that is not compiled, as it did before Keras 3: metrics of one's own could not be found again.
    """

    @functools.wraps(original)
    def compile_from_config(self: Any, config: Any) -> None:
        if sys._getframe(1).f_globals.get("__name__") == "keras.src.models.cloning":
            return
        if type(self).compile is not keras.Model.compile:
            original(self, config)
            return
        plain(self, **keras.saving.deserialize_keras_object(config))
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    return compile_from_config


def _as_acc(metrics: Any) -> Any:
    if isinstance(metrics, dict):
        return {name: _as_acc(one) for name, one in metrics.items()}
    if isinstance(metrics, list | tuple):
        return [_as_acc(one) for one in metrics]
    return "acc" if metrics == "accuracy" else metrics


def _old_arguments(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if "show_accuracy" in kwargs:
        kwargs.pop("show_accuracy")
        note(f"{name}(show_accuracy=...)", "compile(metrics=['accuracy'])")
    for old, new in _SAMPLES.items():
        if old in kwargs and "generator" not in name:
            continue
        if old in kwargs:
            count = kwargs.pop(old)
            stream = kwargs.pop("generator") if "generator" in kwargs else args[0]
            stream, kwargs[new] = _in_batches(stream, count)
            args = (stream, *args[1:])
            note(f"{name}({old}=samples)", f"{name}({new}=batches)")
    if "nb_val_samples" in kwargs:
        count, data = kwargs.pop("nb_val_samples"), kwargs.get("validation_data")
        if not isinstance(data, tuple | list) and data is not None:
            kwargs["validation_data"], kwargs["validation_steps"] = _in_batches(data, count)
        note(f"{name}(nb_val_samples=samples)", f"{name}(validation_steps=batches)")
    for old, new in tables.METHOD_ARGUMENTS.items():
        if old in kwargs:
            kwargs[new] = kwargs.pop(old)
            note(f"{name}({old}=...)", f"{name}({new}=...)")
    return args, kwargs


def _in_batches(stream: Any, samples: int) -> tuple[Any, int]:
    """Returns the stream and how many of its batches make up a number of samples."""
    size = getattr(stream, "batch_size", None)
    if size is None and hasattr(stream, "__next__"):
        first = next(stream)
        stream = itertools.chain([first], stream)
        size = _rows(first)
        stream = _generator(stream)
    elif size is None and hasattr(stream, "__getitem__"):
        size = _rows(stream[0])
    return stream, max(1, math.ceil(samples / (size or 1)))


def _generator(chained: Iterator[Any]) -> Iterator[Any]:
    yield from chained


def _rows(batch: Any) -> int:
    while isinstance(batch, tuple | list | dict):
        batch = next(iter(batch.values() if isinstance(batch, dict) else batch))
    return len(batch)


def predict_classes(self: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
    """Returns class numbers, (samples,); (samples, 1) of 0 and 1 for a single sigmoid output.

    Args:
        self: the model.
        x: inputs, as for `predict`.
        batch_size: samples per batch.
        verbose: 0 silent, 1 a progress bar.
    """
    note("model.predict_classes(x)", f"model.{tables.METHODS['predict_classes']}")
    scores = self.predict(x, batch_size=batch_size, verbose=verbose)
    return scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")


def predict_proba(self: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
    """Returns what `predict` returns. Arguments as there."""
    note("model.predict_proba(x)", "model.predict(x)")
    return np.asarray(self.predict(x, batch_size=batch_size, verbose=verbose))


def _prepared(name: str) -> Callable[[Any], None]:
    """What scripts called before they used a model in several threads: nothing needs to be made beforehand."""

    def prepare(self: Any) -> None:
        note(f"model.{name}()", "nothing: a model can be used in any thread")

    prepare.__name__ = name
    return prepare


def _saved_as_asked(original: Callable[..., Any]) -> Callable[..., Any]:
    """`save_weights` to any file name, in the layout of Keras 2 unless the name ends as today's do."""

    @functools.wraps(original)
    def save_weights(self: Any, filepath: Any, overwrite: bool = True, save_format: Any = None, **kwargs: Any) -> Any:
        path = os.fspath(filepath)
        if path.endswith(".weights"):
            path += ".h5"
        if path.endswith(".weights.h5"):
            return original(self, path, overwrite=overwrite, **kwargs)
        import h5py
        from keras.src.legacy.saving import legacy_h5_format

        if not overwrite and Path(path).exists():
            raise FileExistsError(f"`overwrite=False` and the file is there. Received: filepath={path!r}.")
        note("model.save_weights('name.h5')", "model.save_weights('name.weights.h5')")
        made = Path(path if path.endswith((".h5", ".hdf5")) or save_format == "h5" else f"{path}.h5")
        made.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(made, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, self)
        return None

    return save_weights


def _loaded(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_weights(
        self: Any, filepath: Any, by_name: bool = False, skip_mismatch: bool = False, **kwargs: Any
    ) -> Any:
        path = os.fspath(filepath)
        if not path.endswith((".keras", ".h5", ".hdf5")):
            path = path if Path(path).exists() and path.endswith(".h5") else f"{path}.h5"
        extra = {"by_name": True} if by_name else {}
        return original(self, path, skip_mismatch=skip_mismatch, **extra, **kwargs)

    return load_weights


def _saved(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def save(self: Any, filepath: Any, overwrite: bool = True, save_format: Any = None, **kwargs: Any) -> Any:
        path = os.fspath(filepath)
        if not path.endswith((".keras", ".h5", ".hdf5")):
            suffix = ".h5" if save_format == "h5" else ".keras"
            note("model.save('name')", "model.save('name.keras')")
            path += suffix
        kwargs.pop("options", None)
        kwargs.pop("signatures", None)
        return original(self, path, overwrite=overwrite, **kwargs)

    return save


def _take_old_graphs(patches: Patches, keras: Any, methods: _Classic) -> None:
    """`Model(input=a, output=b)` of Keras 1; the first model made brings the classic methods."""
    from keras.src.models.functional import Functional

    make, start = keras.Model.__new__, vars(Functional)["__init__"]

    def renamed(kwargs: dict[str, Any]) -> dict[str, Any]:
        if "input" in kwargs and "output" in kwargs:
            note("Model(input=..., output=...)", "Model(inputs=..., outputs=...)")
            return {_RENAMED.get(name, name): value for name, value in kwargs.items()}
        return kwargs

    @functools.wraps(make)
    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:
        methods.load()
        return make(cls, *args, **renamed(kwargs))

    @functools.wraps(start)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **renamed(kwargs))

    patches.set(keras.Model, "__new__", staticmethod(__new__))
    patches.set(Functional, "__init__", __init__)


def _keep_batch_shapes(patches: Patches, keras: Any) -> None:
    """`Sequential.add` of a layer with `batch_input_shape`, which stateful recurrent layers need."""
    add = keras.Sequential.add

    @functools.wraps(add)
    def add_with_batch(self: Any, layer: Any, *args: Any, **kwargs: Any) -> None:
        shape = vars(layer).get("_classic_batch_shape") if hasattr(layer, "__dict__") else None
        if shape is not None and not self._layers:
            layer.__dict__.pop("_input_shape_arg", None)
            add(self, keras.layers.InputLayer(batch_shape=shape))
        add(self, layer, *args, **kwargs)

    patches.set(keras.Sequential, "add", add_with_batch)


def _take_several_inputs(patches: Patches, keras: Any) -> None:
    """A `Sequential` that begins with a model of several inputs, as `Merge([a, b])` of Keras 1 is."""
    build = keras.Sequential.build

    @functools.wraps(build)
    def build_on_first(self: Any, input_shape: Any = None) -> Any:
        first = self._layers[0] if self._layers else None
        if not isinstance(first, keras.Model) or not isinstance(getattr(first, "inputs", None), list):
            return build(self, input_shape)
        if len(first.inputs) < 2:
            return build(self, input_shape)
        output = first.outputs[0]
        for layer in self._layers[1:]:
            output = layer(output)
        self._functional = keras.Model(first.inputs, output)
        self.built = True
        return None

    patches.set(keras.Sequential, "build", build_on_first)
    for side in ("input", "output"):
        patches.set(keras.Sequential, side, property(functools.partial(_end_of, side=f"{side}s")))


def _end_of(model: Any, side: str) -> Any:
    """`model.input` and `model.output` of a `Sequential` that was never called."""
    ends = getattr(model, side, None)
    if not ends:
        raise AttributeError(
            f"The model must know its inputs. Received: {model.name!r} without. Give its first layer `input_shape`."
        )
    return ends[0] if len(ends) == 1 else ends
