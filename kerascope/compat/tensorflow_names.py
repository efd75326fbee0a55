"""`import tensorflow` where there is none: `tf.keras` is Keras 3, a few plain names work, and all others say what to do."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from kerascope.compat import seeds
from kerascope.compat.finder import AliasModule, first_of
from kerascope.compat.patches import Patches
from kerascope.compat.report import note
from kerascope.errors import Error

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
    "greater_equal",
    "less_equal",
    "log:log",
    "logical_and",
    "logical_not",
    "logical_or",
    "norm",
    "pow:power",
    "negative",
    "not_equal",
    "reduce_all:all",
    "reduce_any:any",
    "reduce_std:std",
    "repeat",
    "reverse:flip",
    "sign",
    "sort",
    "stop_gradient",
    "unstack",
    "einsum",
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
# Names of TensorFlow 1 that set up sessions and devices, which have no effect.
SESSIONS = (
    "ConfigProto",
    "GPUOptions",
    "InteractiveSession",
    "Session",
    "device",
    "get_default_graph",
    "get_default_session",
    "global_variables_initializer",
    "local_variables_initializer",
    "initialize_all_variables",
)
# Modules of tf.keras that are also there without the `keras`.
HOMES = ("initializers", "losses", "metrics", "optimizers")
# Name of an initializer before "_initializer": class in keras.initializers.
INITIALIZERS = {
    "constant": "Constant",
    "ones": "Ones",
    "random_normal": "RandomNormal",
    "random_uniform": "RandomUniform",
    "truncated_normal": "TruncatedNormal",
    "zeros": "Zeros",
}
_WAY_OUT = "needs TensorFlow, which is not installed. Install it, or use what keras and keras.ops have."
STRATEGIES = ("MirroredStrategy", "OneDeviceStrategy", "get_strategy")
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "string")


def module(name: str) -> ModuleType:
    """Returns the stand-in of `tensorflow` or of a part of it.

    Raises:
        ModuleNotFoundError: if it is a part that nothing stands in for.
    """
    if name in ("tensorflow", "tensorflow.compat", "tensorflow.compat.v1", "tensorflow.compat.v2", "tensorflow.python"):
        note("tensorflow.keras", "keras")
        return AliasModule(name, _look_up)
    raise ModuleNotFoundError(f"{name} {_WAY_OUT}", name=name)


def serves(name: str) -> bool:
    """Returns whether the stand-in has a name of `tensorflow`."""
    return (
        name in _plain()
        or name in DTYPES
        or name in HOMES
        or name in {one.partition(":")[0] for one in OPERATIONS}
        or name == "keras"
    )


class Inert:
    """Stands for what scripts set up of TensorFlow's sessions and devices: takes every setting, and has no effect.

    Args:
        what: its name, for the error of a session that is run.
    """

    def __init__(self, what: str, **settings: Any) -> None:
        self.__dict__.update(settings, _what=what)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "run":
            raise Error(
                f"{self._what}.run needs the sessions of TensorFlow 1. Values are there at once: "
                "call models with arrays, and use keras.ops.convert_to_numpy(x)."
            )
        made = self.__dict__[name] = Inert(f"{self._what}.{name}")
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Returns itself."""
        return self

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def complete(patches: Patches, tensorflow: Any) -> None:
    """Gives TensorFlow 2 the names of TensorFlow 1 that scripts begin with, and `tf.keras` the old names of keras.

    Args:
        patches: where the changes are remembered.
        tensorflow: the package.
    """
    import keras

    patches.set(tensorflow, "keras", keras)
    seeds.follow_tensorflow(patches, tensorflow)
    old = tensorflow.compat.v1
    for name in (
        "ConfigProto",
        "GPUOptions",
        "Session",
        "InteractiveSession",
        "get_default_graph",
        "reset_default_graph",
    ):
        patches.add(tensorflow, name, getattr(old, name))
    for name in ("logging", "set_random_seed", "global_variables_initializer", "to_float", "placeholder"):
        patches.add(tensorflow, name, getattr(old, name))
    for name in ("log", "ceil", "erf", "is_nan", "lgamma"):
        patches.add(tensorflow, name, getattr(tensorflow.math, name, None))


def _look_up(module_name: str, name: str) -> Any:
    found = _plain().get(name)
    if found is not None:
        return found
    if name == "keras":
        return importlib.import_module("tensorflow.keras")
    if name in HOMES:
        note(f"tf.{name}", f"keras.{name}")
        return importlib.import_module(f"keras.{name}")
    if name in ("compat", "v1", "v2"):
        return importlib.import_module("tensorflow.compat" if name == "compat" else f"tensorflow.compat.{name}")
    operations = {one.partition(":")[0]: one.rpartition(":")[2] for one in OPERATIONS}
    if name in operations:
        note(f"tf.{name}", f"keras.ops.{operations[name]}")
        return _operation(operations[name])
    if name in DTYPES:
        return name
    raise AttributeError(f"{module_name}.{name} {_WAY_OUT}")


