# ruff: noqa
"""Keras 2: what scripts do with callbacks, class weights, metrics and files beyond the examples."""
import os
import numpy as np
from keras.callbacks import BaseLogger, CSVLogger, EarlyStopping, LambdaCallback, ModelCheckpoint, ProgbarLogger, ReduceLROnPlateau, Callback
from keras.layers import Dense, Input
from keras.models import Model, load_model
from keras.optimizers import SGD
from keras import backend as K

x = np.random.rand(20, 3)
y = (np.random.rand(20, 1) > 0.5).astype(int)


def recall(y_true, y_pred):
    hits = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    return hits / (K.sum(K.round(K.clip(y_true, 0, 1))) + K.epsilon())


def net(metrics, lr=0.1):
    a = Input(shape=(3,))
    model = Model(a, Dense(1, activation="sigmoid", name="out")(a))
    model.compile(SGD(lr, 0.9, 1e-3), "binary_crossentropy", metrics)
    return model


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))


class Counter(Callback):
    def on_train_begin(self, logs={}):
        self.total = self.params["samples"] if "samples" in self.params else self.params["steps"]


model = net(["accuracy", recall, lambda t, p: K.mean(t - p), "logcosh"], lr=1e-30)
seen, losses = [], LossHistory()
history = model.fit(x, y, batch_size=5, epochs=4, verbose=1, shuffle=False, validation_data=(x, y), class_weight=[1.0, 2.0], callbacks=[
    losses, BaseLogger(), ProgbarLogger("samples"), ProgbarLogger(count_mode="steps", stateful_metrics=["acc"]),
    LambdaCallback(on_batch_begin=lambda b, l: seen.append(l["size"]), on_batch_end=lambda b, l: seen.append(b)),
    CSVLogger("all.csv"), EarlyStopping("val_recall", 0, 9), ReduceLROnPlateau("loss", factor=0.5, patience=0, min_delta=9),
    ModelCheckpoint("weights.{epoch:02d}-{val_loss:.2f}.hdf5", "val_loss", 0, False, False, "auto", 2)])
assert len([name for name in os.listdir(".") if name.startswith("weights.")]) == 2
assert seen[:4] == [5, 0, 5, 1]
assert model.metrics_names == ["loss", "acc", "recall", "<lambda>", "logcosh"] or "accuracy" in model.metrics_names
assert len(history.history["lr"]) == 4 and len(history.history["val_recall"]) == 4
assert abs(K.get_value(model.optimizer.lr) / 1e-30 - 0.125) < 1e-3, "the rate that was set is halved, not what decay left of it"
p = np.clip(model.predict(x), 1e-7, 1 - 1e-7)
rows = -(y * np.log(p) + (1 - y) * np.log(1 - p))
assert np.allclose(losses.losses[:4], [rows[i : i + 5].mean() for i in range(0, 20, 5)], rtol=1e-3), "batches, and no class weights"

plain = net(None)
assert len(plain.fit(x, y, epochs=9, verbose=0, callbacks=[EarlyStopping("loss", baseline=-1, patience=2)]).epoch) == 2
plain.fit(x, y, verbose=0, class_weight="auto", callbacks=[CSVLogger("plain.csv", separator=";")])
assert open("plain.csv").readline() == "epoch;loss\n"
counter = Counter()
plain.fit_generator(((x, y) for _ in range(9)), steps_per_epoch=3, epochs=1, verbose=0, callbacks=[counter])
assert counter.total == 3
assert plain.updates == [] and plain.get_layer("out").get_output_at(0).shape == (None, 1)
assert plain.get_layer("out").get_input_shape_at(0) == (None, 3)
plain.save("kept")
assert np.allclose(load_model("kept").predict(x), plain.predict(x))
