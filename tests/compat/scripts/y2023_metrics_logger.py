# ruff: noqa
"""wandb callbacks of today on keras_core."""
import numpy as np
import keras_core as keras
import wandb
from wandb.integration.keras import WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint
from keras_core import layers

wandb.init(project="today", config=dict(epochs=2))


class Predictions(WandbEvalCallback):
    def __init__(self, data):
        super().__init__(["i", "x"], ["i", "pred"])
        self.x = data

    def add_ground_truth(self, logs=None):
        for i, row in enumerate(self.x):
            self.data_table.add_data(i, float(row[0]))

    def add_model_predictions(self, epoch, logs=None):
        for i, value in enumerate(self.model.predict(self.x, verbose=0)):
            self.pred_table.add_data(i, float(value[0]))


x, y = np.random.rand(12, 2), np.random.rand(12, 1)
model = keras.Sequential([keras.Input((2,)), layers.Dense(4), layers.Dense(1)])
model.compile(loss="mse", optimizer=keras.optimizers.AdamW(1e-3), metrics=["mae"])
model.fit(x, y, epochs=wandb.config.epochs, verbose=0, callbacks=[WandbMetricsLogger(log_freq="epoch"), WandbModelCheckpoint("models/best.keras", monitor="loss", save_best_only=True), Predictions(x[:3])])
assert wandb.run.summary["epoch/epoch"] == 1
wandb.finish()
