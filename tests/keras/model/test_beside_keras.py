"""`fit`, `evaluate` and `predict` give the numbers of plain Keras for the same seed, whatever metrics and weights are asked for."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model
from tests.keras.model.nets import L

SAMPLES = 44  # Five full batches of eight and a short one.


class Largest(keras.metrics.Metric):
    """A metric that is no mean: the largest output so far, and how many batches it took."""

    def __init__(self):
        super().__init__(name="largest")
        self.value = self.add_variable((), "zeros", name="value")
        self.batches = self.add_variable((), "zeros", name="batches")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.value.assign(keras.ops.maximum(self.value, keras.ops.max(y_pred)))
        self.batches.assign(self.batches + 1)

    def result(self):
        return self.value * self.batches


class Both(keras.metrics.Metric):
    """A metric with two results."""

    def __init__(self):
        super().__init__(name="both")
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign(self.total + keras.ops.sum(y_pred))

    def result(self):
        return {"once": 1 * self.total, "twice": 2 * self.total}


def means():
    return ["mae"]


def no_means():
    return [keras.metrics.AUC(name="auc"), keras.metrics.F1Score("macro", name="f1"), Largest(), Both()]


def make(cls, metrics=means, **kwargs):
    keras.utils.set_random_seed(3)
    a = keras.Input((6,))
    hidden = L.Dropout(0.3)(L.BatchNormalization()(L.Dense(8, activation="relu")(a)))
    model = cls(a, L.Dense(2, activation="sigmoid")(hidden))
    model.compile(optimizer="adam", loss="mse", metrics=metrics(), **kwargs)
    return model


def data():
    rng = np.random.default_rng(1)
    y = np.eye(2, dtype="float32")[rng.integers(0, 2, SAMPLES)]
    return rng.random((SAMPLES, 6), "float32"), y, rng.random(SAMPLES, "float32")


def trained(cls, fit, **how):
    model = make(cls, **how)
    x, y, weights = data()
    if fit.pop("weighted", False):
        fit["sample_weight"] = weights
    history = model.fit(x, y, batch_size=8, verbose=0, **fit).history
    drawn_next = np.random.random(), random.random()
    return model, history, drawn_next, [np.array(value) for value in model.get_weights()]


def alike(fit, **how):
    """Trains both models and compares history, weights and random generators; returns the models and the classic history."""
    ours, history, drawn_next, weights = trained(Model, dict(fit), **how)
    theirs, wanted, drawn_by_keras, kept = trained(keras.Model, dict(fit), **how)
    assert drawn_next == drawn_by_keras
    assert set(history) == set(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5, err_msg=name)
    for one, two in zip(weights, kept, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
    return ours, theirs, history


def test_metrics_that_are_no_means():
    ours, theirs, history = alike({"epochs": 2, "weighted": True, "validation_split": 0.25}, metrics=no_means)
    assert {"auc", "f1", "largest", "once", "twice", "val_auc", "val_once"} <= set(history)
    x, y, weights = data()
    arguments = {"batch_size": 8, "verbose": 0, "sample_weight": weights, "return_dict": True}
    assert ours.evaluate(x, y, **arguments) == pytest.approx(theirs.evaluate(x, y, **arguments), rel=1e-5)
    predicted, expected = (model.predict(x, batch_size=8, verbose=0) for model in (ours, theirs))
    np.testing.assert_allclose(predicted, expected, atol=1e-6)


def test_class_weights_and_a_validation_every_other_epoch():
    fit = {"epochs": 3, "class_weight": {0: 0.5, 1: 2.0}, "validation_split": 0.25, "validation_freq": 2}
    _, _, history = alike(fit, weighted_metrics=["mse"])
    assert len(history["val_loss"]) == 1


@pytest.mark.skipif(keras.config.backend() == "torch", reason="Keras refuses it on PyTorch")
def test_several_steps_in_one_execution():
    alike({"epochs": 2}, steps_per_execution=3)


def test_fewer_steps_than_the_data_has():
    x, y, _ = data()
    kept = []
    for cls in (Model, keras.Model):
        model = make(cls)
        model.fit(x[:40], y[:40], batch_size=8, steps_per_epoch=2, epochs=2, shuffle=False, verbose=0)
        kept.append(model.get_weights())
    for one, two in zip(*kept, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
