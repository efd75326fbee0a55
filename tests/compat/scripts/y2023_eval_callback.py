# ruff: noqa
"""wandb of 2023: metrics, checkpoints and an evaluation table of one's own with keras 3 names."""
import os
import keras
import numpy as np
import wandb
from keras import layers
from wandb.integration.keras import WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint

configs = dict(num_classes=3, batch_size=4, epochs=2, learning_rate=1e-2)
run = wandb.init(project="intro-keras", config=configs)
x, y = np.random.rand(12, 6, 6, 1).astype("float32"), np.arange(12) % 3


class Predictions(WandbEvalCallback):
    def __init__(self, validation_data, data_table_columns, pred_table_columns, num_samples=5):
        super().__init__(data_table_columns, pred_table_columns)
        self.x, self.y = validation_data[0][:num_samples], validation_data[1][:num_samples]

    def add_ground_truth(self, logs=None):
        for idx, (image, label) in enumerate(zip(self.x, self.y)):
            self.data_table.add_data(idx, wandb.Image(image), label)

    def add_model_predictions(self, epoch, logs=None):
        preds = np.argmax(self.model.predict(self.x, verbose=0), axis=-1)
        table_idxs = self.data_table_ref.get_index()
        for idx in table_idxs:
            self.pred_table.add_data(epoch, self.data_table_ref.data[idx][0], self.data_table_ref.data[idx][1], self.data_table_ref.data[idx][2], preds[idx])


model = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(configs["num_classes"], activation="softmax")])
schedule = keras.optimizers.schedules.ExponentialDecay(wandb.config.learning_rate, 5, 0.9)
model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", ["accuracy"])
model.fit(x, y, epochs=2, batch_size=wandb.config.batch_size, validation_data=(x, y), verbose=0, callbacks=[WandbMetricsLogger(log_freq=2), WandbModelCheckpoint("models/", save_best_only=False) if False else WandbModelCheckpoint(filepath="model_{epoch:02d}.keras", monitor="val_accuracy", save_best_only=True), Predictions((x, y), ["idx", "image", "label"], ["epoch", "idx", "image", "label", "pred"])])
assert wandb.run.summary["epoch/epoch"] == 1 and "batch/loss" in dict(wandb.run.summary)
wandb.finish()
