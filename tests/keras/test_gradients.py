"""Gradients against formulas written by hand in float64. Runs on every backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from kerascope.keras.batches import Source
from kerascope.keras.gradients import applied_gradients, summed_gradients
from kerascope.keras.histograms import histograms
from tests.keras.acceptance import holds
from tests.keras.models import seed

Array = np.ndarray[Any, Any]


def two_layers(optimizer: Any, loss_weights: float | None = None) -> Any:
    """tanh layer and linear layer with an L2 penalty on the first kernel, trained on squared error."""
    seed(5)
    model = keras.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(4, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.1), bias_initializer="ones"),
            layers.Dense(2),
        ]
    )
    model.compile(optimizer, "mse", loss_weights=loss_weights)
    return model


def by_hand(weights: list[Array], x: Array, y: Array, sample_weight: Array | None, loss_weight: float) -> list[Array]:
    """d/dw of loss_weight * mean_rows(s * mean_columns((f(x) - y)^2)) + 0.1 * sum(w0^2), float64."""
    w0, b0, w1, b1 = (w.astype(np.float64) for w in weights)
    x, y = x.astype(np.float64), y.astype(np.float64)
    s = np.ones(len(x)) if sample_weight is None else sample_weight.astype(np.float64)
    hidden = np.tanh(x @ w0 + b0)
    d_out = loss_weight * 2 * (hidden @ w1 + b1 - y) * s[:, None] / (len(x) * y.shape[1])
    d_hidden = (d_out @ w1.T) * (1 - hidden**2)
    return [x.T @ d_hidden + 0.2 * w0, d_hidden.sum(0), hidden.T @ d_out, d_out.sum(0)]


@pytest.fixture(scope="module")
def rows() -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=(40, 3)).astype("float32"),
        rng.normal(size=(40, 2)).astype("float32"),
        rng.random(40).astype("float32"),
    )


def close(got: list[Any], expected: list[Array]) -> None:
    for g, e in zip(got, expected, strict=True):
        difference = np.abs(keras.ops.convert_to_numpy(g) - e).max()
        assert difference <= 1e-5 * np.abs(e).max(), (difference, np.abs(e).max())


@holds("log_gradients")
def test_the_gradient_of_data_is_the_sum_over_batches_of_the_compiled_loss(rows: tuple[Array, Array, Array]) -> None:
    x, y, s = rows
    model = two_layers("sgd", loss_weights=0.5)
    weights = model.get_weights()
    for data in ((x, y), (x, y, s)):
        parts = [
            by_hand(weights, x[i : i + 32], y[i : i + 32], None if len(data) == 2 else s[i : i + 32], 0.5)
            for i in (0, 32)
        ]
        expected = [sum(p) for p in zip(*parts, strict=True)]
        close(summed_gradients(model)(Source(data).batches()), expected)
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))


class Recorded(keras.callbacks.Callback):  # type: ignore[misc]
    """Records what `fit` applies."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.recorder = applied_gradients(self.model)
        self.recorder.attach()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.recorder.reset()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.applied = self.recorder.read()
        self.applied = self.applied._replace(sums=[np.array(keras.ops.convert_to_numpy(s)) for s in self.applied.sums])

    def on_train_end(self, logs: Any = None) -> None:
        self.recorder.detach()


def test_applied_gradients_are_those_of_every_step(rows: tuple[Array, Array, Array]) -> None:
    x, y, _ = rows
    model = two_layers(keras.optimizers.SGD(0.3))
    weights = [w.astype(np.float64) for w in model.get_weights()]
    recorded = Recorded()
    model.fit(x, y, batch_size=8, epochs=1, verbose=0, shuffle=False, callbacks=[recorded])
    sums, norms = [np.zeros_like(w) for w in weights], []
    for start in range(0, 40, 8):
        step = by_hand(weights, x[start : start + 8], y[start : start + 8], None, 1.0)
        sums = [a + b for a, b in zip(sums, step, strict=True)]
        norms.append(np.sqrt(sum((g**2).sum() for g in step)))
        weights = [w - 0.3 * g for w, g in zip(weights, step, strict=True)]
    close(recorded.applied.sums, sums)
    assert recorded.applied.step_count == 5
    assert recorded.applied.mean_norm == pytest.approx(np.mean(norms), rel=1e-5)
    assert recorded.applied.max_norm == pytest.approx(np.max(norms), rel=1e-5)


def test_what_is_recorded_is_what_is_applied_after_clipping_and_accumulation(rows: tuple[Array, Array, Array]) -> None:
    x, y, _ = rows
    model = two_layers(keras.optimizers.SGD(0.1, clipnorm=0.05, gradient_accumulation_steps=2))
    before = model.get_weights()
    recorded = Recorded()
    model.fit(x[:32], y[:32], batch_size=8, epochs=1, verbose=0, callbacks=[recorded])
    moved = [(b - a) / 0.1 for b, a in zip(before, model.get_weights(), strict=True)]
    assert all(np.allclose(m, s, rtol=1e-3, atol=1e-5) for m, s in zip(moved, recorded.applied.sums, strict=True))
    assert recorded.applied.step_count == 2


def test_a_model_saved_meanwhile_loads_as_if_nothing_was_recorded(
    rows: tuple[Array, Array, Array], tmp_path: Any
) -> None:
    x, y, _ = rows

    class Save(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.save_weights(tmp_path / "m.weights.h5")

    model = two_layers("adam")
    model.fit(x, y, epochs=1, verbose=0, callbacks=[Recorded(), Save()])
    fresh = two_layers("adam")
    fresh.optimizer.build(fresh.trainable_variables)
    fresh.load_weights(tmp_path / "m.weights.h5")
    assert int(keras.ops.convert_to_numpy(fresh.optimizer.iterations)) == 2


def test_histograms_count_what_is_not_finite() -> None:
    values = np.array([0.0, 1.0, 2.0, np.nan, np.inf, -np.inf, np.nan], dtype="float32")
    arrays = {
        "odd": values,
        "none": np.full(3, np.nan, "float32"),
        "same": np.full((2, 2), 7.0, "float32"),
        "int": np.arange(5),
    }
    got = histograms({name: keras.ops.convert_to_tensor(value) for name, value in arrays.items()})
    assert got["odd"].nonfinite == {"nan": 2, "posinf": 1, "neginf": 1}
    assert (sum(got["odd"].histogram), got["odd"].bins[0], got["odd"].bins[-1]) == (3, 0.0, 2.0)
    assert (sum(got["none"].histogram), got["none"].nonfinite) == (0, {"nan": 3})
    assert (sum(got["same"].histogram), got["same"].bins[0], got["same"].bins[-1]) == (4, 6.5, 7.5)
    assert sum(got["int"].histogram) == 5


def test_histograms_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).integers(-64, 65, 5000).astype("float32")
    values[:2] = -64, 64
    counts, edges = np.histogram(values + 0.5, 64, (-63.5, 64.5))
    got = histograms({"x": keras.ops.convert_to_tensor(values + 0.5)})["x"]
    assert got.histogram == counts.tolist()
    assert got.bins == pytest.approx(edges.tolist())
