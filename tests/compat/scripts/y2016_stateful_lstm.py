# ruff: noqa
"""Keras 1: a stateful LSTM that keeps its state between batches."""
from __future__ import print_function
import numpy as np
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from keras.models import Sequential
from keras.layers import Dense, LSTM

tsteps, batch_size, epochs = 1, 4, 2


def gen_cosine_amp(amp=100, period=10, x0=0, xn=40, step=1, k=0.0001):
    cos = np.zeros(((xn - x0) * step, 1, 1))
    for i in range(len(cos)):
        idx = x0 + i * step
        cos[i, 0, 0] = amp * np.cos(2 * np.pi * idx / period) * np.exp(-k * idx)
    return cos


cos = gen_cosine_amp()
expected_output = np.zeros((len(cos), 1))
for i in range(len(cos) - 1):
    expected_output[i, 0] = np.mean(cos[i + 1 : i + 2])
model = Sequential()
model.add(LSTM(5, batch_input_shape=(batch_size, tsteps, 1), return_sequences=True, stateful=True))
model.add(LSTM(5, batch_input_shape=(batch_size, tsteps, 1), return_sequences=False, stateful=True))
model.add(Dense(1))
model.compile(loss="mse", optimizer="rmsprop")
for i in range(epochs):
    model.fit(cos, expected_output, batch_size=batch_size, verbose=0, nb_epoch=1, shuffle=False)
    model.reset_states()
one = model.predict(cos[:4], batch_size=batch_size)
two = model.predict(cos[:4], batch_size=batch_size)
assert not np.allclose(one, two)
model.reset_states()
assert np.allclose(one, model.predict(cos[:4], batch_size=batch_size), atol=1e-5)
plt.plot(expected_output)
plt.savefig("out.png")
