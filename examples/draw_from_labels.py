"""A decoder that draws a digit from its label: `labels` captions each pair of prediction and reference with what was asked for.

python examples/draw_from_labels.py        then: kerascope ui
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from sklearn.datasets import load_digits

import kerascope as wandb
from kerascope.keras import WandbCallback, WandbMetricsLogger

EPOCHS = int(os.environ.get("EXAMPLE_EPOCHS", "15"))
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

digits = load_digits()
labels = keras.utils.to_categorical(digits.target, 10)
pictures = (digits.images / 16.0).astype("float32")[..., None]

wandb.init(project="examples", name="draw", config={"epochs": EPOCHS})
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(64, activation="sigmoid"),
        keras.layers.Reshape((8, 8, 1)),
    ]
)
schedule = keras.optimizers.schedules.CosineDecay(0.01, decay_steps=EPOCHS * 47)
model.compile(keras.optimizers.Adam(schedule), "mse")
model.fit(
    labels[:1500],
    pictures[:1500],
    validation_data=(labels[1500:], pictures[1500:]),
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        WandbCallback(input_type="label", output_type="image", labels=NAMES, predictions=10, save_model=False),
        WandbMetricsLogger(log_freq=10),
    ],
)
print(f"loss {wandb.run.summary['val_loss']:.4f}")
wandb.finish()
