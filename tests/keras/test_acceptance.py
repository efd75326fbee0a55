"""Every line of the acceptance table has a test that runs on all backends; the lines that no other file is about. Runs on every backend."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import kerascope
from kerascope.blobs.store import BlobStore
from kerascope.keras import WandbCallback
from kerascope.keras.batches import Source
from tests.backends.suite import LAWS
from tests.keras.acceptance import LINES, holds
from tests.keras.models import data, drive, model_c, seed
from tests.keras.reading import Recorded, recorded

Array = np.ndarray[Any, Any]


def test_every_line_of_the_table_has_a_test_on_every_backend() -> None:
    held: dict[str, list[str]] = {line: [] for line in LINES}
    for file in LAWS:
        module = importlib.import_module(f"tests.keras.{file.removesuffix('.py')}")
        for name, test in inspect.getmembers(module, inspect.isfunction):
            for line in getattr(test, "acceptance_lines", ()):
                assert name.startswith("test_")
                held[line].append(f"{file}::{name}")
    assert [line for line, tests in held.items() if not tests] == []


def shown(store: Path, model: Any, given: Any, epochs: int = 1, **arguments: Any) -> tuple[Recorded, WandbCallback]:
    run = kerascope.init(project="acceptance", dir=str(store))
    callback = WandbCallback(save_model=False, save_graph=False, validation_data=given, **arguments)
    drive(callback, model, epochs)
    return recorded(run, store), callback


@pytest.fixture(scope="module")
def model() -> Any:
    return model_c()


@holds("input_type=auto")
def test_auto_finds_pictures_and_labels_and_captions_with_numbers(store: Path, model: Any) -> None:
    x, y = data()
    got, callback = shown(store, model, (x, y), input_type="auto", predictions=5)
    assert (callback.input_type, callback.output_type) == ("image", "label")
    examples = got.rows[0]["examples"]
    assert examples["count"] == 5
    assert all(0 <= int(caption) < 10 for caption in examples["captions"])


@holds("labels shorter than classes")
def test_a_class_without_a_name_is_captioned_by_its_number(store: Path, model: Any) -> None:
    x, y = data()
    numbers = model.predict(x[:16], verbose=0).argmax(-1)
    assert len(set(numbers) - {numbers[0]})  # one class has a name, another has none
    names = [f"kind {n}" for n in range(int(numbers.min()) + 1)]
    got, _ = shown(store, model, (x[:16], y[:16]), input_type="image", labels=names)
    expected = [f"kind {n}" if n < len(names) else str(n) for n in numbers]
    assert got.rows[0]["examples"]["captions"] == expected


@holds("one-channel mask")
def test_masks_of_one_channel_are_grey(store: Path) -> None:
    seed(1)
    inputs = keras.Input((8, 8, 3))
    segment = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(inputs))
    x, _ = data(5)
    run = kerascope.init(project="acceptance", dir=str(store))
    given = {"input_type": "image", "output_type": "segmentation_mask", "predictions": 5}
    drive(WandbCallback(save_model=False, validation_data=(x, x[..., :1] > 0.5), **given), segment)
    got = recorded(run, store)
    examples = got.rows[0]["examples"]
    assert examples["count"] == 15
    assert "captions" not in examples or not any(examples["captions"])
    for item in [item for i, item in enumerate(examples["items"]) if i % 3]:
        picture = kerascope.Image(str(BlobStore(got.paths.blobs).path(item["sha256"])))
        pixels = np.asarray(picture.image.convert("RGB"))
        assert (pixels == pixels[..., :1]).all()


class OneBatch(keras.utils.PyDataset):  # type: ignore[misc]
    """A dataset with a single batch."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return data(16)


@holds("Dataset of one batch", "Dataset as validation data of fit")
@pytest.mark.parametrize("verbose", [0, 1])
def test_a_dataset_of_one_batch_lasts_for_any_number_of_epochs(store: Path, verbose: int) -> None:
    run = kerascope.init(project="acceptance", dir=str(store))
    x, y = data(16)
    callback = WandbCallback(save_model=False, input_type="image", predictions=6, log_evaluation=True)
    model_c().fit(x, y, epochs=3, verbose=verbose, validation_data=OneBatch(), callbacks=[callback])
    got = recorded(run, store)
    assert [row["examples"]["count"] for row in got.rows[:3]] == [6, 6, 6]
    assert list(got.rows[3]) == ["validation_predictions"]
    assert {"graph", "best_val_loss", "best_epoch"} <= got.summary.keys()
    assert got.notices == []


