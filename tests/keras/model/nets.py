"""Small models with known weights and data for the tests of the classic Model."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

from kerascope.keras.model import Model

L = keras.layers
KERNEL = np.array([[0.5, -0.25], [0.25, 0.5], [-0.5, 0.75]], dtype="float32")
KERNEL_B = np.array([[1.0], [-0.5], [0.25]], dtype="float32")


def features(samples: int = 10) -> np.ndarray:
    return (np.arange(samples * 3, dtype="float32").reshape(samples, 3) % 7) / 7


def targets(samples: int = 10, width: int = 2) -> np.ndarray:
    return (np.arange(samples * width, dtype="float32").reshape(samples, width) % 5) / 5


def expected(x: np.ndarray) -> np.ndarray:
    return x @ KERNEL


def expected_b(x: np.ndarray) -> np.ndarray:
    return x @ KERNEL_B


def mse(y: np.ndarray, p: np.ndarray) -> float:
    return float(np.mean((y - p) ** 2))


def mae(y: np.ndarray, p: np.ndarray) -> float:
    return float(np.mean(np.abs(y - p)))


def single() -> Any:
    """in (3) to out (2), no bias, known kernel."""
    a = keras.Input((3,), name="in")
    model = Model(a, L.Dense(2, use_bias=False, name="out")(a))
    model.set_weights([KERNEL])
    return model


def double() -> Any:
    """ia, ib (3 each) to oa (2), ob (1), known kernels."""
    ia, ib = keras.Input((3,), name="ia"), keras.Input((3,), name="ib")
    oa = L.Dense(2, use_bias=False, name="oa")(ia)
    ob = L.Dense(1, use_bias=False, name="ob")(ib)
    model = Model([ia, ib], [oa, ob])
    model.get_layer("oa").set_weights([KERNEL])
    model.get_layer("ob").set_weights([KERNEL_B])
    return model


def steady() -> Any:
    """An optimizer that does not move the weights, so that losses can be computed by hand."""
    return keras.optimizers.SGD(0.0)


def compiled(model: Any = None, loss: Any = "mse", metrics: Any = None, **kwargs: Any) -> Any:
    """A model compiled eagerly: many small tests would otherwise spend their time compiling."""
    model = single() if model is None else model
    kwargs.setdefault("run_eagerly", True)
    model.compile(kwargs.pop("optimizer", None) or steady(), loss, metrics, **kwargs)
    return model


def rewinder(model: Any) -> Callable[[], None]:
    """Returns what brings a compiled model and its optimizer back to their state of now: it trains again, without compiling."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    kept = [(one, np.array(keras.ops.convert_to_numpy(one))) for one in (*model.variables, *model.optimizer.variables)]

    def rewind() -> None:
        for variable, value in kept:
            variable.assign(value)

    return rewind


class Record(keras.callbacks.Callback):
    """Writes down what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.batch_logs: list[dict[str, Any]] = []
        self.epoch_logs: list[dict[str, Any]] = []
        self.seen_params: dict[str, Any] = {}

    def on_train_begin(self, logs=None):
        self.seen_params = dict(self.params)
        self.events.append("train_begin")

    def on_train_end(self, logs=None):
        self.events.append("train_end")

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(f"epoch_begin {epoch}")

    def on_epoch_end(self, epoch, logs=None):
        self.events.append(f"epoch_end {epoch}")
        self.epoch_logs.append(dict(logs))

    def on_train_batch_end(self, batch, logs=None):
        self.events.append(f"b{batch}")
        self.batch_logs.append(dict(logs))

    def on_test_begin(self, logs=None):
        self.events.append("test_begin")

    def on_test_batch_end(self, batch, logs=None):
        self.events.append(f"t{batch}")

    def on_test_end(self, logs=None):
        self.events.append("test_end")

    def on_predict_begin(self, logs=None):
        self.events.append("predict_begin")

    def on_predict_batch_end(self, batch, logs=None):
        self.events.append(f"p{batch}")

    def on_predict_end(self, logs=None):
        self.events.append("predict_end")


class Batches(keras.utils.Sequence):
    """Six batches of two samples; the features of batch i are all i * 0.05. Remembers which were asked for."""

    def __init__(self, count: int = 6, inputs_only: bool = False) -> None:
        super().__init__()
        self.count = count
        self.inputs_only = inputs_only
        self.fetched: list[int] = []
        self.ended = 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.fetched.append(index)
        x = np.full((2, 3), index * 0.05, "float32")
        return x if self.inputs_only else (x, np.zeros((2, 2), "float32"))

    def on_epoch_end(self):
        self.ended += 1


def batch_losses(count: int = 6) -> list[float]:
    return [mse(np.zeros((2, 2)), expected(np.full((2, 3), index * 0.05))) for index in range(count)]
