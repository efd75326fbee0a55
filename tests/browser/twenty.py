"""Twenty short real trainings for the tests of the compare page: other settings, three architectures, weights before and after.

    python -m tests.browser.twenty

It writes to the project `twenty` of the store that KERASCOPE_DIR names.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from sklearn.datasets import load_digits

import kerascope as wandb
from kerascope.keras import WandbCallback
from tests.keras.models import seed

PROJECT = "twenty"
COUNT = 20
WIDTHS = ([8], [16, 8], [8, 8, 8])


def main() -> None:
    """Trains all runs, one after the other."""
    digits = load_digits()
    images, classes = (digits.data / 16.0).astype("float32")[:200], digits.target.astype("int32")[:200]
    for number in range(COUNT):
        config = {
            "learning_rate": 0.001 * (1 + number),
            "optimizer": ["adam", "sgd"][number % 2],
            "model": {"widths": WIDTHS[number % 3], "activation": "relu"},
            "batch_size": 50,
        }
        name = f"trial-{number:02}" + ("-with-a-name-that-is-much-longer-than-the-others" if number == 4 else "")
        settings = wandb.Settings(silent=True, _disable_stats=True)
        with wandb.init(project=PROJECT, name=name, config=config, settings=settings) as run:
            seed(number)
            layers = [keras.layers.Dense(width, activation="relu") for width in WIDTHS[number % 3]]
            model = keras.Sequential([keras.layers.Input((64,)), *layers, keras.layers.Dense(10, activation="softmax")])
            settings_of = {"class_name": config["optimizer"], "config": {"learning_rate": config["learning_rate"]}}
            optimizer = keras.optimizers.get(settings_of)
            model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
            keep(run, model, f"net-{number:02}")
            model.fit(
                images,
                classes,
                epochs=2,
                batch_size=50,
                verbose=0,
                callbacks=[WandbCallback(save_model=False)],
            )
            keep(run, model, f"net-{number:02}")


def keep(run: Any, model: Any, name: str) -> None:
    """Logs the weights as a version of a model."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "net.weights.h5"
        model.save_weights(file)
        run.log_model(str(file), name=name).wait()


if __name__ == "__main__":
    main()
