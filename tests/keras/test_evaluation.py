"""Evaluation tables. Runs on every backend."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.keras import WandbCallback
from tests.keras.acceptance import holds
from tests.keras.models import data, drive, model_c, regression, same, seed, weights_of
from tests.keras.reading import Recorded, recorded

LABELS = list("abcdefghij")


@pytest.fixture(scope="module")
def model() -> Any:
    return model_c()


def evaluate(store: Path, model: Any, given: Any, epochs: int = 1, **arguments: Any) -> Recorded:
    run = kerascope.init(project="evaluation", dir=str(store))
    drive(
        WandbCallback(save_model=False, save_graph=False, log_evaluation=True, validation_data=given, **arguments),
        model,
        epochs,
    )
    return recorded(run, store)


def tables(got: Recorded) -> dict[int, Any]:
    """Prediction tables by row number."""
    found = {i: row["validation_predictions"] for i, row in enumerate(got.rows) if "validation_predictions" in row}
    return {i: got.json_blob(value["sha256"]) for i, value in found.items()}


def validation_columns(got: Recorded) -> list[str]:
    return list(got.artifact("wb_validation_data:latest").get("validation_data").columns)


@holds("log_evaluation")
def test_the_table_comes_at_the_end_in_a_row_of_its_own(store: Path, model: Any) -> None:
    got = evaluate(store, model, data(), epochs=3)
    assert list(got.rows[3]) == ["validation_predictions"]
    table = tables(got)[3]
    assert table["columns"] == ["output", "val_row", "output:node", "output:argmax", "output:argmin"]
    assert got.rows[3]["validation_predictions"]["nrows"] == len(table["data"]) == 64
    assert validation_columns(got) == ["target", "input", "input:image"]


@pytest.mark.parametrize("shape", [(64, 1), (64,)])
@holds("log_evaluation, class numbers")
def test_class_numbers_and_labels_are_linked(store: Path, model: Any, shape: tuple[int, ...]) -> None:
    x, y = data()
    got = evaluate(store, model, (x, y.reshape(shape)), labels=tuple(LABELS))
    assert tables(got)[1]["columns"] == ["output", "val_row", "output:max_class", "output:score"]
    assert validation_columns(got) == ["target", "input", "input:image", "target:class"]
    predictions = model.predict(x, verbose=0)
    row = tables(got)[1]["data"][5]
    assert row[2] == predictions[5].argmax()
    assert row[3]["c"] == pytest.approx(float(predictions[5, 2]), rel=1e-5)


@pytest.mark.parametrize(("frequency", "rows"), [(1, [0, 1, 2]), (2, [0, 2])])
@holds("log_evaluation_frequency")
def test_the_frequency_says_in_which_rows_tables_are(store: Path, model: Any, frequency: int, rows: list[int]) -> None:
    got = evaluate(store, model, data(), epochs=3, log_evaluation_frequency=frequency)
    assert list(tables(got)) == rows
    assert len(got.rows) == 3


@holds("row processors")
def test_processors_of_the_user_add_columns_and_reach_the_validation_row(store: Path, model: Any) -> None:
    x, y = data()
    got = evaluate(
        store,
        model,
        (x, y),
        validation_row_processor=lambda index, row: {"sum": float(row["input"].sum()), "twice": int(index) * 2},
        output_row_processor=lambda index, row: {
            "same": row["val_row"].get_row()["sum"],
            "top": int(row["output"].argmax()),
        },
    )
    assert validation_columns(got) == ["target", "input", "sum", "twice"]
    table = tables(got)[1]
    assert table["columns"] == ["output", "val_row", "same", "top"]
    assert table["data"][3][2] == pytest.approx(float(x[3].sum()))


def test_a_failing_processor_is_named_and_the_table_goes_on(store: Path, model: Any) -> None:
    got = evaluate(store, model, data(), prediction_row_processor=lambda index, row: None)
    assert tables(got)[1]["columns"] == ["output", "val_row"]
    assert any("prediction_row_processor" in text for text in got.notices)


@holds("infer_missing_processors=False")
def test_nothing_is_inferred_if_told_so(store: Path, model: Any) -> None:
    got = evaluate(store, model, data(), infer_missing_processors=False)
    assert tables(got)[1]["columns"] == ["output", "val_row"]
    assert validation_columns(got) == ["target", "input"]


def test_links_of_a_table_of_the_users_take_the_place_of_the_validation_table(store: Path, model: Any) -> None:
    own = kerascope.Table(columns=["name"], data=[[f"row {i}"] for i in range(64)])
    got = evaluate(
        store, model, data(), validation_indexes=own.get_index(), validation_row_processor=lambda i, r: 1 / 0
    )
    assert tables(got)[1]["data"][7][1] == 7
    assert got.versions("wb_validation_data") == 0
    short = evaluate(store, model, data(), validation_indexes=own.get_index()[:3])
    assert tables(short) == {}
    assert any("one link per validation row" in text for text in short.notices)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Four batches of 16."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        x, y = data()
        return x[index * 16 :][:16], y[index * 16 :][:16]


@pytest.mark.parametrize(("steps", "rows"), [(None, 64), (2, 32), (1, 16)])
@holds("Dataset without validation_steps", "Dataset, validation_steps")
def test_a_dataset_is_taken_whole_or_for_the_steps_given(store: Path, model: Any, steps: int | None, rows: int) -> None:
    got = evaluate(store, model, Batches(), validation_steps=steps)
    assert len(tables(got)[1]["data"]) == rows


def test_an_endless_generator_needs_steps(store: Path, model: Any) -> None:
    def endless() -> Any:
        while True:
            yield data(16)

    got = evaluate(store, model, None, generator=endless(), epochs=2)
    assert tables(got) == {}
    assert sum("validation_steps" in text for text in got.notices) == 1
    bounded = evaluate(
        store, model, None, generator=endless(), validation_steps=2, log_evaluation_frequency=1, epochs=2
    )
    assert [len(table["data"]) for table in tables(bounded).values()] == [32, 32]


@pytest.mark.parametrize("as_list", [False, True])
@holds("many inputs and outputs")
def test_many_inputs_and_outputs_have_a_column_each(store: Path, as_list: bool) -> None:
    seed(1)
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    joined = layers.Concatenate()([a, b])
    p, q = layers.Dense(5, name="p")(joined), layers.Dense(1, name="q")(joined)
    two = keras.Model([a, b] if as_list else {"a": a, "b": b}, [p, q] if as_list else {"p": p, "q": q})
    xs, ys = [np.ones((6, 3), "f"), np.ones((6, 2), "f")], [np.ones((6, 5), "f"), np.ones((6, 1), "f")]
    given = (xs, ys) if as_list else (dict(zip("ab", xs, strict=True)), dict(zip("pq", ys, strict=True)))
    table = tables(evaluate(store, two, given))[1]
    names = ["p", "q", "val_row", "p:node", "p:argmax", "p:argmin", "q:node", "q:argmax", "q:argmin"]
    assert table["columns"] == names
    assert len(table["data"]) == 6


def test_a_generator_that_ends_early_or_is_empty_is_told_of_once(store: Path, model: Any) -> None:
    def batches(count: int) -> Any:
        yield from [data(16)] * count

    shown = {"validation_steps": 3, "log_evaluation_frequency": 1, "epochs": 2, "input_type": "image"}
    got = evaluate(store, model, None, generator=batches(2), **shown)
    assert [len(table["data"]) for table in tables(got).values()] == [32, 32]
    assert [text for text in got.notices if "val_loss" not in text] == [
        "log_evaluation: the validation data ended after 2 of 3 batches (validation_steps)"
    ]
    got = evaluate(store, model, None, generator=batches(0), **shown)
    assert tables(got) == {}
    assert sorted(text for text in got.notices if "val_loss" not in text) == [
        "examples: the data to show is empty", "log_evaluation: the validation data is empty",
    ]  # fmt: skip


def test_a_model_with_averaged_weights_is_whole_after_the_evaluation_at_the_end(store: Path) -> None:
    trained = []
    for evaluates in (False, True):
        averaged, x, y = regression(8)
        averaged.compile(keras.optimizers.SGD(0.1, momentum=0.5, use_ema=True), "mse")
        run = kerascope.init(project="evaluation", dir=str(store))
        callback = WandbCallback(save_model=False, log_evaluation=evaluates)
        averaged.fit(x, y, batch_size=4, epochs=1, verbose=0, validation_data=(x, y), callbacks=[callback])
        got = recorded(run, store)
        assert len(tables(got)) == evaluates
        trained.append(weights_of(averaged))
    assert same(*trained)


def test_masks_become_pictures_with_masks(store: Path) -> None:
    seed(1)
    inputs = keras.Input((8, 8, 3))
    segment = keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(inputs))
    x, _ = data(4)
    y = np.random.default_rng(0).integers(0, 3, (4, 8, 8))
    table = tables(evaluate(store, segment, (x, y), labels=["a", "b", "c"]))[1]
    assert table["columns"] == ["output", "val_row", "output:image"]
    assert table["data"][0][2]["masks"]["masks"]["class_labels"] == {"0": "a", "1": "b", "2": "c"}


def test_the_first_meaning_of_log_evaluation_is_a_table_of_results(store: Path, model: Any) -> None:
    x, y = data()
    run = kerascope.init(project="evaluation", dir=str(store))
    arguments = {"log_evaluation": "results", "labels": LABELS, "validation_data": (x, y), "save_model": False}
    drive(WandbCallback(**arguments), model, 2)
    got = recorded(run, store)
    table = got.json_blob(got.summary["results"]["sha256"])
    assert table["columns"][:7] == [
        "wandb_example_id", "image", "true_class", "true_prob", "pred_class", "pred_prob", "correct",
    ]  # fmt: skip
    assert table["columns"][7:] == [f"prob_{label}" for label in LABELS]
    scores = model.predict(x, verbose=0)[2]
    assert table["data"][2][0] == "example_2"
    assert table["data"][2][2:7] == [
        LABELS[y[2]], pytest.approx(float(scores[y[2]]), rel=1e-5), LABELS[scores.argmax()],
        pytest.approx(float(scores.max()), rel=1e-5), bool(scores.argmax() == y[2]),
    ]  # fmt: skip
    assert len(got.rows) == 2


def test_validation_data_is_found_in_fit(store: Path) -> None:
    x, y = data()
    run = kerascope.init(project="evaluation", dir=str(store))
    model = model_c()
    callback = WandbCallback(save_model=False, log_evaluation=True, input_type="image", predictions=3)
    model.fit(x, y, epochs=2, batch_size=32, verbose=0, validation_data=Batches(), callbacks=[callback])
    got = recorded(run, store)
    assert [row["examples"]["count"] for row in got.rows[:2]] == [3, 3]
    assert len(tables(got)[2]["data"]) == 64
    assert got.notices == []


class ManyPictures(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of pictures that together are much larger than one."""

    def __len__(self) -> int:
        return 24

    def __getitem__(self, index: int) -> Any:
        return np.full((16, 64, 64, 3), index / 24, "float32"), np.full((16, 64, 64), index % 3, "int64")


def test_a_large_validation_set_is_evaluated_in_bounded_memory(store: Path) -> None:
    seed(1)
    inputs = keras.Input((64, 64, 3))
    segment = keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(inputs))
    segment.predict_on_batch(np.zeros((16, 64, 64, 3), "float32"))
    whole = 24 * 16 * 64 * 64 * (3 * 4 + 8 + 3 * 4)  # bytes of inputs, targets and outputs
    tracemalloc.start()
    try:
        got = evaluate(store, segment, ManyPictures(), labels=["a", "b", "c"], validation_steps=24)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    table = tables(got)[1]
    assert len(table["data"]) == 24 * 16
    assert table["columns"] == ["output", "val_row", "output:image"]
    assert validation_columns(got) == ["target", "input", "input:image", "target:image"]
    assert not [text for text in got.notices if "evaluation" in text]
    assert peak < 0.9 * whole
