"""The history key `examples`: combinations of input and output, captions, overlays, the sample. Runs on every backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.keras import WandbCallback
from tests.keras.acceptance import holds
from tests.keras.models import drive, seed
from tests.keras.reading import Recorded, recorded

LABELS = [f"kind {n}" for n in range(10)]


def picture_model(outputs: str, classes: int = 1) -> Any:
    """Pictures 8x8x3 to a vector (`label`) or to a map (`image`, `mask`)."""
    seed(1)
    inputs = keras.Input((8, 8, 3))
    if outputs == "label":
        hidden = layers.Flatten()(inputs)
        out = layers.Dense(classes, activation="softmax" if classes > 1 else "sigmoid")(hidden)
    else:
        out = layers.Conv2D(classes, 1, activation="softmax" if classes > 1 else "sigmoid")(inputs)
    return keras.Model(inputs, out)


def show(store: Path, model: Any, x: Any, y: Any, epochs: int = 1, **arguments: Any) -> Recorded:
    run = kerascope.init(project="examples", dir=str(store))
    callback = WandbCallback(save_model=False, save_graph=False, validation_data=(x, y), **arguments)
    drive(callback, model, epochs)
    return recorded(run, store)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).random((130, 8, 8, 3), dtype=np.float32)


@holds("image, 10 labels")
def test_pictures_of_classes_are_captioned_and_the_sample_stays(store: Path, pictures: Any) -> None:
    model = picture_model("label", 10)
    got = show(
        store, model, pictures, np.arange(130) % 10, epochs=2, input_type="image", labels=tuple(LABELS), predictions=10
    )
    first, second = (row["examples"] for row in got.rows)
    assert (first["_type"], first["count"], first["width"], first["format"]) == ("images/separated", 10, 8, "png")
    assert set(first["captions"]) <= set(LABELS)
    assert len(set(first["filenames"])) == 10
    assert [item["sha256"] for item in first["items"]] == [item["sha256"] for item in second["items"]]


@holds("predictions=500")
def test_the_number_of_examples_has_a_limit(store: Path, pictures: Any) -> None:
    got = show(store, picture_model("label", 10), pictures, np.zeros(130), data_type="image", predictions=500)
    assert got.rows[0]["examples"]["count"] == 100
    assert all(caption.isdigit() for caption in got.rows[0]["examples"]["captions"])


class Subclassed(keras.Model):  # type: ignore[misc]
    """A model that knows its shapes only when it has seen data."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.out = layers.Flatten(), layers.Dense(10, activation="softmax")

    def call(self, x: Any) -> Any:
        return self.out(self.flat(x))


def test_what_a_model_without_a_graph_predicts_tells_its_type(store: Path, pictures: Any) -> None:
    got = show(store, Subclassed(), pictures, np.arange(130) % 10, input_type="auto", labels=LABELS, predictions=10)
    assert len(got.rows[0]["examples"]["captions"]) == 10
    assert set(got.rows[0]["examples"]["captions"]) <= set(LABELS)


@holds("sigmoid, two labels")
def test_a_probability_with_two_labels_is_captioned_row_by_row(store: Path, pictures: Any) -> None:
    model = picture_model("label", 1)
    model.layers[-1].set_weights(
        [np.random.default_rng(3).normal(size=(192, 1)).astype("float32"), np.zeros(1, "float32")]
    )
    x = pictures[:20] - 0.5
    says = ["yes" if p > 0.5 else "no" for p in model.predict(x, verbose=0)[:, 0]]
    assert set(says) == {"yes", "no"}
    got = show(store, model, x, np.zeros(20), input_type="image", labels=["no", "yes"], predictions=20)
    assert got.rows[0]["examples"]["captions"] == says


@holds("sigmoid, three labels")
def test_a_probability_with_three_labels_warns_once_and_shows_numbers(store: Path, pictures: Any) -> None:
    got = show(
        store, picture_model("label", 1), pictures[:3], np.zeros(3), epochs=3, input_type="auto", labels=["a", "b", "c"]
    )
    assert [0 <= float(caption) <= 1 for caption in got.rows[2]["examples"]["captions"]] == [True] * 3
    assert sum("exactly two labels" in text for text in got.notices) == 1


