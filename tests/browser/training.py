"""A real, small training for the browser tests and the screenshots: handwritten digits, a tiny convnet, two learning rates.

    python -m tests.browser.training

It writes to the store that KERASCOPE_DIR names: metrics per epoch and per batch, weight histograms, example images, a table of
predictions with images, masks, text, and console output. The first run is the better one: the other learns too fast.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from sklearn.datasets import load_digits

import kerascope as wandb
from kerascope.keras import WandbCallback
from tests.keras.models import seed

PROJECT = "digits"
RUNS = {"steady": 0.03, "hasty": 1.0}
LABELS = [str(digit) for digit in range(10)]


def main() -> None:
    """Trains both runs, one after the other."""
    digits = load_digits()
    images = (digits.images / 16.0).astype("float32")[..., None]
    classes = digits.target.astype("int32")
    for name, learning_rate in RUNS.items():
        train(name, learning_rate, (images[:400], classes[:400]), (images[400:500], classes[400:500]))


def train(name: str, learning_rate: float, data: tuple[Any, Any], validation: tuple[Any, Any]) -> None:
    """Trains one model for three epochs."""
    config = {"learning_rate": learning_rate, "model": {"filters": 4, "activation": "relu"}, "shuffle": False}
    with wandb.init(project=PROJECT, name=name, config=config, tags=["convnet"], notes="A first try.") as run:
        seed(1)
        model = keras.Sequential(
            [
                keras.layers.Input((8, 8, 1)),
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        callback = WandbCallback(
            log_weights=True,
            log_batch_frequency=2,
            validation_data=validation,
            input_type="image",
            labels=LABELS,
            predictions=8,
        )
        model.fit(
            *data, validation_data=validation, epochs=3, batch_size=40, shuffle=False, verbose=2, callbacks=[callback]
        )
        log_predictions(run, model, *validation)


def log_predictions(run: Any, model: Any, images: Any, classes: Any) -> None:
    """Logs a table, images with masks of the ink, and a sentence."""
    scores = model.predict(images, verbose=0)
    guesses = scores.argmax(axis=1)
    table = wandb.Table(columns=["image", "digit", "guess", "score"])
    for image, digit, guess, score in zip(images, classes, guesses, scores.max(axis=1), strict=True):
        table.add_data(wandb.Image(image), int(digit), int(guess), float(score))
    masks = [
        wandb.Image(
            image,
            caption=f"a {digit}",
            masks={
                "ink": {"mask_data": np.where(image[..., 0] > 0.5, 1, 0), "class_labels": {1: "ink"}},
                "edge": {
                    "mask_data": np.where(np.arange(8) == 0, 2, 0) * np.ones((8, 1), int),
                    "class_labels": {2: "edge"},
                },
            },
        )
        for image, digit in zip(images[:6], classes[:6], strict=True)
    ]
    right = int((guesses == classes).sum())
    run.log({"predictions": table, "segmentation": masks, "verdict": f"{right} of {len(classes)} are right"})


if __name__ == "__main__":
    main()
