"""The functions of `keras.backend` before Keras 3, on `keras.ops`: for every backend.

Names that `keras.ops` has with the same meaning are listed in `SAME`; the others are functions of the modules here. What needs the
sessions and graphs of TensorFlow 1 raises an error that says what to write.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

import keras
from keras import ops

from kerascope.compat import graphs
from kerascope.compat.backend_functions import arithmetic, configuration, networks, random, shapes, variables
from kerascope.compat.backend_functions.networks import classic_hard_sigmoid, hard_sigmoid
from kerascope.compat.backend_functions.random import dropout
from kerascope.errors import Error

__all__ = ["GONE", "SAME", "classic_hard_sigmoid", "dropout", "functions", "hard_sigmoid"]

# Name in `keras.backend`: name in `keras.ops`; argument order is the same.
SAME: dict[str, str] = {
    **{name: name for name in (
        "abs", "all", "any", "arange", "cast", "cos", "elu", "equal", "exp", "eye", "greater", "greater_equal", "less",
        "less_equal", "log", "logsumexp", "max", "maximum", "mean", "min", "minimum", "not_equal", "one_hot", "ones_like", "prod",
        "reshape", "round", "sigmoid", "sign", "sin", "softmax", "softplus", "softsign", "sqrt", "square", "squeeze", "stack", "std",
        "stop_gradient", "sum", "tanh", "tile", "var", "zeros_like",
    )},
    "permute_dimensions": "transpose",
    "pow": "power",
}  # fmt: skip
# These reduce booleans and whole numbers too, which old backends cast first.
_AS_FLOAT = {"mean", "std", "var"}

# Names that need what is gone: what to write instead.
GONE: dict[str, str] = {
    "get_session": "There are no sessions; values are there at once: use keras.ops.convert_to_numpy(x).",
    "tf": "Import tensorflow itself.",
    "get_uid_prefix": "Use keras.backend.get_uid.",
}


def functions() -> dict[str, Any]:
    """Returns every function by its name in `keras.backend`."""
    made = {name: _same(name, target) for name, target in SAME.items()}
    made.update({name: _gone(name, way_out) for name, way_out in GONE.items()})
    for module in (configuration, variables, shapes, arithmetic, random, networks):
        made.update(_defined_in(module))
    del made["classic_hard_sigmoid"]  # a name for files only
    made.update(placeholder=graphs.placeholder, function=graphs.function, gradients=graphs.gradients)
    return made


def _defined_in(module: ModuleType) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and value.__module__ == module.__name__
    }


def _same(name: str, target: str) -> Callable[..., Any]:
    operation = getattr(ops, target)

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("name", None)
        x = getattr(x, "symbol", x)
        if name in _AS_FLOAT and "float" not in keras.backend.standardize_dtype(getattr(x, "dtype", "float32")):
            x = ops.cast(x, keras.backend.floatx())
        return operation(x, *args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`keras.ops.{target}`."
    return call


def _gone(name: str, way_out: str) -> Callable[..., NoReturn]:
    def call(*args: Any, **kwargs: Any) -> NoReturn:
        raise Error(f"keras.backend.{name} is not part of Keras 3. {way_out}")

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"Raises Error. {way_out}"
    return call
