"""Classic models from models made elsewhere, and from files."""

from __future__ import annotations

from typing import Any

import keras

from kerascope.keras.model.internals import needs_symbolic_build
from kerascope.keras.model.legacy_files import compile_from_file, is_hdf5_path
from kerascope.keras.model.model import Model
from kerascope.keras.model.upgrade import become, combine


def classic(model: Any) -> Any:
    """Gives a model made by plain Keras the classic methods, in place.

    Args:
        model: Any `keras.Model`: functional, `Sequential`, subclassed, loaded from a file.

    Returns:
        The same object, with the same weights; a compiled model stays compiled, with the same optimizer.

    Raises:
        TypeError: If it is not a Keras model.
    """
    if isinstance(model, Model):
        return model
    if not isinstance(model, keras.Model):
        raise TypeError(f"`classic` needs a Keras model. Received: {type(model).__name__}.")
    become(model, combine(type(model), Model))
    _adopt_compiled(model)
    return model


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """Loads a model saved as `.keras` or `.h5` and gives it the classic methods.

    Args:
        filepath: Path of the file.
        custom_objects: Classes and functions by the names they have in the file.
        compile: Whether to compile the model as it was when saved.
        safe_mode: Whether to refuse files that carry code.

    Returns:
        A classic model.
    """
    legacy = is_hdf5_path(filepath)
    loaded = keras.saving.load_model(
        filepath, custom_objects=custom_objects, compile=compile and not legacy, safe_mode=safe_mode
    )
    model = classic(loaded)
    if legacy and compile:
        compile_from_file(model, filepath, custom_objects)
    return model


def _adopt_compiled(model: Any) -> None:
    """Compiles again what plain Keras compiled, so that losses and metrics carry the classic labels.

    A model whose `compile` takes arguments of its own, or nested ones that the classic form cannot say, keeps what it
    has.
    """
    config = getattr(getattr(model, "_compile_config", None), "config", None)
    if not model.compiled or not config or type(model).compile is not Model.compile:
        return
    built = not needs_symbolic_build(model)
    kept = (model._compile_loss, model._compile_metrics)
    try:
        model.compile(**config)
    except (TypeError, ValueError):
        model._compile_loss, model._compile_metrics = kept
        return
    if built and model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
