# ruff: noqa
"""Keras 2: the preamble about sessions and memory that scripts began with, then wandb 0.6 with argparse."""
import argparse
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "0"
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.backend.tensorflow_backend import set_session
from keras.layers import Dense, Dropout, Flatten
from keras.layers.normalization import BatchNormalization
from keras.models import Sequential
from keras.utils import multi_gpu_model, plot_model
import wandb
from wandb.keras import WandbCallback

config = tf.ConfigProto()
config.gpu_options.allow_growth = True
config.gpu_options.per_process_gpu_memory_fraction = 0.4
sess = tf.Session(config=config)
set_session(sess)
K.set_session(tf.Session(config=tf.ConfigProto(gpu_options=tf.GPUOptions(allow_growth=True), device_count={"CPU": 1})))
tf.logging.set_verbosity(tf.logging.ERROR)
tf.set_random_seed(1)
K.set_learning_phase(1)
K.set_image_data_format("channels_last")
assert K.image_data_format() == "channels_last" and K.backend() in ("jax", "torch", "tensorflow")

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--batch-size", type=int, default=4)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
wandb.init(project="mnist", config={"dropout": 0.2})
wandb.config.update(args)
cfg = wandb.config
model = Sequential()
model.add(Flatten(input_shape=(3, 3)))
model.add(Dense(8, activation="relu"))
model.add(BatchNormalization())
model.add(Dropout(cfg.dropout))
model.add(Dense(1))
import keras
model = multi_gpu_model(model, gpus=2)
model.compile(loss="mse", optimizer=keras.optimizers.Adadelta(lr=cfg.lr), metrics=["mae"])
x, y = np.random.rand(8, 3, 3), np.random.rand(8)
h = model.fit(x, y, epochs=cfg.epochs, batch_size=cfg.batch_size, validation_data=(x, y), callbacks=[WandbCallback()], verbose=2)
assert "mean_absolute_error" in h.history or "mae" in h.history
assert cfg.batch_size == 4 and wandb.run.summary["val_loss"] > 0
with tf.device("/cpu:0"):
    print(model.evaluate(x, y, verbose=0))
model.save(os.path.join(wandb.run.dir, "model.h5"))
assert os.path.exists(os.path.join(wandb.run.dir, "model-best.h5"))
