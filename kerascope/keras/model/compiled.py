"""What `compile` was told, checked and spread over the outputs of the model.

Pure rules: which loss, weight, mode and metrics belong to which output, and what the numbers are called that
`evaluate` and `train_on_batch` return. The objects that compute them are in `objectives.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from kerascope.keras.model.identifiers import check_metric, distinct, metric_name, registered, resolve_loss
from kerascope.keras.model.messages import BadArgument, listing, short

# What TensorFlow 1 sessions took; accepted and without effect.
SESSION_KEYWORDS = frozenset({"options", "run_metadata", "feed_dict", "fetches"})


@dataclass(frozen=True)
class PerOutput:
    """The compiled record once the outputs of the model are known.

    Attributes:
        names: Names of all outputs.
        losses: A loss per output; None where an output has none.
        loss_weights: A coefficient per output.
        temporal: Whether the sample weights of an output are per timestep.
        metrics: Unweighted metrics per output, as they were given.
        weighted_metrics: Weighted metrics per output, as they were given.
    """

    names: tuple[str, ...]
    losses: tuple[Any, ...]
    loss_weights: tuple[float, ...]
    temporal: tuple[bool, ...]
    metrics: tuple[tuple[Any, ...], ...]
    weighted_metrics: tuple[tuple[Any, ...], ...]

    @property
    def active(self) -> tuple[int, ...]:
        """Indices of the outputs that have a loss; all of them when the model has no loss at all.

        Only these outputs are given targets and have metrics.
        """
        found = tuple(index for index, loss in enumerate(self.losses) if loss is not None)
        return found or tuple(range(len(self.names)))

    @property
    def loss_labels(self) -> tuple[str, ...]:
        """Labels of the losses of single outputs: none for a model with one output."""
        if len(self.names) == 1 or all(loss is None for loss in self.losses):
            return ()
        return tuple(f"{self.names[index]}_loss" for index in self.active)

    def metric_labels(self) -> list[tuple[list[str], list[str]]]:
        """Labels of the metrics per output: (unweighted, weighted), unique within the model."""
        taken = {"loss", *self.loss_labels}
        labels: list[tuple[list[str], list[str]]] = []
        for index in range(len(self.names)):
            prefix = f"{self.names[index]}_" if len(self.names) > 1 else ""
            active = index in self.active
            groups = (self.metrics[index], self.weighted_metrics[index]) if active else ((), ())
            first, second = ([_unique(prefix + metric_name(m), taken) for m in distinct(group)] for group in groups)
            labels.append((first, second))
        return labels

    def labels(self) -> list[str]:
        """The classic `metrics_names`: total loss, losses of the outputs, metrics output by output."""
        flat = [label for pair in self.metric_labels() for group in pair for label in group]
        return ["loss", *self.loss_labels, *flat]


@dataclass
class Compiled:
    """The arguments of `compile` as given, after the checks that need no data."""

    loss: Any
    metrics: Any
    loss_weights: Any
    sample_weight_mode: Any
    weighted_metrics: Any
    target_tensors: Any = None
    session_keywords: dict[str, Any] = field(default_factory=dict)

    def check(self, names: Sequence[str] | None) -> PerOutput | None:
        """Checks everything that can be checked now.

        Args:
            names: Names of the outputs, or None while the model does not know them.

        Returns:
            The record per output, or None while the outputs are not known.

        Raises:
            ValueError: If an argument names something that does not exist or does not fit the outputs.
            TypeError: If an argument has a type that means nothing.
        """
        _check_target_tensors(self.target_tensors, names)
        if names is None:
            _check_identifiers(self)
            return None
        return self.per_output(tuple(names))

    def per_output(self, names: tuple[str, ...]) -> PerOutput:
        """Spreads the record over the outputs of the model."""
        losses = tuple(resolve_loss(loss) for loss in spread_loss(self.loss, names))
        with_loss = [index for index, loss in enumerate(losses) if loss is not None]
        return PerOutput(
            names=names,
            losses=losses,
            loss_weights=spread_loss_weights(self.loss_weights, names),
            temporal=spread_modes(self.sample_weight_mode, names, with_loss),
            metrics=spread_metrics("metrics", self.metrics, names),
            weighted_metrics=spread_metrics("weighted_metrics", self.weighted_metrics, names),
        )

    def check_session_keywords(self) -> None:
        """Refuses, at the first run as Keras 2 did, keywords of `compile` that nothing takes."""
        unknown = sorted(set(self.session_keywords) - SESSION_KEYWORDS)
        if unknown:
            raise ValueError(
                f"`compile` was given keywords that neither Keras nor a session knows. Received: {listing(unknown)}. "
                f"Known session keywords: {listing(sorted(SESSION_KEYWORDS))}."
            )


def spread_loss(loss: Any, names: Sequence[str]) -> list[Any]:
    """One loss (or None) per output."""
    if isinstance(loss, Mapping):
        # A config dict of one loss is not a mapping of outputs.
        if "class_name" in loss:
            return [dict(loss) for _ in names]
        _check_keys("loss", loss, names)
        return [loss.get(name) for name in names]
    if isinstance(loss, list | tuple):
        _check_length("loss", loss, names)
        return list(loss)
    return [loss for _ in names]


def spread_loss_weights(weights: Any, names: Sequence[str]) -> tuple[float, ...]:
    """One coefficient per output; 1.0 where none is given."""
    if weights is None:
        return tuple(1.0 for _ in names)
    if isinstance(weights, Mapping):
        _check_keys("loss_weights", weights, names)
        return tuple(_coefficient(weights.get(name, 1.0)) for name in names)
    if isinstance(weights, list):
        _check_length("loss_weights", weights, names)
        return tuple(_coefficient(weight) for weight in weights)
    if isinstance(weights, int | float) and not isinstance(weights, bool) and len(names) == 1:
        return (float(weights),)
    raise TypeError(f"`loss_weights` must be a list or a dict by output name. Received: loss_weights={short(weights)}.")


def spread_modes(mode: Any, names: Sequence[str], needed: Sequence[int]) -> tuple[bool, ...]:
    """Whether the weights of each output are per timestep."""
    modes: list[Any]
    if isinstance(mode, Mapping):
        _check_keys("sample_weight_mode", mode, names)
        missing = [names[index] for index in needed if names[index] not in mode]
        if missing:
            raise ValueError(
                f"`sample_weight_mode` must have an entry for every output with a loss; {listing(missing)} missing. "
                f"Received: sample_weight_mode={short(mode)}."
            )
        modes = [mode.get(name) for name in names]
    elif isinstance(mode, list | tuple):
        _check_length("sample_weight_mode", mode, names)
        modes = list(mode)
    else:
        modes = [mode for _ in names]
    for one in modes:
        _check_mode(one)
    return tuple(one == "temporal" for one in modes)


def spread_metrics(argument: str, metrics: Any, names: Sequence[str]) -> tuple[tuple[Any, ...], ...]:
    """The metrics of each output: a flat list goes to every output, a list of lists and a dict go by output."""
    if metrics is None:
        return tuple(() for _ in names)
    nested = _nest_metrics(argument, metrics, names)
    for group in nested:
        for metric in group:
            check_metric(argument, metric)
    return tuple(tuple(registered(metric) or metric for metric in group) for group in nested)


def _nest_metrics(argument: str, metrics: Any, names: Sequence[str]) -> list[list[Any]]:
    if isinstance(metrics, Mapping):
        _check_keys(argument, metrics, names)
        return [_as_list(metrics.get(name, [])) for name in names]
    if not isinstance(metrics, list | tuple):
        raise BadArgument(
            f"Type of `{argument}` argument not understood. Expected a list or dictionary, found: {short(metrics)}."
        )
    if any(isinstance(metric, list | tuple) for metric in metrics):
        if len(metrics) != len(names):
            raise ValueError(
                f"When passing a list of lists as `{argument}`, it should have one entry per model output. "
                f"The model has {len(names)} outputs, but you passed {argument}={short(metrics)}."
            )
        return [_as_list(metric) for metric in metrics]
    if len(names) == 1:
        return [list(metrics)]
    # Every output counts for itself, so that a metric object must not be shared.
    return [[_clone(metric) if index else metric for metric in metrics] for index in range(len(names))]


def _clone(metric: Any) -> Any:
    if isinstance(metric, keras.metrics.Metric):
        return type(metric).from_config(metric.get_config())
    return metric


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _check_identifiers(compiled: Compiled) -> None:
    """Checks names of losses and metrics of a model whose outputs are not known yet."""
    for loss in _leaves(compiled.loss):
        resolve_loss(loss)
    for argument in ("metrics", "weighted_metrics"):
        value = getattr(compiled, argument)
        if value is not None and not isinstance(value, list | tuple | Mapping):
            raise BadArgument(
                f"Type of `{argument}` argument not understood. Expected a list or dictionary, found: {short(value)}."
            )
        for metric in _leaves(value):
            check_metric(argument, metric)
    for mode in _leaves(compiled.sample_weight_mode):
        _check_mode(mode)
    if isinstance(compiled.loss_weights, tuple | str):
        spread_loss_weights(compiled.loss_weights, ("output_1",))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and "class_name" not in value:
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]


def _check_target_tensors(targets: Any, names: Sequence[str] | None) -> None:
    if targets is None:
        return
    if isinstance(targets, Mapping):
        if names is not None:
            _check_keys("target_tensors", targets, names)
    elif isinstance(targets, list):
        if names is not None:
            _check_length("target_tensors", targets, names, "`target_tensors`")
    elif not hasattr(targets, "shape"):
        raise TypeError(
            "`target_tensors` must be a tensor, a list of tensors or a dict by output name. "
            f"Received: target_tensors={short(targets)}."
        )
    elif names is not None and len(names) > 1:
        raise ValueError(
            f"The model has {len(names)} outputs, but you passed a single tensor as `target_tensors`. "
            "Expected a list or a dict of tensors."
        )


def _check_keys(argument: str, value: Mapping[Any, Any], names: Sequence[str]) -> None:
    unknown = [key for key in value if key not in names]
    if unknown:
        raise ValueError(
            f'Unknown entry in {argument} dictionary: "{unknown[0]}". '
            f"Only expected the following keys: {list(names)}. Received: {listing(value)}."
        )


def _check_length(argument: str, value: Sequence[Any], names: Sequence[str], label: str = "") -> None:
    if len(value) != len(names):
        raise ValueError(
            f"When passing a list as {label or argument}, it should have one entry per model output. "
            f"The model has {len(names)} outputs, but you passed {argument}={short(list(value))}."
        )


def _check_mode(mode: Any) -> None:
    if mode not in (None, "temporal"):
        raise ValueError(
            f"`sample_weight_mode` must be None or 'temporal'. Received: sample_weight_mode={short(mode)}."
        )


def _coefficient(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"`loss_weights` must hold numbers. Received: {short(value)}.") from error


def _unique(name: str, taken: set[str]) -> str:
    """Appends _1, _2, ... to a name already taken, and takes it."""
    candidate, count = name, 0
    while candidate in taken:
        count += 1
        candidate = f"{name}_{count}"
    taken.add(candidate)
    return candidate
