"""The objects that compute the compiled losses and metrics inside a training step, on every backend.

They stand where Keras keeps its own `CompileLoss` and `CompileMetrics` and have the same surface. What they add:
an output may have no loss, losses and metrics carry the classic labels in the classic order, targets and weights may
come for all outputs or only for those that have a loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerascope.keras.model.compiled import Compiled, PerOutput
from kerascope.keras.model.identifiers import (
    SHAPED_LOSSES,
    SHAPED_METRICS,
    distinct,
    loss_name,
    metric_of,
    scope_name,
)
from kerascope.keras.model.internals import (
    LossFunctionWrapper,
    MeanMetricWrapper,
    get_keras_mask,
    get_loss,
    set_keras_mask,
    tree,
    unscale_loss_for_distribution,
)
from kerascope.keras.model.layout import output_names_of

NO_LOSS = (
    "The model cannot be compiled because it has no loss to optimize: there is nothing to minimise, since no output has "
    "a loss and no layer adds one. Received: loss=None. Give a loss to `compile`, or write a `train_step` or "
    "`compute_loss` of your own."
)


class Objectives:
    """What the losses and the metrics of one compiled model share: the record, resolved when outputs are known."""

    def __init__(self, compiled: Compiled, known: PerOutput | None) -> None:
        self.compiled = compiled
        self.known = known

    def resolve(self, y_pred: Any) -> PerOutput:
        """The record per output, spread at the first call for models that did not know their outputs before."""
        if self.known is None:
            count = len(tree.flatten(y_pred))
            self.known = self.compiled.per_output(output_names_of(y_pred, count))
        return self.known

    def labels(self) -> list[str]:
        """The classic `metrics_names` without what layers add; one output is assumed while it is not known."""
        known = self.known or self.compiled.per_output(_assumed_names(self.compiled))
        return known.labels()


class ClassicLoss:
    """Sum of the weighted losses of all outputs, with a mean kept for each output of a model that has several."""

    name = "compile_loss"

    def __init__(self, objectives: Objectives) -> None:
        self.objectives = objectives
        self.built = False
        self.metrics: list[Any] = []
        self._losses: list[Any] = []

    @property
    def variables(self) -> list[Any]:
        """State of the means."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Creates the losses that depend on shapes, and the means."""
        known = self.objectives.resolve(y_pred)
        outputs = tree.flatten(y_pred)
        targets = pick(y_true, known)
        self._losses = [
            _shaped_loss(known.losses[index], target, outputs[index])
            for index, target in zip(known.active, targets, strict=True)
        ]
        self.metrics = [keras.metrics.Mean(name=label) for label in known.loss_labels]
        self.built = True

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns the total loss, or None when no output has a loss."""
        if not self.built:
            self.build(y_true, y_pred)
        known = self.objectives.resolve(y_pred)
        outputs = tree.flatten(y_pred)
        targets = pick(y_true, known)
        weights = pick(sample_weight, known)
        total = None
        for place, index in enumerate(known.active):
            value = _loss_value(self._losses[place], targets[place], outputs[index], weights[place])
            if self.metrics:
                size = keras.ops.shape(outputs[index])[0]
                self.metrics[place].update_state(unscale_loss_for_distribution(value), sample_weight=size)
            if known.loss_weights[index] != 1.0:
                value = keras.ops.multiply(value, known.loss_weights[index])
            total = value if total is None else total + value
        return total


class ClassicMetrics:
    """The compiled metrics of all outputs; unweighted ones ignore sample weights, weighted ones use them."""

    name = "compile_metrics"

    def __init__(self, objectives: Objectives) -> None:
        self.objectives = objectives
        self.built = False
        self._groups: list[tuple[int, bool, str, Any]] = []

    @property
    def metrics(self) -> list[Any]:
        """The metric objects in the order of their labels."""
        return [metric for _, _, _, metric in self._groups]

    @property
    def variables(self) -> list[Any]:
        """State of the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Creates the metric objects for the shapes of the data."""
        known = self.objectives.resolve(y_pred)
        outputs = tree.flatten(y_pred)
        targets = pick(y_true, known)
        labels = known.metric_labels()
        self._groups = []
        for place, index in enumerate(known.active):
            if targets[place] is None:
                # A model that minimises only what its layers add needs no targets; metrics then have nothing to say.
                continue
            given = (known.metrics[index], known.weighted_metrics[index])
            for weighted, (metrics, names) in enumerate(zip(given, labels[index], strict=True)):
                for metric, label in zip(distinct(metrics), names, strict=True):
                    made = _make_metric(metric, known.losses[index], targets[place], outputs[index])
                    self._groups.append((place, bool(weighted), label, made))
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds one batch to every metric."""
        if not self.built:
            self.build(y_true, y_pred)
        known = self.objectives.resolve(y_pred)
        outputs = tree.flatten(y_pred)
        targets = pick(y_true, known)
        weights = pick(sample_weight, known)
        for place, weighted, _, metric in self._groups:
            target, output = _as_floats(targets[place]), outputs[known.active[place]]
            if weighted:
                metric.update_state(target, output, sample_weight=weights[place])
            else:
                metric.update_state(target, output)

    def directions(self) -> dict[str, str]:
        """By label "max" or "min" for every metric that says which is better."""
        found = {label: getattr(metric, "_direction", None) for _, _, label, metric in self._groups}
        return {label: "max" if direction == "up" else "min" for label, direction in found.items() if direction}

    def reset_state(self) -> None:
        """Starts every metric anew."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """The value of every metric by its label."""
        return {label: metric.result() for _, _, label, metric in self._groups}


def has_nothing_to_minimise(model: Any, classic: type) -> bool:
    """Whether a model compiled without losses can be known, before any data, to have none from elsewhere.

    Only layers of Keras are sure to add no losses of their own beside regularizers; own layers and own steps may.
    """
    for name in ("train_step", "compute_loss", "call"):
        owner = next(one for one in type(model).__mro__ if name in vars(one))
        if owner is not classic and not owner.__module__.startswith("keras."):
            return False
    regular = any(variable.regularizer is not None for variable in model.trainable_variables)
    return not regular and not any(_may_add_loss(layer) for layer in model._flatten_layers(include_self=False))


def _may_add_loss(layer: Any) -> bool:
    if isinstance(layer, keras.Model):
        return type(layer).call.__module__.split(".")[0] not in ("keras", "kerascope")
    foreign = not type(layer).__module__.startswith("keras.")
    return foreign or getattr(layer, "activity_regularizer", None) is not None


def pick(values: Any, known: PerOutput) -> list[Any]:
    """Targets or weights of the outputs that have a loss, from whatever container they came in.

    A dict is read by output name. A list may have an entry per output, or only for the outputs that have a loss.
    None stands for "no value" everywhere.
    """
    active = known.active
    if values is None:
        return [None for _ in active]
    if isinstance(values, Mapping):
        return [values.get(known.names[index]) for index in active]
    if isinstance(values, list | tuple):
        flat: Sequence[Any] = list(values) if len(values) in (len(active), len(known.names)) else tree.flatten(values)
        if len(flat) == len(active):
            return list(flat)
        if len(flat) == len(known.names):
            return [flat[index] for index in active]
        raise ValueError(
            f"Expected {len(active)} targets or weights, one per output with a loss. Received: {len(flat)}."
        )
    return [values for _ in active] if len(active) > 1 else [values]


def _loss_value(loss: Any, y_true: Any, y_pred: Any, weights: Any) -> Any:
    """The loss of one output. Masked timesteps weigh nothing, yet count in the mean, as in Keras 2.3."""
    mask = get_keras_mask(y_pred)
    if mask is not None:
        weights = _masked(weights, keras.ops.cast(mask, y_pred.dtype))
        set_keras_mask(y_pred, None)
    try:
        return keras.ops.cast(loss(y_true, y_pred, weights), keras.config.floatx())
    finally:
        if mask is not None:
            set_keras_mask(y_pred, mask)


def _masked(weights: Any, mask: Any) -> Any:
    if weights is None:
        return mask
    missing = len(mask.shape) - len(weights.shape)
    return keras.ops.reshape(weights, (*weights.shape, *(1 for _ in range(missing)))) * mask


def _as_floats(target: Any) -> Any:
    """Targets as metrics got them in Keras 2: whole numbers and booleans as floats, so that they mix with outputs."""
    kind = keras.backend.standardize_dtype(target.dtype)
    return keras.ops.cast(target, keras.config.floatx()) if "int" in kind or kind == "bool" else target


def _shaped_loss(loss: Any, y_true: Any, y_pred: Any) -> Any:
    if isinstance(loss, str) and loss.lower() in SHAPED_LOSSES:
        return get_loss(loss, y_true, y_pred)
    return loss


def _make_metric(metric: Any, loss: Any, y_true: Any, y_pred: Any) -> Any:
    """A metric object; names that leave the choice open follow the loss first and the shapes second."""
    if isinstance(metric, str) and metric.lower() in SHAPED_METRICS:
        return _shaped_metric(metric, loss, y_true, y_pred)
    found = metric_of(metric)
    if isinstance(found, keras.metrics.Metric):
        return found
    return MeanMetricWrapper(found, name=scope_name(getattr(found, "__name__", type(found).__name__)))


def _shaped_metric(name: str, loss: Any, y_true: Any, y_pred: Any) -> Any:
    kind = {
        "binary_crossentropy": "binary",
        "binary_focal_crossentropy": "binary",
        "sparse_categorical_crossentropy": "sparse",
        "categorical_crossentropy": "categorical",
    }.get(loss_name(loss) or "")
    width = y_pred.shape[-1]
    if width == 1:
        kind = "binary"
    elif kind is None:
        narrow = len(y_true.shape) < len(y_pred.shape) or y_true.shape[-1] == 1
        kind = "sparse" if narrow else "categorical"
    if name.lower() in ("accuracy", "acc"):
        return {
            "binary": keras.metrics.BinaryAccuracy,
            "sparse": keras.metrics.SparseCategoricalAccuracy,
            "categorical": keras.metrics.CategoricalAccuracy,
        }[kind](name=name)
    return {
        "binary": keras.metrics.BinaryCrossentropy,
        "sparse": keras.metrics.SparseCategoricalCrossentropy,
        "categorical": keras.metrics.CategoricalCrossentropy,
    }[kind](name=name)


def _assumed_names(compiled: Compiled) -> tuple[str, ...]:
    for value in (compiled.loss, compiled.loss_weights, compiled.metrics):
        if isinstance(value, Mapping) and "class_name" not in value:
            return tuple(value)
    if isinstance(compiled.loss, list | tuple):
        return tuple(f"output_{index + 1}" for index in range(len(compiled.loss)))
    return ("output_1",)


__all__ = ["ClassicLoss", "ClassicMetrics", "LossFunctionWrapper", "Objectives", "pick"]
