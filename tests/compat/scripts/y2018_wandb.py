# ruff: noqa
"""Keras 2 with wandb 0.6: the callback, config attributes, images by data_type."""
import numpy as np
import wandb
from wandb.keras import WandbCallback
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import to_categorical

run = wandb.init(project="digits")
config = run.config
config.epochs = 2
config.batch_size = 8
config.lr = 0.01
x = np.random.rand(24, 6, 6, 1).astype("float32")
y = to_categorical(np.arange(24) % 3)
model = Sequential()
model.add(Conv2D(4, (3, 3), activation="relu", input_shape=(6, 6, 1)))
model.add(MaxPooling2D())
model.add(Flatten())
model.add(Dense(3, activation="softmax"))
model.compile(optimizer=Adam(lr=config.lr, epsilon=None, decay=0.0, amsgrad=False), loss="categorical_crossentropy", metrics=["accuracy"])
callbacks = [
    WandbCallback(data_type="image", labels=["a", "b", "c"], validation_data=(x, y), save_model=False),
    EarlyStopping(monitor="val_acc", patience=5),
    ModelCheckpoint("weights.{epoch:02d}-{val_acc:.2f}.hdf5", monitor="val_acc", save_best_only=True, save_weights_only=True, period=1),
    ReduceLROnPlateau(monitor="val_loss", factor=0.5, epsilon=1e-4),
]
h = model.fit(x, y, epochs=config.epochs, batch_size=config.batch_size, validation_data=(x, y), callbacks=callbacks, verbose=0)
assert "val_acc" in h.history
import glob

assert glob.glob("weights.01-*.hdf5")
model.load_weights(glob.glob("weights.*.hdf5")[0])
assert wandb.run.summary["best_epoch"] in (0, 1)
assert dict(wandb.config)["batch_size"] == 8
wandb.log({"final": 1.0})
wandb.join()
