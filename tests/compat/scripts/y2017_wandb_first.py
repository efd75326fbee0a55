# ruff: noqa
"""Keras 2 in 2017: the first name of the callback, config before the data, a run as a bare name."""
import numpy as np
import wandb
from wandb.wandb_keras import WandbKerasCallback
from keras.layers import Dense
from keras.models import Sequential

run = wandb.init()
config = run.config
config.first_layer_width = 8
config.epochs = 1
config.optimizer = "sgd"
model = Sequential()
model.add(Dense(config.first_layer_width, input_dim=3, activation="relu"))
model.add(Dense(2, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=config.optimizer, metrics=["accuracy"])
x, y = np.random.rand(8, 3), np.eye(2)[np.arange(8) % 2]
model.fit(x, y, epochs=config.epochs, validation_data=(x, y), callbacks=[WandbKerasCallback()], verbose=0)
assert run.summary["val_loss"] > 0
config.persist() if hasattr(config, "persist") else None
model.save("cnn.h5")
