# ruff: noqa
"""tf.keras of 2020: several inputs by name, metrics as objects, sample weights, custom metric class, tf.keras.utils.Sequence."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences

tf.random.set_seed(1)
np.random.seed(1)
print(tf.__version__, tf.config.list_physical_devices("GPU"), tf.test.is_gpu_available())
title = keras.Input(shape=(None,), name="title")
tags = keras.Input(shape=(4,), name="tags")
t = keras.layers.Embedding(10, 4)(title)
t = keras.layers.LSTM(3)(t)
x = keras.layers.concatenate([t, tags])
priority = keras.layers.Dense(1, name="priority", activation="sigmoid")(x)
department = keras.layers.Dense(3, name="department")(x)
model = keras.Model(inputs=[title, tags], outputs=[priority, department])
model.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss={"priority": keras.losses.BinaryCrossentropy(), "department": keras.losses.CategoricalCrossentropy(from_logits=True)}, metrics={"priority": [keras.metrics.AUC(name="auc"), "accuracy"]}, loss_weights={"priority": 1.0, "department": 0.2})
data = {"title": np.random.randint(10, size=(8, 5)), "tags": np.random.randint(2, size=(8, 4)).astype("float32")}
target = {"priority": np.random.randint(2, size=(8, 1)).astype("float32"), "department": np.eye(3)[np.arange(8) % 3]}
h = model.fit(data, target, epochs=1, batch_size=4, verbose=0, sample_weight={"priority": np.ones(8), "department": np.ones(8)})
assert "priority_auc" in h.history and "department_loss" in h.history, list(h.history)


class F1(tf.keras.metrics.Metric):
    def __init__(self, name="f1", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.total = self.add_weight("total", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.hits.assign_add(tf.reduce_sum(y_true * tf.round(y_pred)))
        self.total.assign_add(tf.reduce_sum(tf.cast(y_true, tf.float32)))

    def result(self):
        return self.hits / (self.total + K.epsilon())

    def reset_states(self):
        self.hits.assign(0.0)
        self.total.assign(0.0)


class Batches(tf.keras.utils.Sequence):
    def __init__(self, n):
        self.n = n
        self.ended = 0

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return np.ones((4, 2), "float32") * i, np.ones((4, 1), "float32")

    def on_epoch_end(self):
        self.ended += 1


seq = Batches(3)
small = tf.keras.models.Sequential([tf.keras.layers.InputLayer(input_shape=(2,)), tf.keras.layers.Dense(1, activation=tf.nn.sigmoid, kernel_initializer=tf.keras.initializers.GlorotUniform(seed=1))])
small.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01, decay=1e-3), loss=tf.keras.losses.binary_crossentropy, metrics=[F1(), tf.keras.metrics.Precision()])
h = small.fit(seq, epochs=2, verbose=0, workers=2, use_multiprocessing=False, max_queue_size=4)
assert "f1" in h.history and seq.ended >= 1
model2 = tf.keras.models.clone_model(small)
model2.set_weights(small.get_weights())
assert np.allclose(model2(np.ones((1, 2))), small(np.ones((1, 2)), training=False))
