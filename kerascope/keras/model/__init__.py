"""The classic Model of the Keras 2 era on Keras 3. It knows no tracker.

Names are loaded when they are first used: importing this package loads neither Keras nor a backend.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerascope.keras.model.convert import classic, load_model
    from kerascope.keras.model.hdf5 import HDF5Matrix
    from kerascope.keras.model.model import Model
    from kerascope.keras.model.native import Input

_HOMES = {
    "HDF5Matrix": "hdf5",
    "Input": "native",
    "Model": "model",
    "classic": "convert",
    "load_model": "convert",
}

__all__ = ["HDF5Matrix", "Input", "Model", "classic", "load_model"]


def __getattr__(name: str) -> Any:
    if name == "optimizers":
        return importlib.import_module(f"{__name__}.optimizers")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
