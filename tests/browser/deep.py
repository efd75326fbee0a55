"""A real training for the tests of the run page: a net of many blocks whose head learns so fast that it explodes, from a changed commit.

    python -m tests.browser.deep

It writes to the store that KERASCOPE_DIR names. The blocks are frozen, so the head solves a linear problem, and its error grows by
`GROWTH` with every step: the learning rate follows from the features.
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

PROJECT = "deep"
BLOCKS = 20
EPOCHS = 6
GROWTH = 16.0
NOTES = "# Why\n\nThe **head** is too fast."
LINES = 60
CONFIG = {"optimizer": {"name": "sgd", "clip": None}, "data": {"name": "digits", "rows": 100}}


def main() -> None:
    """Trains for a few epochs, then prints a while."""
    digits = load_digits()
    images, targets = (digits.images[:100] / 16.0).astype("float32"), digits.target[:100].astype("float32")
    with wandb.init(project=PROJECT, name="explodes", config=CONFIG, notes=NOTES) as run:
        print("\x1b[1;32mbegins\x1b[0m \x1b[38;5;208mat 208\x1b[0m \x1b[48;2;90;160;255mon blue\x1b[0m", flush=True)
        seed(0)
        model = net()
        rate = too_fast(model, images)
        run.config["learning_rate"] = rate
        model.compile(keras.optimizers.SGD(rate), "mse")
        callback = WandbCallback(
            log_weights=True, log_gradients=True, training_data=(images, targets), save_model=False, save_graph=True
        )
        model.fit(images, targets, batch_size=100, epochs=EPOCHS, shuffle=False, verbose=2, callbacks=[callback])
        data = wandb.Artifact("rows", type="dataset")
        with data.new_file("rows.txt") as file:
            file.write("a row\n")
        run.log_artifact(data).wait()
        for line in range(LINES):
            print(f"line {line} of the end", flush=True)


def net() -> Any:
    """Frozen blocks of three layers each, and a head that learns."""
    values = inputs = keras.layers.Input((8, 8))
    values = keras.layers.Flatten(name="flatten")(values)
    for number in range(BLOCKS):
        values = keras.layers.Dense(8, trainable=False, name=f"block{number}_dense")(values)
        values = keras.layers.LayerNormalization(trainable=False, name=f"block{number}_norm")(values)
        values = keras.layers.Activation("tanh", name=f"block{number}_tanh")(values)
    return keras.Model(inputs, keras.layers.Dense(1, name="head")(values))


def too_fast(model: Any, images: np.ndarray[Any, Any]) -> float:
    """The rate at which the error of the head grows by `GROWTH` a step: a linear model's is |1 - rate * curvature|."""
    features = keras.Model(model.inputs, model.layers[-2].output).predict(images, verbose=0)
    features = np.hstack([features, np.ones((len(features), 1))])
    curvature = np.linalg.eigvalsh(2 * features.T @ features / len(features))[-1]
    return float((1 + GROWTH) / curvature)


if __name__ == "__main__":
    main()
