"""Segmentation of a real photograph of coins: input, prediction and reference side by side, and as masks over the input.

python examples/segment_coins.py        then: kerascope ui
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from skimage.data import coins
from skimage.filters import sobel

import kerascope as wandb
from kerascope.keras import WandbCallback

EPOCHS = int(os.environ.get("EXAMPLE_EPOCHS", "10"))

photo = coins().astype("float32") / 255
edge = sobel(photo) > 0.08
truth = np.where(edge, 2, np.where(photo > 0.45, 1, 0))  # ground, coin, edge
corners = [(row, column) for row in range(0, 240, 24) for column in range(0, 320, 24)]
x = np.stack([photo[r : r + 32, c : c + 32] for r, c in corners])[..., None]
y = np.stack([truth[r : r + 32, c : c + 32] for r, c in corners])

wandb.init(project="examples", name="coins", config={"epochs": EPOCHS})
inputs = keras.Input((32, 32, 1))
hidden = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
hidden = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(hidden)
model = keras.Model(inputs, keras.layers.Conv2D(3, 1, activation="softmax")(hidden))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x[:100],
    y[:100],
    validation_data=(x[100:], y[100:]),
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        WandbCallback(
            input_type="image",
            output_type="segmentation_mask",
            labels=["ground", "coin", "edge"],
            class_colors=[[0.1, 0.1, 0.1], [0.9, 0.7, 0.2], [1, 1, 1]],
            predictions=8,
            save_model=False,
        )
    ],
)
print(f"accuracy {wandb.run.summary['val_accuracy']:.3f}")
wandb.finish()
