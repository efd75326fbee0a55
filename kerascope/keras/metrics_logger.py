"""`WandbMetricsLogger`: metrics and learning rate, per epoch and per batch, under `epoch/` and `batch/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kerascope.errors import WrongValueError
from kerascope.keras import arguments
from kerascope.keras.batch_rows import BatchRows
from kerascope.keras.learning_rate import LearningRate
from kerascope.keras.notices import guarded
from kerascope.keras.ranks import logs_here
from kerascope.tracking.current import get_run, require_run
from kerascope.tracking.run import Run


class WandbMetricsLogger(keras.callbacks.Callback):  # type: ignore[misc]
    """Logs what Keras measures.

    An epoch's row has `epoch/<metric>`, `epoch/epoch` (from 0) and `epoch/learning_rate`; a batch's row `batch/<metric>` (Keras' running
    means), `batch/batch_step` (the true index of the batch over the whole training, also after a resume) and `batch/learning_rate`.

    Args:
        log_freq: "epoch": a row per epoch; "batch": also one per batch; an int n: also one for every batch whose index in its epoch is a
            multiple of n.
        initial_global_step: index of the first batch; by default 0, or where `fit(initial_epoch=...)` starts. A further `fit` goes on counting.
        legacy_keys: also log `epoch` and the metrics of an epoch under their bare names, as `WandbCallback` does.
        **kwargs: `log_ranks`: "first" or "all" processes of a distributed training; by default what `init` goes by. Others warn.

    Raises:
        Error: if there is no run.
        UsageError: for an argument of the wrong kind.
    """

    async_safe = True

    def __init__(
        self, log_freq: str | int = "epoch", initial_global_step: int = 0, legacy_keys: bool = False, **kwargs: Any
    ) -> None:
        super().__init__()
        run = require_run("WandbMetricsLogger")
        self._log_ranks = arguments.log_ranks(kwargs.pop("log_ranks", None))
        arguments.warn_unknown(
            "WandbMetricsLogger", kwargs, ["log_freq", "initial_global_step", "legacy_keys", "log_ranks"]
        )
        self.log_freq = _frequency(log_freq)
        self.logging_batch_wise = self.log_freq is not None
        self.initial_global_step = arguments.count("initial_global_step", initial_global_step, 0)
        self._legacy_keys = arguments.flag("legacy_keys", legacy_keys)
        self._begin_run(run)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Finds the run and the learning rate."""
        run = get_run() or self._run
        if run is not self._run:
            self._begin_run(run)
        self._rate = LearningRate(self.model)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Starts the counts of an epoch."""
        if self._rows is None:
            return
        with guarded(self._run, "logging batches"):
            block_size = getattr(self.model, "steps_per_execution", 1) or 1
            self._rows.begin_epoch(epoch, block_size, (self.params or {}).get("steps"))
            self._rate.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the epoch's row."""
        if not self._is_active:
            return
        if self._rows is not None:
            with guarded(self._run, "logging batches"):
                self._rows.flush()
        row: dict[str, Any] = {f"epoch/{name}": value for name, value in (logs or {}).items()}
        row["epoch/epoch"] = epoch
        with guarded(self._run, "reading the learning rate"):
            rate = self._rate.now()
            row |= {} if rate is None else {"epoch/learning_rate": rate}
        if self._legacy_keys:
            row |= {**(logs or {}), "epoch": epoch}
        with guarded(self._run, "logging the epoch"):
            self._run.log(row)

    def _begin_run(self, run: Run) -> None:
        """Begins to log to `run`: its batches count from the first one, its metrics have an axis."""
        self._run = run
        self._is_active = logs_here(run, self._log_ranks)
        self._rows: BatchRows | None = None
        if not self._is_active:
            return
        if self.log_freq is not None:
            self._rows = BatchRows(self.log_freq, self._log_batch, self.initial_global_step or None)
            # Instance attributes: as methods of the class they would slow down trainings that log epochs only.
            self.on_train_batch_begin = self._begin_batch
            self.on_train_batch_end = self._take_batch
        with guarded(run, "define_metric"):
            self._define("epoch", "epoch/epoch")
            if self.logging_batch_wise:
                self._define("batch", "batch/batch_step")

    def _begin_batch(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        with guarded(self._run, "reading the learning rate"):
            self._rate.begin_batch(batch)

    def _take_batch(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """The batch hook; may run on any thread."""
        rows = self._rows
        if rows is not None:
            with guarded(self._run, "logging batches"):
                rows.add(batch, logs or {})

    def _log_batch(self, batch: int, logs: Mapping[str, Any]) -> None:
        row: dict[str, Any] = {f"batch/{name}": value for name, value in logs.items()}
        row["batch/batch_step"] = batch + (0 if self._rows is None else self._rows.first_step)
        with guarded(self._run, "reading the learning rate"):  # a schedule of the user's that fails costs no row
            rate = self._rate.after_step(batch)
            row |= {} if rate is None else {"batch/learning_rate": rate}
        self._run.log(row)

    def _define(self, family: str, step: str) -> None:
        self._run.define_metric(step)
        self._run.define_metric(f"{family}/*", step_metric=step)


def _frequency(value: Any) -> int | None:
    """Batches per row; None: no rows for batches."""
    if value == "epoch":
        return None
    if value == "batch":
        return 1
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise WrongValueError(
        f"`log_freq` must be 'epoch', 'batch' or an int >= 1. Received: log_freq={value!r}. An int is a number of batches."
    )
