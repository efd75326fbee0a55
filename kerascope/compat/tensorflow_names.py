"""`import tensorflow` where there is none: `tf.keras` is Keras 3, a few plain names work, and all others say what to do."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from kerascope.compat.finder import AliasModule
from kerascope.compat.report import note

SURFACE_VERSION = "2.15.0"

# Name in tensorflow: name in keras.ops.
OPERATIONS = [
    "abs",
    "argmax",
    "argmin",
    "cast",
    "clip_by_value:clip",
    "concat:concatenate",
    "convert_to_tensor",
    "constant:convert_to_tensor",
    "cos",
    "equal",
    "exp",
    "expand_dims",
    "gather:take",
    "greater",
    "less",
    "matmul",
    "maximum",
    "minimum",
    "ones",
    "ones_like",
    "one_hot",
    "pad",
    "range:arange",
    "reduce_max:max",
    "reduce_mean:mean",
    "reduce_min:min",
    "reduce_prod:prod",
    "reduce_sum:sum",
    "reshape",
    "round",
    "shape",
    "sigmoid",
    "sin",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "tanh",
    "tile",
    "transpose",
    "where",
    "zeros",
    "zeros_like",
    "add",
    "multiply",
    "subtract",
    "divide",
]
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "string")


def module(name: str) -> ModuleType:
    """Returns the stand-in of `tensorflow` or of a part of it.

    Raises:
        ModuleNotFoundError: if it is a part that nothing stands in for.
    """
    if name == "tensorflow" or name in ("tensorflow.compat", "tensorflow.compat.v1", "tensorflow.python"):
        note("tensorflow.keras", "keras")
        return AliasModule(name, _look_up)
    raise ModuleNotFoundError(
        f"{name} needs TensorFlow, which is not installed. Install it, or use what keras and keras.ops have.", name=name
    )


def serves(name: str) -> bool:
    """Returns whether the stand-in has a name of `tensorflow`."""
    return (
        name in _plain() or name in DTYPES or name in {one.partition(":")[0] for one in OPERATIONS} or name == "keras"
    )


def _look_up(module_name: str, name: str) -> Any:
    found = _plain().get(name)
    if found is not None:
        return found
    if name == "keras":
        return importlib.import_module("tensorflow.keras")
    if name in ("compat", "v1"):
        return importlib.import_module("tensorflow.compat.v1" if name == "v1" else "tensorflow.compat")
    operations = {one.partition(":")[0]: one.rpartition(":")[2] for one in OPERATIONS}
    if name in operations:
        note(f"tf.{name}", f"keras.ops.{operations[name]}")
        return _operation(operations[name])
    if name in DTYPES:
        return name
    raise AttributeError(
        f"{module_name}.{name} needs TensorFlow, which is not installed. Install it, or use what keras and keras.ops have."
    )


def _operation(name: str) -> Callable[..., Any]:
    from keras import ops

    return getattr(ops, name)  # type: ignore[no-any-return]


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Stands for switches of TensorFlow that have no counterpart."""


def _no_devices(*args: Any, **kwargs: Any) -> list[Any]:
    return []


def _false(*args: Any, **kwargs: Any) -> bool:
    return False


def _set_seed(seed: int) -> None:
    import keras

    note("tf.set_random_seed(n)", "keras.utils.set_random_seed(n)")
    keras.utils.set_random_seed(int(seed))


def _plain() -> dict[str, Any]:
    memory = SimpleNamespace(set_memory_growth=_nothing)
    levels = SimpleNamespace(DEBUG=10, INFO=20, WARN=30, WARNING=30, ERROR=40, FATAL=50, set_verbosity=_nothing)
    return {
        "__version__": SURFACE_VERSION,
        "VERSION": SURFACE_VERSION,
        "set_random_seed": _set_seed,
        "random": SimpleNamespace(
            set_seed=_set_seed, set_random_seed=_set_seed, normal=_random("normal"), uniform=_random("uniform")
        ),
        "logging": levels,
        "get_logger": _logger,
        "disable_v2_behavior": _nothing,
        "enable_eager_execution": _nothing,
        "reset_default_graph": _nothing,
        "executing_eagerly": lambda: True,
        "function": lambda function=None, **_: function if function is not None else (lambda inner: inner),
        "test": SimpleNamespace(is_gpu_available=_false, is_built_with_cuda=_false, gpu_device_name=lambda: ""),
        "config": SimpleNamespace(
            list_physical_devices=_no_devices,
            experimental=SimpleNamespace(list_physical_devices=_no_devices, set_memory_growth=_nothing),
            set_visible_devices=_nothing,
            run_functions_eagerly=_nothing,
            **vars(memory),
        ),
        "nn": SimpleNamespace(
            **{one: _later(one) for one in ("relu", "softmax", "sigmoid", "tanh", "elu", "leaky_relu")}
        ),
        "math": SimpleNamespace(**{one: _later(one) for one in ("log", "exp", "square", "sqrt", "abs", "sin", "cos")}),
    }


def _later(name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return _operation(name)(*args, **kwargs)

    return call


def _random(name: str) -> Callable[..., Any]:
    def draw(*args: Any, **kwargs: Any) -> Any:
        import keras

        return getattr(keras.random, name)(*args, **kwargs)

    return draw


def _logger() -> Any:
    import logging

    return logging.getLogger("tensorflow")
