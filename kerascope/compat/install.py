"""`install` and `uninstall`: puts the aliases of the tables into this process, and takes them back.

Promises: `uninstall` leaves every package as it was. Nothing here runs in a training step. Not thread-safe.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from kerascope.compat import report, tables, tensorflow_names, wandb_modules
from kerascope.compat.defaults import of_release, use_old_activations
from kerascope.compat.finder import AliasFinder, AliasModule, fetch, first_of
from kerascope.compat.patches import Patches
from kerascope.compat.report import note
from kerascope.ids import did_you_mean


class _Installed:
    """What is in place now."""

    def __init__(self) -> None:
        self.patches = Patches()
        self.finder: AliasFinder | None = None


_NOW = _Installed()
_ROOTS = {"wandb", "tensorflow", "keras", *(one.partition(".")[0] for one in tables.PACKAGES)}


def is_installed() -> bool:
    """Returns whether the aliases are in place."""
    return _NOW.finder is not None


def install(
    wandb: bool = True,
    keras: bool = True,
    old_accuracy: bool = False,
    without_tensorflow: bool | None = None,
    defaults: str = "3",
) -> None:
    """Makes old names work in this process until `uninstall`. A second call first takes back the first.

    Args:
        wandb: whether `wandb` is kerascope; an installed wandb is out of reach meanwhile.
        keras: whether names of Keras 1 and 2 work on Keras 3. Imports keras.
        old_accuracy: whether `metrics=["accuracy"]` is logged as `acc`, as before Keras 2.3.
        without_tensorflow: whether `tensorflow` is a stand-in with `tf.keras` and little else; None: if it is not installed.
        defaults: the release of Keras whose default values count: "2.2" and before, "2.3", "2.15" (also `tf.keras`) or "3".

    Raises:
        UsageError: If `defaults` is none of these; nothing is changed then.
    """
    usual = of_release(defaults)
    uninstall()
    report.forget()
    if keras:
        importlib.import_module(
            "keras"
        )  # before there is a finder of ours, which would be asked for each of its modules
    stands_in = not _real_package("tensorflow") if without_tensorflow is None else without_tensorflow
    finder = AliasFinder(lambda name: _resolve(name, wandb, keras, stands_in))
    if keras and stands_in:
        finder.shadow("tensorflow")
    if wandb:
        finder.shadow("wandb")
    sys.meta_path.insert(0, finder)
    _NOW.finder = finder
    if keras:
        _translate_keras(_NOW.patches, old_accuracy, usual)
        use_old_activations(_NOW.patches, sys.modules["keras"], defaults)
        if stands_in:
            _hide_tensorflow(_NOW.patches)
            if sys.modules["keras"].config.backend() == "jax":
                importlib.import_module("kerascope.compat.jax").change(_NOW.patches)
        elif "tensorflow" in sys.modules:
            tensorflow_names.complete(_NOW.patches, sys.modules["tensorflow"])


def uninstall() -> None:
    """Takes back everything that `install` did; does nothing if there is nothing."""
    if _NOW.finder is None:
        return
    sys.meta_path.remove(_NOW.finder)
    _NOW.finder.remove()
    _NOW.patches.undo()
    _NOW.finder = None


def _translate_keras(patches: Patches, old_accuracy: bool, usual: dict[str, dict[str, Any]]) -> None:
    import keras

    from kerascope.compat import arguments, models, others

    for module, names in tables.KERAS_NAMES.items():
        home = importlib.import_module(module)
        for name, target in names.items():
            if ":" in target:
                patches.add(home, name, _OnUse.value(tables.STAND_INS.get(name, target)))
    arguments.wrap_constructors(patches, keras, usual)
    models.reach_every_model(patches, keras, old_accuracy)
    others.change(patches, keras)
    for module, names in tables.KERAS_NAMES.items():
        for name, target in names.items():
            if ":" not in target:
                patches.add(importlib.import_module(module), name, _late(target))
    _complete_backend(patches, keras.backend)


def _complete_backend(patches: Patches, backend: ModuleType) -> None:
    """Puts the functions of old into `keras.backend` when the first of them is asked for: a start without them costs nothing."""

    is_complete = False

    def look_up(name: str) -> Any:
        nonlocal is_complete
        if is_complete or (name.startswith("__") and name != "__all__"):
            raise AttributeError(f"module {backend.__name__!r} has no attribute {name!r}")
        from kerascope.compat import backend_functions

        for one, function in backend_functions.functions().items():
            if one not in vars(backend):
                patches.set(backend, one, function)
        is_complete = True
        if name == "__all__":  # of `from keras.backend import *`
            return [one for one in vars(backend) if not one.startswith("_")]
        return getattr(backend, name)

    patches.set(backend, "__getattr__", look_up)


class _OnUse:
    """Loads what a table line stands for."""

    @staticmethod
    def value(target: str) -> Any:
        return fetch(target)


def _late(target: str) -> ModuleType:
    """A module that is looked up when a name of it is used."""
    return AliasModule(target, lambda _, name: getattr(importlib.import_module(target), name))


def _hide_tensorflow(patches: Patches) -> None:
    """Tells Keras, which looks for TensorFlow here and there, that the stand-in is none."""
    from keras.src.utils import module_utils

    patches.set(module_utils.tensorflow, "_available", False)


def _resolve(name: str, wandb: bool, keras: bool, stands_in: bool) -> Callable[[], ModuleType] | None:
    """Returns what makes the stand-in of a module path, None for paths that are none of ours."""
    if name.partition(".")[0] not in _ROOTS:  # nearly all of them
        return None
    if wandb and (name == "wandb" or name.startswith("wandb.")):
        return lambda: wandb_modules.module(name)
    if not keras:
        return None
    for old, new in tables.PACKAGES.items():
        if old == "tensorflow.python.keras" and not stands_in:
            continue  # TensorFlow itself stands on its own copy there
        if name == old or name.startswith(f"{old}."):
            path = new + name.removeprefix(old)
            return lambda: _moved_package(name, path)
    if name in tables.KERAS_MODULES:
        return lambda: _keras_module(name)
    if stands_in and (name == "tensorflow" or name.startswith("tensorflow.")):
        return lambda: tensorflow_names.module(name)
    return None


def _moved_package(old: str, new: str) -> ModuleType:
    try:
        return importlib.import_module(new)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{old} has no counterpart in Keras 3: there is no {new}.", name=old) from error


def _keras_module(name: str) -> ModuleType:
    targets = tables.KERAS_MODULES[name]
    note(name, targets[0] if not targets[0].startswith(("kerascope", "keras.src")) else "see docs/compat.md")

    def look_up(module: str, attribute: str) -> Any:
        if f"{module}.{attribute}" in tables.KERAS_MODULES:
            return importlib.import_module(f"{module}.{attribute}")
        try:
            return first_of(targets, attribute)
        except AttributeError:
            way_out = did_you_mean(attribute, dir(importlib.import_module(targets[0])))
            raise AttributeError(
                f"{module}.{attribute} is not part of Keras 3 and nothing stands in for it. {way_out}".strip()
            ) from None

    return AliasModule(name, look_up)


def _real_package(package: str) -> bool:
    """Whether Python would find the package without us."""
    if package in sys.modules and not isinstance(sys.modules[package], AliasModule):
        return True
    for one in sys.meta_path:
        if not isinstance(one, AliasFinder) and one.find_spec(package, None, None) is not None:
            return True
    return False
