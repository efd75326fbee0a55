"""The numbers a call returns, and what they are called: `metrics_names`, lists in its order, scalars that stand alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def labels_of(model: Any) -> list[str]:
    """Labels of what a compiled classic model returns: losses, compiled metrics, then the metrics that layers add."""
    own = {id(model._loss_tracker), id(model._compile_metrics)}
    if model._compile_loss is not None:
        own.update(id(metric) for metric in model._compile_loss.metrics)
    added = (metric.name for metric in model.metrics if id(metric) not in own)
    return [*model._objectives.labels(), *added]


def in_label_order(model: Any, logs: dict[str, Any]) -> dict[str, Any]:
    """The logs in the order of `metrics_names`, then what has no label."""
    order = {name: place for place, name in enumerate(model.metrics_names)}
    return dict(sorted(logs.items(), key=lambda item: order.get(item[0], len(order))))


def values_of(model: Any, logs: dict[str, Any]) -> Any:
    """Values in the order of `metrics_names`, then what a custom step added; a single value stands alone."""
    names = [name for name in model.metrics_names if name in logs]
    values = [logs[name] for name in [*names, *sorted(set(logs) - set(names))]]
    return values[0] if len(values) == 1 else values


def batch_result(model: Any, logs: dict[str, Any], reset_metrics: bool, return_dict: bool) -> Any:
    """What a `*_on_batch` method returns: float32 scalars, as Keras 2 did. Remembers whether metrics run on."""
    object.__setattr__(model, "_carries_metrics", not reset_metrics)
    if return_dict:
        return logs
    values = values_of(model, logs)
    return [_scalar(value) for value in values] if isinstance(values, list) else _scalar(values)


def _scalar(value: Any) -> Any:
    return np.float32(value) if isinstance(value, float) else value
