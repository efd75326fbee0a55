"""The few names of Keras that are not public and that the classic Model stands on, in one place.

Everything else in this package uses the public `keras` API. A new Keras release that moves one of these breaks
this module and nothing else.
"""

from __future__ import annotations

from typing import Any

import keras
from keras.src import backend, tree
from keras.src.api_export import REGISTERED_OBJS_TO_NAMES
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask
from keras.src.backend.config import is_nnx_enabled
from keras.src.callbacks.monitor_callback import MonitorCallback
from keras.src.losses.loss import unscale_loss_for_distribution
from keras.src.losses.losses import LossFunctionWrapper
from keras.src.metrics.reduction_metrics import MeanMetricWrapper
from keras.src.models.functional import Functional
from keras.src.saving.object_registration import GLOBAL_CUSTOM_NAMES
from keras.src.trainers.compile_utils import get_loss
from keras.src.trainers.data_adapters import get_data_adapter, is_grain_dataset, is_tf_dataset, is_torch_dataloader
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
from keras.src.trainers.data_adapters.data_adapter import DataAdapter
from keras.src.utils.tracking import DotNotTrackScope

__all__ = [
    "GLOBAL_CUSTOM_NAMES",
    "REGISTERED_OBJS_TO_NAMES",
    "ArrayDataAdapter",
    "DataAdapter",
    "DotNotTrackScope",
    "Functional",
    "LossFunctionWrapper",
    "MeanMetricWrapper",
    "MonitorCallback",
    "backend",
    "get_data_adapter",
    "get_keras_mask",
    "get_loss",
    "is_framework_dataset",
    "is_grain_dataset",
    "is_nnx_enabled",
    "is_tf_dataset",
    "is_torch_dataloader",
    "needs_symbolic_build",
    "overrides",
    "set_keras_mask",
    "tree",
    "unscale_loss_for_distribution",
]


def overrides(model: Any, name: str) -> bool:
    """Whether a method of a model is written by the user."""
    owner = next(one for one in type(model).__mro__ if name in vars(one))
    return owner.__module__.split(".")[0] not in ("keras", "kerascope")


def is_framework_dataset(x: Any) -> bool:
    """Whether `x` is a `tf.data.Dataset`, a torch `DataLoader` or a grain dataset."""
    return bool(is_tf_dataset(x) or is_torch_dataloader(x) or is_grain_dataset(x))


def needs_symbolic_build(model: keras.Model) -> bool:
    """Whether Keras would look at a batch before training, to build the model, its metrics or its losses."""
    parts = (model._compile_metrics, model._compile_loss)
    unbuilt = any(part is not None and not part.built for part in parts)
    return unbuilt or not all(layer.built for layer in model._flatten_layers())
