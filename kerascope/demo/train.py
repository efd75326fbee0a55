"""Training of the demo: the same small network three times, at three learning rates."""

from __future__ import annotations

import os
import random
import tempfile
from typing import Any, NamedTuple

import numpy as np

from kerascope.demo import PROJECT, RUN_COUNT

EPOCHS = 12
BATCH_SIZE = 16
SEED = 16


class Trial(NamedTuple):
    """One run of the demo."""

    name: str
    learning_rate: float


TRIALS = (Trial("too-slow", 1e-4), Trial("just-right", 2e-3), Trial("too-fast", 5e-2))


def main() -> int:
    """Trains all trials and returns 0; on Ctrl-C the run in training ends as failed, and 130 is returned."""
    os.environ.setdefault("KERAS_BACKEND", "jax")  # before Keras is imported: it chooses then
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with tempfile.TemporaryDirectory(prefix="kerascope-demo-") as folder:
        # The trials differ in one number only: what JAX compiles for the first serves the others, in seconds instead of tens.
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", folder)
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        try:
            for number, trial in enumerate(TRIALS, 1):
                print(  # noqa: T201
                    f"\nRun {number} of {RUN_COUNT}: {trial.name}, learning rate {trial.learning_rate:g}", flush=True
                )
                train(trial)
        except KeyboardInterrupt:
            return 130
    return 0


def train(trial: Trial) -> None:
    """Trains one network and logs everything about it to a run of the project `demo`."""
    import keras

    from kerascope.demo import images
    from kerascope.keras import WandbCallback
    from kerascope.tracking.init import init

    data = images.load()
    config = {"learning_rate": trial.learning_rate, "epochs": EPOCHS, "batch_size": BATCH_SIZE, "optimizer": "adam"}
    with init(project=PROJECT, name=trial.name, config=config, tags=["faces"]):
        _seed(keras, SEED)
        model = make_model(keras)
        model.compile(
            optimizer=keras.optimizers.Adam(trial.learning_rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        model.fit(
            data.x_train,
            data.y_train,
            validation_data=(data.x_test, data.y_test),
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            verbose=2,
            callbacks=[
                WandbCallback(
                    monitor="val_accuracy",
                    log_weights=True,
                    log_batch_frequency=2,
                    validation_data=(data.x_test, data.y_test),
                    input_type="image",
                    labels=images.LABELS,
                    predictions=16,
                )
            ],
        )


def _seed(keras: Any, number: int) -> None:
    """As `keras.utils.set_random_seed`, which on JAX would load TensorFlow too where it is installed, at a cost of many seconds."""
    if keras.backend.backend() == "jax":
        random.seed(number)
        np.random.seed(number)
    else:
        keras.utils.set_random_seed(number)


def make_model(keras: Any) -> Any:
    """Returns the network: two convolutions and two dense layers, about 9,500 parameters."""
    layers = (
        keras.layers
    )  # those with weights have names: else Keras counts on, and runs could not be compared key by key
    return keras.Sequential(
        [
            layers.Input((25, 25, 1)),
            layers.Conv2D(8, 3, activation="relu", name="conv_1"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu", name="conv_2"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(32, activation="relu", name="dense"),
            layers.Dropout(0.25),
            layers.Dense(2, activation="softmax", name="classes"),
        ],
        name="faces",
    )
