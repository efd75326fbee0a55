"""Small models and data that the tests train. Model C is that of the acceptance table."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
from keras import layers

Array = np.ndarray[Any, Any]


def seed(number: int) -> None:
    """As `keras.utils.set_random_seed`, which on JAX would load TensorFlow too, at a cost of many seconds."""
    if keras.backend.backend() == "jax":
        random.seed(number)
        np.random.seed(number)
    else:
        keras.utils.set_random_seed(number)


def data(count: int = 64) -> tuple[Array, Array]:
    """Pictures 8x8x3 in [0, 1] and class numbers 0..9."""
    rng = np.random.default_rng(0)
    return rng.random((count, 8, 8, 3), dtype=np.float32), rng.integers(0, 10, count)


def model_c(learning_rate: float = 0.01, **compile_args: Any) -> Any:
    seed(1)
    model = keras.Sequential(
        [
            layers.Input((8, 8, 3)),
            layers.Conv2D(4, 3, name="conv"),
            layers.BatchNormalization(name="bn"),
            layers.Flatten(name="flat"),
            layers.Dense(10, activation="softmax", name="out"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"], **compile_args
    )
    return model


def regression(rows: int = 32) -> tuple[Any, Array, Array]:
    """A dense model with dropout, its inputs and targets: the cheapest thing that trains."""
    seed(2)
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, "relu"), layers.Dropout(0.3), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 4)).astype("float32")
    return model, x, x.sum(1, keepdims=True)


def weights_of(model: Any) -> list[Array]:
    """Everything training changes: weights, moving statistics and seeds, and the optimizer's variables."""
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


def same(a: list[Array], b: list[Array]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def drive(callback: Any, model: Any, epochs: int = 1, logs: dict[str, float] | None = None) -> None:
    """Calls the hooks as `fit` does, without training: what is logged is the same, and nothing has to be compiled."""
    callback.set_params({"steps": 1, "epochs": epochs})
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, dict(logs or {"loss": 1.0}))
    callback.on_train_end()
