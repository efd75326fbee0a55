"""Names of losses and metrics, as `compile` takes them, and the objects they stand for.

Pure rules. A name means: an object the user registered (`custom_object_scope`), else the one of that name in Keras.
Some names, such as "accuracy", can be resolved only when the shapes of the data are known and stay names until then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerascope.keras.model.internals import LossFunctionWrapper
from kerascope.keras.model.messages import short

# Names that Keras resolves by the shapes of the data, not by a table.
SHAPED_METRICS = frozenset({"accuracy", "acc", "crossentropy", "ce"})
SHAPED_LOSSES = frozenset({"crossentropy", "ce"})

# Losses that compare a target with an output of the very same shape.
ELEMENTWISE_LOSSES = frozenset(
    {
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "categorical_crossentropy",
        "categorical_focal_crossentropy",
        "categorical_hinge",
        "cosine_similarity",
        "hinge",
        "huber",
        "kl_divergence",
        "log_cosh",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_error",
        "mean_squared_logarithmic_error",
        "poisson",
        "squared_hinge",
    }
)
SPARSE_LOSS = "sparse_categorical_crossentropy"

# Names of Keras 2 that Keras 3 does not know; losses and metrics keep them as their labels.
_TODAY = {
    "cosine": "cosine_similarity",
    "cosine_proximity": "cosine_similarity",
    "huber_loss": "huber",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
}


def resolve_loss(loss: Any) -> Any:
    """Turns a loss name or function into a `Loss`; None and shape-dependent names stay as they are.

    Raises:
        ValueError: If there is no such loss.
    """
    if loss is None or (isinstance(loss, str) and loss.lower() in SHAPED_LOSSES):
        return loss
    try:
        found = registered(loss) or keras.losses.get(todays_name(loss))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"Unknown loss function:{_plain(loss)}. "
            "Give the name of a Keras loss, a function of (y_true, y_pred) or a `keras.losses.Loss`."
        ) from error
    if isinstance(found, keras.losses.Loss):
        return found
    name = loss if isinstance(loss, str) else getattr(found, "__name__", type(found).__name__)
    return LossFunctionWrapper(found, name=scope_name(name))


def todays_name(name: Any) -> Any:
    """What Keras 3 calls a loss or metric of Keras 2; anything else stays as it is."""
    return _TODAY.get(name, name) if isinstance(name, str) else name


def scope_name(name: str) -> str:
    """A name that TensorFlow takes for a scope: that of a lambda or of a private function is none."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip("_-") or "unnamed"


def loss_name(loss: Any) -> str | None:
    """The name of a built-in loss whose targets can be checked by shape, else None."""
    function = getattr(loss, "fn", None)
    name = getattr(function, "__name__", None)
    if name is None or getattr(keras.losses, name, None) is not function:
        return None
    return str(name)


def metric_name(metric: Any) -> str:
    """What a metric is called: the string as given, the name of an object, or the name of a function."""
    if isinstance(metric, str):
        return metric
    if isinstance(metric, Mapping):
        return metric_name(keras.metrics.get(dict(metric)))
    return str(getattr(metric, "name", None) or getattr(metric, "__name__", type(metric).__name__))


def metric_of(metric: Any) -> Any:
    """The metric object or function that something stands for; every loss is a metric too, as in Keras 2.

    Raises:
        ValueError: If there is neither a metric nor a loss of that name.
    """
    name = todays_name(metric)
    try:
        return keras.metrics.get(name)
    except ValueError:
        if not isinstance(name, str):
            raise
        loss = keras.losses.get(name)
        return getattr(loss, "fn", loss)


def distinct(metrics: Sequence[Any]) -> list[Any]:
    """Metrics without repetitions of the same name; the last one of a name wins, at the place of the first."""
    found: dict[str, Any] = {}
    for metric in metrics:
        found[metric_name(metric)] = metric
    return list(found.values())


def check_metric(argument: str, metric: Any) -> None:
    """Refuses what is no metric.

    Raises:
        ValueError: If there is no such metric.
    """
    known = isinstance(metric, str) and metric.lower() in SHAPED_METRICS
    if known or isinstance(metric, keras.metrics.Metric):
        return
    try:
        if metric is None:
            raise ValueError("None")
        if registered(metric) is None:
            metric_of(metric)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"Unknown metric function:{_plain(metric)}. Received in `{argument}`. "
            "Give the name of a Keras metric, a function of (y_true, y_pred) or a `keras.metrics.Metric`."
        ) from error


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else short(value)


def registered(name: Any) -> Any:
    """The custom object of this name, from a `custom_object_scope` or registered by the user; None if there is none."""
    found = keras.saving.get_registered_object(name) if isinstance(name, str) else None
    return found() if isinstance(found, type) else found
