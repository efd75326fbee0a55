"""How a model becomes a classic one: classes are combined, models are not copied.

Keras rewrites the bases of a `Model` subclass that is used functionally. To keep that away from our class, a model
built from inputs and outputs gets a class made here of Keras' functional class and ours. Such classes carry the name
under which Keras knows the original, so that files and configs made from them open in plain Keras.
"""

from __future__ import annotations

import weakref
from typing import Any

import keras

from kerascope.keras.model.internals import GLOBAL_CUSTOM_NAMES, REGISTERED_OBJS_TO_NAMES, Functional

_MADE: weakref.WeakKeyDictionary[type, dict[tuple[type, ...], type]] = weakref.WeakKeyDictionary()


def is_functional_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether constructor arguments are the inputs and outputs of a graph."""
    inputs = args[0] if args else kwargs.get("inputs")
    outputs = args[1] if len(args) > 1 else kwargs.get("outputs")
    if inputs is None or outputs is None:
        return False
    return _holds_tensors(inputs) and _holds_tensors(outputs)


def functional_class(cls: type, base: type) -> type:
    """Returns the class of functional models made by `cls`.

    Args:
        cls: The class that was called: the classic Model itself or a user's subclass of it.
        base: The classic Model.
    """
    if issubclass(cls, Functional):
        return cls
    if cls is base:
        return combine(Functional, base)
    made = _cached(cls, (cls, Functional))
    if made is None:
        namespace: dict[str, Any] = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
        if cls.__init__ is base.__init__:  # type: ignore[misc]
            # Keras reads this signature to know that layers belong into the config.
            namespace["__init__"] = _functional_init
        made = _make(cls.__name__, (cls, Functional), namespace, cls)
    return made


def combine(cls: type, base: type) -> type:
    """Returns the class `cls` with the classic methods of `base`; overrides in `cls` keep their place."""
    made = _cached(base, (cls, base))
    if made is None:
        namespace = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
        made = _make(cls.__name__, (cls, base), namespace, cls)
        if cls in REGISTERED_OBJS_TO_NAMES:
            REGISTERED_OBJS_TO_NAMES[made] = REGISTERED_OBJS_TO_NAMES[cls]
    return made


def become(model: Any, cls: type) -> None:
    """Gives a live model another class. Weights, compiled state and everything else stay in place."""
    object.__setattr__(model, "__class__", cls)


def _make(name: str, bases: tuple[type, ...], namespace: dict[str, Any], original: type) -> type:
    made = type(name, bases, namespace)
    if original in GLOBAL_CUSTOM_NAMES:
        GLOBAL_CUSTOM_NAMES[made] = GLOBAL_CUSTOM_NAMES[original]
    _MADE.setdefault(bases[1] if bases[0] is Functional else bases[0], {})[bases] = made
    return made


def _cached(key: type, bases: tuple[type, ...]) -> type | None:
    for owner in (key, bases[0], bases[1]):
        made = _MADE.get(owner, {}).get(bases)
        if made is not None:
            return made
    return None


def _functional_init(self: Any, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
    Functional.__init__(self, inputs, outputs, name=name, **kwargs)


def _holds_tensors(value: Any) -> bool:
    found = keras.tree.flatten(value)
    return bool(found) and all(isinstance(item, keras.KerasTensor) for item in found)
