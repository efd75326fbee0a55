"""One network with two answers: which digit it is, and how much ink it took. Checkpoints that a killed training resumes from.

python examples/two_outputs.py        then: kerascope ui
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from sklearn.datasets import load_digits

import kerascope as wandb
from kerascope.keras import WandbCallback, WandbModelCheckpoint

EPOCHS = int(os.environ.get("EXAMPLE_EPOCHS", "8"))

digits = load_digits()
x = digits.data.astype("float32") / 16
targets = {"digit": digits.target, "ink": x.mean(axis=1, keepdims=True)}


def rows(start: int, stop: int) -> tuple:
    return x[start:stop], {name: values[start:stop] for name, values in targets.items()}


run = wandb.init(project="examples", name="two-outputs", config={"epochs": EPOCHS})
inputs = keras.Input((64,), name="pixels")
hidden = keras.layers.Dense(32, activation="relu")(inputs)
digit = keras.layers.Dense(10, activation="softmax", name="digit")(hidden)
ink = keras.layers.Dense(1, name="ink")(hidden)
model = keras.Model(inputs, {"digit": digit, "ink": ink})
model.compile(
    "adam",
    loss={"digit": "sparse_categorical_crossentropy", "ink": "mse"},
    loss_weights={"digit": 1.0, "ink": 5.0},
    metrics={"digit": "accuracy"},
)
train, test = rows(0, 1400), rows(1400, 1797)
model.fit(
    *train,
    validation_data=test,
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        WandbCallback(
            monitor="val_digit_accuracy", log_gradients=True, training_data=train, log_evaluation=True, save_model=False
        ),
        WandbModelCheckpoint(
            os.path.join(run.dir, "epoch_{epoch:02d}.weights.h5"), save_weights_only=True, resume=True
        ),
    ],
)
print(f"accuracy {run.summary['val_digit_accuracy']:.3f}")
run.finish()