@holds("log_weights, LSTM")
def test_recurrent_weights_are_called_by_name_beside_the_old_keys(store: Path) -> None:
    seed(1)
    recurrent = keras.Sequential(
        [layers.Input((5, 3)), layers.LSTM(4, name="l"), layers.Dense(1, use_bias=False, name="d")]
    )
    run = kerascope.init(project="acceptance", dir=str(store))
    drive(WandbCallback(save_model=False, monitor="loss", log_weights=True), recurrent)
    row = recorded(run, store).rows[0]
    counts = {key: sum(value["values"]) for key, value in row.items() if key.startswith("parameters/")}
    assert counts == {
        "parameters/d.weights": 4, "parameters/l.kernel": 48, "parameters/l.recurrent_kernel": 64, "parameters/l.bias": 16,
    }  # fmt: skip


def gradients_by_hand(model: Any, x: Array, y: Array) -> list[Array]:
    """The gradient of the mean cross-entropy of model C with respect to its trainable variables, in training mode, in float64.

    Convolution as a product of patches, normalisation by the statistics of the batch (mean over rows and positions), softmax: all derived
    on paper, since nothing of a backend is to be used here. Order: conv kernel, conv bias, gamma, beta, out kernel, out bias.
    """
    kernel, bias, gamma, beta, _, _, out_kernel, out_bias = (w.astype(np.float64) for w in model.get_weights())
    rows = len(x)
    patches = np.stack([x[:, i : i + 6, j : j + 6] for i in range(3) for j in range(3)], axis=3).astype(np.float64)
    patches = patches.reshape(rows, 6, 6, 27)
    conv = patches @ kernel.reshape(27, 4) + bias
    mean, variance = conv.mean((0, 1, 2)), conv.var((0, 1, 2))
    scale = 1 / np.sqrt(variance + model.get_layer("bn").epsilon)
    normal = (conv - mean) * scale
    flat = (normal * gamma + beta).reshape(rows, -1)
    scores = flat @ out_kernel + out_bias
    chances = np.exp(scores - scores.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    d_scores = (chances - np.eye(10)[y]) / rows
    d_scaled = (d_scores @ out_kernel.T).reshape(normal.shape)
    d_normal = d_scaled * gamma
    middle = d_normal.mean((0, 1, 2)) + normal * (d_normal * normal).mean((0, 1, 2))
    d_conv = scale * (d_normal - middle)
    return [
        np.tensordot(patches, d_conv, ((0, 1, 2), (0, 1, 2))).reshape(3, 3, 3, 4), d_conv.sum((0, 1, 2)), (d_scaled * normal).sum((0, 1, 2)),
        d_scaled.sum((0, 1, 2)), flat.T @ d_scores, d_scores.sum(0),
    ]  # fmt: skip


@holds("log_gradients")
def test_gradients_of_model_c_are_those_derived_by_hand(store: Path, model: Any) -> None:
    x, y = data()
    parts = [gradients_by_hand(model, x[i : i + 32], y[i : i + 32]) for i in (0, 32)]
    expected = [sum(part) for part in zip(*parts, strict=True)]
    from kerascope.keras.gradients import summed_gradients

    got = summed_gradients(model)(Source((x, y)).batches())
    largest = max(np.abs(e).max() for e in expected)
    for g, e in zip(got, expected, strict=True):
        # The gradient of the bias before a normalisation is 0, up to rounding of the largest one.
        assert np.abs(keras.ops.convert_to_numpy(g) - e).max() <= 1e-5 * max(np.abs(e).max(), largest)


@holds("many inputs and outputs")
@pytest.mark.parametrize("as_list", [False, True])
def test_losses_of_every_output_keep_their_names(store: Path, as_list: bool) -> None:
    seed(1)
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    joined = layers.Concatenate()([a, b])
    p, q = layers.Dense(5, name="p")(joined), layers.Dense(1, name="q")(joined)
    two = keras.Model([a, b] if as_list else {"a": a, "b": b}, [p, q] if as_list else {"p": p, "q": q})
    two.compile("sgd", loss=["mse", "mse"] if as_list else {"p": "mse", "q": "mse"})
    xs, ys = [np.ones((8, 3), "f"), np.ones((8, 2), "f")], [np.ones((8, 5), "f"), np.ones((8, 1), "f")]
    x, y = (xs, ys) if as_list else (dict(zip("ab", xs, strict=True)), dict(zip("pq", ys, strict=True)))
    run = kerascope.init(project="acceptance", dir=str(store))
    callback = WandbCallback(log_evaluation=True, log_gradients=True, training_data=(x, y), log_weights=True)
    two.fit(x, y, epochs=1, verbose=0, validation_data=(x, y), callbacks=[callback])
    got = recorded(run, store)
    assert {"loss", "p_loss", "q_loss", "val_loss", "val_p_loss", "val_q_loss"} <= got.rows[0].keys()
    assert {"gradients/p/kernel.gradient", "gradients/q/bias.gradient", "parameters/p.weights"} <= got.rows[0].keys()
    table = got.json_blob(got.rows[1]["validation_predictions"]["sha256"])
    assert table["columns"][:3] == ["p", "q", "val_row"]
    assert got.notices == []
