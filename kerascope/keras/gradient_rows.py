"""What the two forms of gradient logging add to a history row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import keras

from kerascope.errors import UsageError, WrongValueError
from kerascope.keras.batches import Batch, Source
from kerascope.keras.gradients import applied_gradients, inner_optimizer, summed_gradients
from kerascope.keras.histograms import histograms
from kerascope.keras.inference import fixed_batch_size
from kerascope.keras.weights import gradient_keys

_BATCH_SIZE, _MAX_BATCHES = 32, 32
NORM_KEY = "gradients/global_norm"
_RECORDERS = "_applied_gradients"  # the optimizer's attribute that holds its recorders while some are attached


class DataGradients:
    """Histograms of the gradient of the loss on given data, at the weights an epoch ended with, summed over its batches.

    Args:
        source: the data. Arrays go in batches of 32 (or of the size that the model demands), in order. A generator is pulled for 32 batches,
            once; an endless dataset gives its first 32.
        steps: batches of an epoch of `fit`, if known: as many are taken of a dataset that cannot say how long it is.
    """

    def __init__(self, source: Source, steps: int | None) -> None:
        self._source = source
        self._limit = _MAX_BATCHES if source.needs_bound else None if source.has_length else steps
        self._model: Any = None
        self._batch_size: int | None = None

    def row(self, model: Any) -> dict[str, Any]:
        """Returns `gradients/<layer>/<variable>.gradient` for every trainable variable of `model`."""
        if self._model is not model:
            self._model, self._gradient = model, summed_gradients(model)
            self._batch_size = fixed_batch_size(model)
            self._source.batch_size = self._batch_size or _BATCH_SIZE
        keys = [key for key, _ in gradient_keys(model)]
        return dict(histograms(dict(zip(keys, self._gradient(self._batches()), strict=True))))

    def _batches(self) -> Iterator[Batch]:
        """The batches; a model of a fixed batch size cannot take a smaller last one."""
        batches = islice(self._source.batches(), self._limit)
        return (batch for batch in batches if self._batch_size in (None, batch.row_count))


class FitGradients:
    """Histograms of the gradients the optimizer applied during an epoch, summed over its steps, and their global norm."""

    def __init__(self, model: Any) -> None:
        if not isinstance(inner_optimizer(model), keras.optimizers.Optimizer):
            raise WrongValueError(
                "log_gradients='fit' needs a compiled model with a Keras optimizer. "
                f"Received: optimizer of type {type(model.optimizer).__name__}. Use log_gradients=True with training_data."
            )
        self._optimizer = inner_optimizer(model)
        self._recorder, fit = applied_gradients(model), getattr(model, "history", None)  # Keras makes one for each fit
        others = vars(self._optimizer).pop(_RECORDERS, ())
        for recorder, of in others:
            if of is not fit:  # that fit was interrupted, which no callback is told
                recorder.detach()
        self._recorder.attach()
        vars(self._optimizer)[_RECORDERS] = (*(one for one in others if one[1] is fit), (self._recorder, fit))

    def begin_epoch(self) -> None:
        """Starts anew."""
        self._recorder.reset()

    def row(self, model: Any) -> dict[str, Any]:
        """Returns the histograms, and the mean and largest global norm over the steps of the epoch.

        Raises:
            UsageError: if the optimizer that the model was compiled with took no step.
        """
        applied = self._recorder.read()
        if not applied.step_count:
            raise UsageError(
                "log_gradients='fit' records the steps of the optimizer that compile() was given. Received: an epoch without any. "
                "If train_step uses optimizers of its own, take log_gradients=True with training_data."
            )
        keys = [key for key, _ in gradient_keys(model)]
        row: dict[str, Any] = dict(histograms(dict(zip(keys, applied.sums, strict=True))))
        return row | {NORM_KEY: applied.mean_norm, f"{NORM_KEY}_max": applied.max_norm}

    def end(self) -> None:
        """Leaves the optimizer as it was."""
        self._recorder.detach()
        others = tuple(one for one in vars(self._optimizer).pop(_RECORDERS, ()) if one[0] is not self._recorder)
        if others:
            vars(self._optimizer)[_RECORDERS] = others
