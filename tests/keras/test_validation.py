"""What a classic model's `fit` validates on reaches the callback: arrays, a part split off, and batches; a generator is left to `fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerascope
from kerascope.keras import WandbCallback, classic
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