@pytest.mark.parametrize("given", [None, "segmentation_mask"])
@holds("image to mask", "image to mask, 64", "image to mask, type not given")
def test_masks_come_as_triples_and_lie_over_the_input(store: Path, pictures: Any, given: str | None) -> None:
    truth = np.random.default_rng(1).integers(0, 3, (130, 8, 8, 1))
    arguments = {"input_type": "image", "output_type": given, "labels": ["ground", "cell", "edge"], "predictions": 64}
    got = show(store, picture_model("mask", 3), pictures, truth, **arguments)
    examples = got.rows[0]["examples"]
    assert examples["count"] == 192
    assert [item.get("grouping") for item in examples["items"][:3]] == [3, None, None]
    assert not any(item.get("caption") for item in examples["items"])
    masks = examples["items"][0]["masks"]
    assert set(masks) == {"prediction", "reference"}
    assert masks["reference"]["class_labels"] == {"0": "ground", "1": "cell", "2": "edge"}
    assert "masks" not in examples["items"][1]


@holds("one-channel mask")
def test_one_channel_masks_and_pictures_come_as_triples_too(store: Path, pictures: Any) -> None:
    model = picture_model("mask", 1)
    for arguments in ({"output_type": None}, {"output_type": "segmentation_mask"}):
        got = show(store, model, pictures, pictures[..., :1] > 0.5, input_type="image", predictions=5, **arguments)
        assert got.rows[0]["examples"]["count"] == 15


@holds("output image only, label to image")
def test_output_pictures_alone_come_as_pairs_with_captions_from_label_inputs(store: Path) -> None:
    seed(1)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Reshape((4, 4, 1))(layers.Dense(16)(inputs)))
    x, y = np.eye(4, dtype="float32"), np.random.default_rng(0).random((4, 4, 4, 1)).astype("float32")
    for input_type, captions in ((None, False), ("label", True)):
        got = show(store, model, x, y, input_type=input_type, output_type="image", labels=list("abcd"), predictions=5)
        examples = got.rows[0]["examples"]
        assert examples["count"] == 8
        assert examples["items"][0]["grouping"] == 2
        assert [item.get("caption") for item in examples["items"][::2]] == (list("abcd") if captions else [None] * 4)


@holds("image without data")
def test_without_data_there_is_one_notice_and_the_rows_are_whole(store: Path) -> None:
    run = kerascope.init(project="examples", dir=str(store))
    drive(WandbCallback(save_model=False, input_type="image"), picture_model("label", 3), epochs=3)
    got = recorded(run, store)
    assert [row["epoch"] for row in got.rows] == [0, 1, 2]
    assert sum("no validation data" in text for text in got.notices) == 1


def test_a_generator_is_pulled_only_as_far_as_needed(store: Path, pictures: Any) -> None:
    pulled = []

    def batches() -> Any:
        for start in range(0, 64, 8):
            pulled.append(start)
            yield pictures[start : start + 8], np.zeros(8)

    run = kerascope.init(project="examples", dir=str(store))
    drive(
        WandbCallback(save_model=False, input_type="image", generator=batches(), predictions=12),
        picture_model("label", 3),
        4,
    )
    got = recorded(run, store)
    assert [row["examples"]["count"] for row in got.rows] == [12] * 4
    assert pulled == [0, 8]


def test_stateful_models_with_a_fixed_batch_size_are_predicted_and_keep_their_state(store: Path) -> None:
    seed(1)
    model = keras.Sequential(
        [
            layers.Input(batch_shape=(4, 6, 2)),
            layers.LSTM(3, stateful=True),
            layers.Dense(16),
            layers.Reshape((4, 4, 1)),
        ]
    )
    x, y = np.ones((6, 6, 2), "float32"), np.ones((6, 4, 4, 1), "float32")
    before = [np.array(keras.ops.convert_to_numpy(v.value)) for v in model.variables]
    got = show(store, model, x, y, output_type="image")
    assert got.rows[0]["examples"]["count"] == 12
    after = [keras.ops.convert_to_numpy(v.value) for v in model.variables]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
