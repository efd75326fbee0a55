"""Callbacks for Keras, and the classic `Model` API. Names are loaded on first use.

    from kerascope.keras import WandbCallback

Importing this imports keras, and no backend but the one keras itself loads.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import keras  # noqa: F401  fails here, with keras' own message, when there is no backend

if TYPE_CHECKING:
    from kerascope.keras.eval_callback import WandbEvalCallback
    from kerascope.keras.metrics_logger import WandbMetricsLogger
    from kerascope.keras.model import HDF5Matrix, Input, Model, classic, load_model
    from kerascope.keras.model_checkpoint import WandbModelCheckpoint
    from kerascope.keras.wandb_callback import WandbCallback

_HOME = {
    "WandbCallback": "kerascope.keras.wandb_callback",
    "WandbEvalCallback": "kerascope.keras.eval_callback",
    "WandbMetricsLogger": "kerascope.keras.metrics_logger",
    "WandbModelCheckpoint": "kerascope.keras.model_checkpoint",
    **dict.fromkeys(("HDF5Matrix", "Input", "Model", "classic", "load_model"), "kerascope.keras.model"),
}

__all__ = [
    "HDF5Matrix",
    "Input",
    "Model",
    "WandbCallback",
    "WandbEvalCallback",
    "WandbMetricsLogger",
    "WandbModelCheckpoint",
    "classic",
    "load_model",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kerascope.keras' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
