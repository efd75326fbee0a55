"""What a classic model's `fit` validates on reaches the callback: arrays, a part split off, and batches; a generator is left to `fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerascope
from kerascope.keras import HDF5Matrix, Model, WandbCallback, classic
from tests.keras.reading import Recorded

X = np.random.default_rng(0).random((12, 4, 4, 1), np.float32)
Y = np.arange(12) % 3


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        return X[index * 4 : index * 4 + 4], Y[index * 4 : index * 4 + 4]


@pytest.fixture(scope="module")
def model() -> Any:
    layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    made = classic(keras.Sequential(layers))
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made


def trained(model: Any, store: Path, **call: Any) -> Recorded:
    run = kerascope.init(project="p")
    callback = WandbCallback(input_type="image", predictions=5, log_evaluation=True, save_model=False, save_graph=False)
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[callback], **call)
    run.finish()
    return Recorded(store, "p", run.id)


@pytest.mark.parametrize(
    ("call", "rows"),
    [
        ({"validation_data": (X, Y)}, 12),
        ({"validation_data": [X[:7], Y[:7]]}, 7),
        ({"validation_split": 0.5}, 6),
        ({"validation_data": Batches()}, 12),
        ({"validation_data": Batches(), "validation_steps": 2}, 8),
    ],
)
def test_examples_and_evaluation_show_what_a_classic_fit_validates_on(
    model: Any, store: Path, call: dict[str, Any], rows: int
) -> None:
    summary = trained(model, store, **call).summary
    assert summary["examples"]["count"] == 5
    assert summary["validation_predictions"]["nrows"] == rows


def test_generator_of_a_classic_fit_is_left_to_it_and_that_is_said(model: Any, store: Path) -> None:
    def stream() -> Any:
        while True:
            yield X[:4], Y[:4]

    recorded = trained(model, store, validation_data=stream(), validation_steps=2)
    assert "val_loss" in recorded.summary
    assert "examples" not in recorded.summary
    assert any("no validation data" in text for text in recorded.notices)


def test_hdf5_data_of_a_classic_fit_is_never_read_as_a_whole(model: Any, store: Path, tmp_path: Path) -> None:
    h5py, read = pytest.importorskip("h5py"), []
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = np.repeat(X, 10, 0), np.repeat(Y, 10, 0)

    def watch(rows: Any) -> Any:
        read.append(len(rows))
        return rows

    x, y = (HDF5Matrix(tmp_path / "data.h5", name, normalizer=watch) for name in "xy")
    summary = trained(model, store, validation_data=(x, y)).summary
    assert summary["examples"]["count"] == 5
    assert summary["validation_predictions"]["nrows"] == 120
    assert max(read) < 120


def test_sparse_matrices_are_evaluated_as_dense_ones(store: Path) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    dense = np.where(X < 0.5, 0, X).reshape(12, 16)
    layers = [keras.Input((16,)), keras.layers.Dense(3, activation="softmax")]
    model = classic(keras.Sequential(layers))
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    predicted = []
    for form in (dense, sparse.coo_matrix(dense)):
        for given in ("fit", "callback"):
            run = kerascope.init(project="p")
            told = {"validation_data": (form, Y)}
            callback = WandbCallback(log_evaluation=True, save_model=False, **(told if given == "callback" else {}))
            model.fit(form, Y, verbose=0, callbacks=[callback], **(told if given == "fit" else {}))
            run.finish()
            table = Recorded(store, "p", run.id).rows[1]["validation_predictions"]
            predicted.append([row[0] for row in Recorded(store, "p", run.id).json_blob(table["sha256"])["data"]])
    assert all(np.allclose(rows, predicted[0]) and len(rows) == 12 for rows in predicted)


class Quiet(Model):
    """Learns without targets: to be quiet."""

    def compute_loss(self, x: Any, y: Any, y_pred: Any, *rest: Any, **options: Any) -> Any:
        return keras.ops.mean(keras.ops.square(y_pred))


def test_examples_of_a_model_without_targets_are_its_inputs(store: Path) -> None:
    inputs = keras.Input((4, 4, 1))
    model = Quiet(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    model.compile("sgd")
    run = kerascope.init(project="p")
    model.fit(X, None, verbose=0, validation_split=0.5, callbacks=[WandbCallback(input_type="image", predictions=3)])
    run.finish()
    recorded = Recorded(store, "p", run.id)
    assert recorded.summary["examples"]["count"] == 3
    assert recorded.notices == []
