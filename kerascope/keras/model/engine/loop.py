"""The loop of epochs that all backends share: callbacks, validation, History, early ends.

What happens within an epoch (how steps are executed) is the business of a `Stepper`; there is one per backend. The
loop decides nothing about speed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import keras

from kerascope.keras.model.batch_loss import without_batch_loss
from kerascope.keras.model.hooks import Hooks, Logs, python_logs
from kerascope.keras.model.internals import needs_symbolic_build
from kerascope.keras.model.messages import user_level
from kerascope.keras.model.results import in_label_order
from kerascope.keras.model.sources import FeedSource, Source


@dataclass(frozen=True)
class Pass:
    """What became of one pass over batches.

    Attributes:
        steps: Batches done.
        logs: Logs of the last batch, still on the device.
        ended: Whether the source had fewer batches than it was asked for.
        final: Whether the logs are known to be what the metrics have come to, so that nothing need be computed anew.
    """

    steps: int
    logs: Any = None
    ended: bool = False
    final: bool = False


class Stepper(Protocol):
    """Executes the steps of a pass on one backend."""

    def build(self, batch: Any) -> None:
        """Builds what is not built yet, given a batch."""

    def begin_fit(self, source: Source, hooks: Hooks) -> None:
        """Prepares for the epochs of one `fit`."""

    def train(self, source: Source, hooks: Hooks) -> Pass:
        """Trains on the batches of one epoch."""

    def test(self, source: Source, hooks: Hooks) -> Pass:
        """Evaluates on the batches of one pass."""

    def predict(self, source: Source, hooks: Hooks) -> Any:
        """Returns the outputs for the batches of one pass."""

    def end_fit(self) -> None:
        """Brings the model into the state in which the user looks at it, also after an error."""


@dataclass
class Validation:
    """The validation inside `fit`.

    Attributes:
        source: Its data.
        due: Tells whether an epoch (from 0) ends with a validation.
    """

    source: Source
    due: Callable[[int], bool]


@dataclass
class FitJob:
    """All that one `fit` needs."""

    model: Any
    stepper: Stepper
    source: Source
    hooks: Hooks
    epochs: int
    initial_epoch: int
    validation: Validation | None = None
    params: dict[str, Any] = field(default_factory=dict)


def run_fit(job: FitJob) -> Any:
    """Trains for the epochs of the job and returns its History."""
    model, stepper, hooks = job.model, job.stepper, job.hooks
    if needs_symbolic_build(model):
        stepper.build(job.source.first())
    else:
        stepper.build(None)
    model.stop_training = False
    stepper.begin_fit(job.source, hooks)
    logs: Logs = {}
    try:
        hooks.begin("train")
        first = getattr(model, "_initial_epoch", None) or job.initial_epoch
        for epoch in range(first, job.epochs):
            done = _run_epoch(job, epoch)
            if done is None:
                break
            logs = done
            if model.stop_training:
                break
    finally:
        stepper.end_fit()
        if isinstance(getattr(model, "optimizer", None), keras.optimizers.Optimizer) and job.epochs > 0:
            model.optimizer.finalize_variable_values(model.trainable_weights)
    hooks.end("train", logs)
    return hooks.history


def _run_epoch(job: FitJob, epoch: int) -> Logs | None:
    """Trains one epoch and validates; None when the source had no batch left."""
    model, hooks = job.model, job.hooks
    if job.source.steps != hooks.params.get("steps"):
        hooks.set_params({**hooks.params, "steps": job.source.steps})
    model.reset_metrics()
    hooks.epoch_begin(epoch)
    result = job.stepper.train(job.source, hooks)
    if result.ended:
        _warn_early_end(job.source, result.steps)
        model.stop_training = True
    if result.steps == 0:
        return None
    logs = epoch_logs(model, result)
    job.source.end_epoch()
    if job.validation is not None and job.validation.due(epoch):
        values = run_test(model, job.stepper, job.validation.source, hooks)
        logs.update({f"val_{name}": value for name, value in values.items()})
    hooks.epoch_end(epoch, logs)
    return logs


def run_test(model: Any, stepper: Stepper, source: Source, hooks: Hooks) -> Logs:
    """Evaluates on one pass and returns the value of every loss and metric."""
    model.stop_evaluating = False
    hooks.begin("test")
    model.reset_metrics()
    result = stepper.test(source, hooks)
    if result.ended:
        _warn_early_end(source, result.steps)
    if result.steps == 0:
        raise ValueError("There is nothing to evaluate: the data gave no batch.")
    source.end_epoch()
    logs = epoch_logs(model, result)
    hooks.end("test", logs)
    return logs


def run_predict(model: Any, stepper: Stepper, source: Source, hooks: Hooks) -> Any:
    """Returns the outputs for one pass as NumPy arrays in the container of the model."""
    model.stop_predicting = False
    hooks.begin("predict")
    outputs = stepper.predict(source, hooks)
    if isinstance(source, FeedSource) and source.ended_after is not None:
        _warn_early_end(source, source.ended_after)
    hooks.end("predict", {})
    return outputs


def epoch_logs(model: Any, done: Pass) -> Logs:
    """The values at the end of a pass: those of the metrics, or what a custom step returned last."""
    if done.final:
        return python_logs(without_batch_loss(in_label_order(model, done.logs)))
    logs = without_batch_loss(done.logs) if isinstance(done.logs, dict) else done.logs
    return python_logs(model._get_metrics_result_or_logs(logs))


def _warn_early_end(source: Source, steps: int) -> None:
    warnings.warn(
        f"Your input ran out of data after {steps} of {source.steps} batches of this epoch; stopping here. "
        "A generator must give at least steps * epochs batches.",
        UserWarning,
        stacklevel=user_level(),
    )