def _operation(name: str) -> Callable[..., Any]:
    from keras import ops

    return getattr(ops, name)  # type: ignore[no-any-return]


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Stands for switches of TensorFlow that have no counterpart."""


def _no_devices(*args: Any, **kwargs: Any) -> list[Any]:
    return []


def _strategy(*args: Any, **kwargs: Any) -> Any:
    note("tf.distribute", "keras.distribution")
    return Inert("strategy", num_replicas_in_sync=1)


def _false(*args: Any, **kwargs: Any) -> bool:
    return False


def _plain() -> dict[str, Any]:
    memory = SimpleNamespace(set_memory_growth=_nothing)
    levels = SimpleNamespace(DEBUG=10, INFO=20, WARN=30, WARNING=30, ERROR=40, FATAL=50, set_verbosity=_nothing)
    return {
        "__version__": SURFACE_VERSION,
        "VERSION": SURFACE_VERSION,
        "set_random_seed": seeds.set_graph_seed,
        "random": SimpleNamespace(
            set_seed=seeds.set_graph_seed,
            set_random_seed=seeds.set_graph_seed,
            normal=_random("normal"),
            uniform=_random("uniform"),
        ),
        "logging": levels,
        "get_logger": _logger,
        "disable_v2_behavior": _nothing,
        "disable_eager_execution": _nothing,
        "enable_v2_behavior": _nothing,
        "enable_eager_execution": _nothing,
        "reset_default_graph": _nothing,
        "executing_eagerly": lambda: True,
        "function": lambda function=None, **_: function if function is not None else (lambda inner: inner),
        "test": SimpleNamespace(is_gpu_available=_false, is_built_with_cuda=_false, gpu_device_name=lambda: ""),
        "config": SimpleNamespace(
            list_physical_devices=_no_devices,
            experimental=SimpleNamespace(list_physical_devices=_no_devices, set_memory_growth=_nothing),
            set_visible_devices=_nothing,
            get_visible_devices=_no_devices,
            list_logical_devices=_no_devices,
            set_soft_device_placement=_nothing,
            run_functions_eagerly=_nothing,
            **vars(memory),
        ),
        **{name: Inert(f"tf.{name}") for name in SESSIONS},
        "distribute": SimpleNamespace(**dict.fromkeys(STRATEGIES, _strategy)),
        "autograph": SimpleNamespace(set_verbosity=_nothing),
        **{f"{name}_initializer": _initializer(home) for name, home in INITIALIZERS.items()},
        "errors": SimpleNamespace(OutOfRangeError=IndexError, ResourceExhaustedError=MemoryError),
        "nn": _Part("tf.nn", "keras.activations", {"swish": "silu"}, "keras.ops", dropout=_dropout),
        "math": _Part("tf.math", "keras.ops", {"pow": "power", "l2_normalize": "normalize"}, "keras.ops"),
    }


class _Part:
    """A part of TensorFlow whose functions are those of modules of keras.

    Args:
        name: as the script has it.
        home: the module in which a name is looked up first.
        others: names that are spelled differently there.
        second: the module in which it is looked up then.
        functions: names that none of both has.
    """

    def __init__(
        self, name: str, home: str, others: dict[str, str], second: str, **functions: Callable[..., Any]
    ) -> None:
        self._name, self._homes, self._others = name, (home, second), others
        self.__dict__.update(functions)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return first_of(self._homes, self._others.get(name, name.removeprefix("reduce_")))
        except AttributeError:
            raise AttributeError(f"{self._name}.{name} {_WAY_OUT}") from None


def _dropout(
    x: Any, rate: Any = None, noise_shape: Any = None, seed: Any = None, name: Any = None, keep_prob: Any = None
) -> Any:
    """`tf.nn.dropout`, with the share that is kept, as in TensorFlow 1, or the one that is not."""
    from kerascope.compat import backend_functions

    return backend_functions.dropout(x, 1.0 - keep_prob if rate is None else rate, noise_shape, seed)


def _random(name: str) -> Callable[..., Any]:
    def draw(*args: Any, **kwargs: Any) -> Any:
        import keras

        return getattr(keras.random, name)(*args, **kwargs)

    return draw


def _initializer(kind: str) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        import keras

        kwargs.pop("dtype", None)
        return getattr(keras.initializers, kind)(*args, **kwargs)

    return make


def _logger() -> Any:
    import logging

    return logging.getLogger("tensorflow")
