"""`WandbMetricsLogger`. Runs on every backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerascope
from kerascope.errors import Error, UsageError
from kerascope.keras import WandbCallback, WandbMetricsLogger, classic
from tests.keras.acceptance import holds
from tests.keras.models import regression
from tests.keras.reading import recorded


def logged(store: Path, fits: list[dict[str, Any]], optimizer: Any = None, **arguments: Any) -> list[dict[str, Any]]:
    """Rows of a training of 4 batches an epoch."""
    model, x, y = regression()
    if optimizer is not None:
        model.compile(optimizer, "mse")
    run = kerascope.init(project="logger", dir=str(store))
    logger = WandbMetricsLogger(**arguments)
    for fit in fits:
        model.fit(x, y, **{"batch_size": 8, "verbose": 0, **fit}, callbacks=[logger])
    got = recorded(run, store)
    assert got.notices == []
    return got.rows


@holds("WandbMetricsLogger, schedule")
def test_epochs_have_rows_and_the_rate_after_the_last_step(store: Path) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.1)
    rows = logged(store, [{"epochs": 2}], keras.optimizers.SGD(schedule))
    assert [set(row) for row in rows] == [{"epoch/loss", "epoch/epoch", "epoch/learning_rate"}] * 2
    assert [row["epoch/epoch"] for row in rows] == [0, 1]
    assert [row["epoch/learning_rate"] for row in rows] == pytest.approx([1e-3, 1e-5], rel=1e-5)


@holds("WandbMetricsLogger, batch")
def test_batches_have_rows_between_epochs_and_both_have_an_axis(store: Path) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.1)
    rows = logged(store, [{"epochs": 2}], keras.optimizers.SGD(schedule), log_freq="batch")
    steps = [row.get("batch/batch_step") for row in rows]
    assert steps == [0, 1, 2, 3, None, 4, 5, 6, 7, None]
    rates = [row["batch/learning_rate"] for row in rows if "batch/learning_rate" in row]
    assert rates == pytest.approx([0.1 * 0.1 ** ((n + 1) / 2) for n in range(8)], rel=1e-4)
    assert set(rows[0]) == {"batch/loss", "batch/batch_step", "batch/learning_rate"}


@holds("WandbMetricsLogger, 3")
def test_every_third_batch_has_its_true_index_also_after_a_resume(store: Path) -> None:
    rows = logged(store, [{"epochs": 2}, {"epochs": 3, "initial_epoch": 2}], log_freq=3)
    assert [row["batch/batch_step"] for row in rows if "batch/batch_step" in row] == [0, 3, 4, 7, 8, 11]
    rows = logged(store, [{"epochs": 1}], log_freq=3, initial_global_step=100, legacy_keys=True)
    assert [row["batch/batch_step"] for row in rows if "batch/batch_step" in row] == [100, 103]
    assert {"loss", "epoch"} <= set(rows[-1])


class Halve(keras.callbacks.Callback):  # type: ignore[misc]
    """Halves the learning rate before every batch."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        optimizer.learning_rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate)) / 2


def test_a_rate_changed_by_hand_is_seen(store: Path) -> None:
    model, x, y = regression()
    model.compile(keras.optimizers.SGD(0.8), "mse")
    run = kerascope.init(project="logger", dir=str(store))
    model.fit(x, y, batch_size=8, verbose=0, callbacks=[Halve(), WandbMetricsLogger("batch")])
    rates = [row["batch/learning_rate"] for row in recorded(run, store).rows if "batch/learning_rate" in row]
    assert rates == pytest.approx([0.4, 0.2, 0.1, 0.05])


class Moody(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule that fails from some moment on."""

    fails = False

    def __call__(self, step: Any) -> Any:
        if self.fails:
            raise RuntimeError("not today")
        return 0.1

    def get_config(self) -> dict[str, Any]:
        return {}


def test_a_schedule_that_fails_costs_the_rate_and_no_row(store: Path) -> None:
    model, _, _ = regression()
    model.compile(keras.optimizers.SGD(Moody()), "mse")
    run = kerascope.init(project="logger", dir=str(store))
    logger = WandbMetricsLogger("batch")
    logger.set_params({"epochs": 1, "steps": 1})
    logger.set_model(model)
    logger.on_train_begin()
    model.optimizer._learning_rate.fails = True
    logger.on_epoch_begin(0)
    logger.on_train_batch_end(0, {"loss": 2.0})
    logger.on_epoch_end(0, {"loss": 2.0})
    got = recorded(run, store)
    assert got.rows == [{"batch/loss": 2.0, "batch/batch_step": 0}, {"epoch/loss": 2.0, "epoch/epoch": 0}]
    assert len(got.notices) == 1
    assert "not today" in got.notices[0]


def test_batch_hooks_are_there_only_if_batches_are_logged(store: Path) -> None:
    kerascope.init(project="logger", dir=str(store))
    silent = WandbMetricsLogger()
    assert keras.callbacks.CallbackList([silent])._async_train == keras.callbacks.CallbackList([])._async_train
    assert "on_train_batch_end" not in silent.__dict__
    assert "on_train_batch_end" in WandbMetricsLogger("batch").__dict__


@pytest.mark.parametrize("frequency", [0, -1, "never", 1.5, True, None])
def test_a_wrong_frequency_is_refused(store: Path, frequency: Any) -> None:
    kerascope.init(project="logger", dir=str(store))
    with pytest.raises(UsageError, match="`log_freq` must be 'epoch', 'batch' or an int >= 1"):
        WandbMetricsLogger(frequency)


def test_without_a_run_it_says_what_to_do() -> None:
    with pytest.raises(Error, match="init"):
        WandbMetricsLogger()


def test_batches_of_a_classic_model_have_the_rows_of_those_of_keras(store: Path) -> None:
    model, x, y = regression()
    run = kerascope.init(project="logger", dir=str(store))
    callbacks = [WandbCallback(save_model=False, log_batch_frequency=1), WandbMetricsLogger("batch")]
    classic(model).fit(x, y, batch_size=16, verbose=0, callbacks=callbacks)
    first, second = recorded(run, store).rows[:2]
    assert set(first) == {"loss", "batch"}
    assert set(second) == {"batch/loss", "batch/batch_step", "batch/learning_rate"}


def test_rows_keep_their_order_whatever_order_batches_come_in() -> None:
    from kerascope.keras.batch_rows import BatchRows

    seen: list[int] = []
    rows = BatchRows(1, lambda batch, logs: seen.append(rows.first_step + batch))
    for epoch in range(2):
        rows.begin_epoch(epoch, 1, None)  # as with a dataset that cannot say how long it is
        for batch in np.random.default_rng(0).permutation(20):
            rows.add(int(batch), {})
        rows.flush()
    assert seen == [*range(40)]
