# ruff: noqa
"""tf.keras with wandb 0.10: config dict, tables, artifacts. TensorFlow itself is only imported for its seed and version."""
import numpy as np
import wandb
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.models import Sequential, Model
from tensorflow.keras.layers import Dense, Flatten, Dropout
from tensorflow.keras.utils import to_categorical
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.optimizers import Adam
import tensorflow.keras.backend as K
from wandb.keras import WandbCallback

wandb.login()
run = wandb.init(project="tfk", config={"lr": 0.01, "epochs": 1}, job_type="train", tags=["a"], save_code=True)
x, y = np.random.rand(16, 4, 4), np.arange(16) % 2
model = keras.Sequential([Flatten(input_shape=(4, 4)), Dense(8, activation="relu"), Dropout(0.2), Dense(2, activation="softmax")])
model.compile(optimizer=Adam(lr=wandb.config.lr), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=wandb.config["epochs"], validation_data=(x, y), verbose=0, callbacks=[WandbCallback(save_model=False, log_weights=True)])
table = wandb.Table(columns=["image", "label"])
for row, label in zip(x[:3], y):
    table.add_data(wandb.Image(row), int(label))
wandb.log({"examples": table, "hist": wandb.Histogram(x.ravel()), "cm": wandb.plot.confusion_matrix(probs=model.predict(x), y_true=y, class_names=["a", "b"])})
art = wandb.Artifact("data", type="dataset", metadata={"n": 16})
with art.new_file("x.txt") as f:
    f.write("hello")
run.log_artifact(art)
run.summary["done"] = True
K.clear_session()
run.finish()
