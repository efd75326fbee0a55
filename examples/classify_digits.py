"""Classification of real digits: metrics, captioned pictures, an evaluation table, weights and applied gradients.

python examples/classify_digits.py        then: kerascope ui
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from sklearn.datasets import load_digits

import kerascope as wandb
from kerascope.keras import WandbCallback

EPOCHS = int(os.environ.get("EXAMPLE_EPOCHS", "8"))

digits = load_digits()
x = (digits.images / 16.0).astype("float32")[..., None]
x_train, y_train, x_test, y_test = x[:1400], digits.target[:1400], x[1400:], digits.target[1400:]

wandb.init(project="examples", name="digits", config={"filters": 16, "epochs": EPOCHS})
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(wandb.config.filters, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x_train,
    y_train,
    validation_data=(x_test, y_test),
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        WandbCallback(
            monitor="val_accuracy",
            labels=[str(digit) for digit in range(10)],
            input_type="image",
            predictions=16,
            log_weights=True,
            log_gradients="fit",
            log_evaluation=True,
            compute_flops=True,
        )
    ],
)
print(f"best accuracy {wandb.run.summary['best_val_accuracy']:.3f}")
wandb.finish()
