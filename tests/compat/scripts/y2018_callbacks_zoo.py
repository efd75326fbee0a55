# ruff: noqa
"""Keras 2: every callback with the arguments of its time."""
import json
import numpy as np
from keras.callbacks import (CSVLogger, EarlyStopping, History, LambdaCallback, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau, RemoteMonitor, TensorBoard, TerminateOnNaN, Callback)
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD, Adam, Nadam, Adagrad
from keras import backend as K


def lr_schedule(epoch):
    lr = 1e-3
    if epoch > 1:
        lr *= 1e-1
    return lr


def schedule_with_rate(epoch, lr):
    return lr * 0.5


class Predictions(Callback):
    def __init__(self, data):
        self.data = data

    def on_train_begin(self, logs={}):
        self.aucs = []

    def on_epoch_end(self, epoch, logs=None):
        self.aucs.append(self.model.predict(self.data[0]).mean())
        assert self.params["epochs"] == 3 and "loss" in logs
        lr = self.model.optimizer.lr
        decay = self.model.optimizer.decay
        iterations = self.model.optimizer.iterations
        lr_with_decay = lr / (1.0 + decay * K.cast(iterations, K.dtype(decay) if hasattr(decay, "dtype") else "float32"))
        rates.append(float(K.eval(lr_with_decay)))
        if not hasattr(self.model, "history_"):
            self.model.stop_training = epoch == 10


rates = []
x, y = np.random.rand(12, 3), np.random.rand(12, 1)
model = Sequential([Dense(4, input_shape=(3,), activation="selu", kernel_initializer="lecun_normal"), Dense(1)])
model.compile(loss="mean_squared_error", optimizer=Adam(lr=lr_schedule(0), beta_1=0.9, beta_2=0.999, epsilon=1e-8, decay=1e-2), metrics=["mse", "mae", "mape"])
log = open("log.json", mode="wt", buffering=1)
p = Predictions((x, y))
h = model.fit(x, y, epochs=3, batch_size=6, verbose=0, validation_split=0.25, shuffle=True, callbacks=[
    CSVLogger("train.csv", separator=";", append=True), EarlyStopping("val_loss", min_delta=0, patience=5, verbose=0, mode="auto"),
    LearningRateScheduler(lr_schedule, verbose=0), ReduceLROnPlateau(factor=np.sqrt(0.1), cooldown=0, patience=5, min_lr=0.5e-6),
    ModelCheckpoint(filepath="weights-improvement-{epoch:02d}-{val_loss:.2f}.hdf5", verbose=0, save_best_only=True, save_weights_only=False, mode="min", period=2),
    TerminateOnNaN(), p, LambdaCallback(on_epoch_end=lambda epoch, logs: log.write(json.dumps({"epoch": epoch, "loss": float(logs["loss"])}) + "\n"), on_train_end=lambda logs: log.close())])
assert len(open("log.json").readlines()) == 3 and len(p.aucs) == 3
assert np.allclose(rates[0], 1e-3 / (1 + 1e-2 * 2), rtol=1e-3), rates
assert {"loss", "val_loss"} <= set(h.history) and h.epoch == [0, 1, 2]
print(h.params["epochs"])
model.fit(x, y, initial_epoch=3, epochs=4, verbose=0, callbacks=[LearningRateScheduler(schedule_with_rate)])
assert abs(float(K.get_value(model.optimizer.lr)) - 5e-5) < 1e-6
names = [w.name for w in model.weights]
assert model.metrics_names[0] == "loss" and len(names) == 4
