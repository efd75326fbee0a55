"""One callback over several trainings: other data, other models, other runs, and one that was interrupted. Runs on every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.keras import WandbCallback, WandbMetricsLogger, classic
from tests.keras.models import drive, regression, seed
from tests.keras.reading import recorded


def test_each_fit_is_evaluated_on_what_it_validates_on(store: Path) -> None:
    model, x, y = regression()
    run = kerascope.init(project="fits", dir=str(store))
    callback = WandbCallback(save_model=False, save_graph=False, log_evaluation=True)
    for count in (8, 4):
        model.fit(x, y, epochs=1, verbose=0, validation_data=(x[:count], y[:count]), callbacks=[callback])
    tables = [row["validation_predictions"] for row in recorded(run, store).rows if "validation_predictions" in row]
    assert [table["nrows"] for table in tables] == [8, 4]


def test_what_one_model_says_of_its_types_does_not_bind_the_next(store: Path) -> None:
    seed(1)
    inputs = keras.Input((8, 8, 3))
    masks = keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(inputs))
    vectors = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(inputs)))
    rng = np.random.default_rng(0)
    x, y = rng.random((4, 8, 8, 3), dtype=np.float32), rng.integers(0, 3, (4, 8, 8, 1))
    run = kerascope.init(project="fits", dir=str(store))
    callback = WandbCallback(save_model=False, save_graph=False, validation_data=(x, y), input_type="auto")
    found = []
    for model in (masks, masks, vectors):
        drive(callback, model)
        found.append((callback.input_type, callback.output_type))
    rows = recorded(run, store).rows
    assert found == [("image", "segmentation_mask"), ("image", "segmentation_mask"), ("image", "label")]
    assert [set(row["examples"]["items"][0].get("masks", ())) for row in rows] == [{"prediction", "reference"}] * 2 + [
        set()
    ]


def gradients(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value["bins"] for name, value in row.items() if name.endswith(".gradient")}


def test_a_generator_of_training_data_serves_every_fit(store: Path) -> None:
    model, x, y = regression()
    run = kerascope.init(project="fits", dir=str(store))
    batches = iter([(x[:16], y[:16]), (x[16:], y[16:])])
    callback = WandbCallback(save_model=False, save_graph=False, log_gradients=True, training_data=batches)
    for _ in range(2):
        drive(callback, model)
    first, second = (gradients(row) for row in recorded(run, store).rows)
    assert first.keys() == second.keys()
    for name, bins in first.items():
        assert second[name] == pytest.approx(bins), name
    assert any(bins[0] != -0.5 for bins in first.values())  # as it is where all gradients are 0


def test_a_dataset_that_cannot_say_its_length_gives_the_batches_of_an_epoch(store: Path) -> None:
    torch = pytest.importorskip("torch")
    model, x, y = regression()
    walked = []

    class Endless(torch.utils.data.IterableDataset):  # type: ignore[misc]
        def __iter__(self) -> Iterator[Any]:
            while True:
                walked.append(len(walked))
                if len(walked) > 100:
                    raise RuntimeError("walked on")
                yield x[:8], y[:8]

    run = kerascope.init(project="fits", dir=str(store))
    data = torch.utils.data.DataLoader(Endless(), batch_size=None)
    callback = WandbCallback(save_model=False, save_graph=False, log_gradients=True, training_data=data, monitor="loss")
    model.fit(x, y, batch_size=8, verbose=0, callbacks=[callback])
    got = recorded(run, store)
    assert got.notices == []
    assert 4 <= len(walked) < 10
    assert gradients(got.rows[0])


def test_another_run_begins_anew(store: Path) -> None:
    model, _, _ = regression()
    kerascope.init(project="fits", dir=str(store))
    callback, logger = WandbCallback(save_model=False, monitor="loss"), WandbMetricsLogger()
    for loss in (1.0, 2.0):
        run = kerascope.init(project="fits", dir=str(store))
        for one in (callback, logger):
            drive(one, model, logs={"loss": loss})
        got = recorded(run, store)
        assert got.summary["best_loss"] == loss
        assert got.summary["graph"]["_type"] == "graph-file"
        assert got.rows[1]["epoch/epoch"] == 0


def test_batches_are_counted_over_all_fits(store: Path) -> None:
    model, x, y = regression()
    run = kerascope.init(project="fits", dir=str(store))
    callbacks = [WandbCallback(save_model=False, log_batch_frequency=1), WandbMetricsLogger("batch")]
    for fit in ({}, {}, {"initial_epoch": 1, "epochs": 2}):
        model.fit(x, y, **{"batch_size": 16, "verbose": 0, "callbacks": callbacks, **fit})
    rows = recorded(run, store).rows
    for name in ("batch", "batch/batch_step"):
        assert [row[name] for row in rows if name in row] == [0, 1, 2, 3, 4, 5]


class Interrupt(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        raise KeyboardInterrupt


def test_after_an_interrupted_training_the_next_one_leaves_the_optimizer_as_it_was(store: Path) -> None:
    model, x, y = regression()
    model.fit(x, y, verbose=0)
    run = kerascope.init(project="fits", dir=str(store))
    before = [v.path for v in model.optimizer.variables], set(vars(model.optimizer))
    arguments = {"save_model": False, "monitor": "loss", "log_gradients": "fit"}
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, verbose=0, callbacks=[WandbCallback(**arguments), Interrupt()])
    model.fit(x, y, verbose=0, callbacks=[WandbCallback(**arguments)])
    assert ([v.path for v in model.optimizer.variables], set(vars(model.optimizer))) == before
    got = recorded(run, store)
    assert got.notices == []
    assert len(gradients(got.rows[-1])) >= 4


def test_two_callbacks_record_the_gradients_of_one_fit(store: Path) -> None:
    model, x, y = regression()
    run = kerascope.init(project="fits", dir=str(store))
    arguments = {"save_model": False, "save_graph": False, "monitor": "loss", "log_gradients": "fit"}
    model.fit(x, y, verbose=0, callbacks=[WandbCallback(**arguments), WandbCallback(**arguments)])
    got = recorded(run, store)
    assert got.notices == []
    first, second = got.rows
    assert gradients(first) == gradients(second) != {}
    assert not [name for name in vars(model.optimizer) if "applied" in name or "update_step" in name]


def test_a_classic_model_that_was_trained_before_gives_the_gradients_of_each_fit(store: Path) -> None:
    model, x, y = regression()
    classic(model).compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(x, y, batch_size=8, verbose=0)
    run = kerascope.init(project="fits", dir=str(store))
    moved = []
    for _ in range(2):
        before = model.get_weights()
        callback = WandbCallback(save_model=False, save_graph=False, monitor="loss", log_gradients="fit")
        model.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=[callback])
        moved.append([(a - b) / 0.1 for a, b in zip(before, model.get_weights(), strict=True)])
    got = recorded(run, store)
    assert got.notices == []
    for row, sums in zip(got.rows, moved, strict=True):
        for bins, total in zip(gradients(row).values(), sums, strict=True):
            span = (total.min(), total.max()) if total.size > 1 else (total.min() - 0.5, total.max() + 0.5)
            assert (bins[0], bins[-1]) == pytest.approx(span, abs=1e-4)


def test_a_fit_that_validates_every_other_epoch_is_not_told_that_it_never_will(store: Path) -> None:
    model, x, y = regression()
    run = kerascope.init(project="fits", dir=str(store))
    callback = WandbCallback(save_model=False, save_graph=False, log_evaluation=True, log_evaluation_frequency=1)
    model.fit(x, y, epochs=2, verbose=0, validation_split=0.5, validation_freq=2, callbacks=[callback])
    got = recorded(run, store)
    assert ["validation_predictions" in row for row in got.rows] == [False, True]
    assert got.summary["best_epoch"] == 1
    assert all("so far" in text or "as long as" in text for text in got.notices)
    assert len(got.notices) == 2
