# ruff: noqa
"""tf.keras 2: two outputs, weights by name, generators in fit."""
import numpy as np
from tensorflow.keras.layers import Dense, Input, concatenate
from tensorflow.keras.models import Model
from tensorflow.python.keras.utils import np_utils

a, b = Input((3,), name="a"), Input((2,), name="b")
h = Dense(4)(concatenate([a, b]))
model = Model(inputs=[a, b], outputs=[Dense(2, activation="softmax", name="kind")(h), Dense(1, name="size")(h)])
model.compile("adam", loss={"kind": "categorical_crossentropy", "size": "mse"}, loss_weights={"kind": 1.0, "size": 0.2}, metrics={"kind": "accuracy"})
xa, xb = np.random.rand(8, 3), np.random.rand(8, 2)
kinds, sizes = np_utils.to_categorical(np.arange(8) % 2), np.random.rand(8, 1)
h = model.fit({"a": xa, "b": xb}, {"kind": kinds, "size": sizes}, epochs=1, verbose=0, validation_split=0.5)
assert {"loss", "kind_loss", "size_loss", "kind_accuracy", "val_size_loss"} <= set(h.history), h.history
assert len(model.evaluate([xa, xb], [kinds, sizes], verbose=0)) == 4
