# ruff: noqa
"""Keras 2: JSON and HDF5 in and out, weights under any name."""
import os
import numpy as np
from keras.layers import Dense
from keras.models import Sequential, load_model, model_from_json
from keras.optimizers import RMSprop

m = Sequential([Dense(4, activation="relu", input_shape=(3,)), Dense(2, activation="softmax")])
m.compile(RMSprop(lr=1e-3, rho=0.9, epsilon=1e-8, decay=0.0), "categorical_crossentropy", ["accuracy"])
x = np.random.rand(6, 3)
before = m.predict(x)
m.save("model.h5")
again = load_model("model.h5")
assert np.allclose(again.predict(x), before, atol=1e-6)
again.fit_generator(iter([(x, np.eye(2)[[0, 1, 0, 1, 0, 1]])] * 2), steps_per_epoch=2, epochs=1, verbose=0)
with open("model.json", "w") as f:
    f.write(m.to_json())
m.save_weights("w.hdf5")
copy = model_from_json(open("model.json").read())
copy.load_weights("w.hdf5")
assert np.allclose(copy.predict(x), before, atol=1e-6)
m.save("plain_name")
assert os.path.exists("plain_name.keras")
