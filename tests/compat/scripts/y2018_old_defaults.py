# ruff: noqa
"""Keras 2.2: what was meant by leaving arguments out, against NumPy."""
from __future__ import print_function
import numpy as np
from keras.layers import GRU, Activation, Dense, Input, LSTM, CuDNNGRU
from keras.models import Model
from keras.optimizers import Adadelta, Adagrad, Nadam
from keras import backend as K


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0.0, 1.0)


i = Input((3, 2))
gru, lstm = GRU(2, bias_initializer="uniform"), LSTM(2)
model = Model(i, [gru(i), lstm(i), Activation("hard_sigmoid")(i)])
x = np.random.uniform(-2, 2, (4, 3, 2))
by_gru, by_lstm, by_hard = model.predict(x)
assert np.allclose(by_hard, hard_sigmoid(x), atol=1e-5)

kernel, recurrent, bias = gru.get_weights()
assert bias.shape == (6,)  # one bias: the reset gate comes before the product
h = np.zeros((4, 2))
for t in range(3):
    xz, xr, xh = np.split(x[:, t].dot(kernel) + bias, 3, axis=1)
    uz, ur, uh = np.split(recurrent, 3, axis=1)
    z, r = hard_sigmoid(xz + h.dot(uz)), hard_sigmoid(xr + h.dot(ur))
    h = z * h + (1 - z) * np.tanh(xh + (r * h).dot(uh))
assert np.allclose(by_gru, h, atol=1e-5)

kernel, recurrent, bias = lstm.get_weights()
h = c = np.zeros((4, 2))
for t in range(3):
    gi, gf, gc, go = np.split(x[:, t].dot(kernel) + h.dot(recurrent) + bias, 4, axis=1)
    c = hard_sigmoid(gf) * c + hard_sigmoid(gi) * np.tanh(gc)
    h = hard_sigmoid(go) * np.tanh(c)
assert np.allclose(by_lstm, h, atol=1e-5)

fast = CuDNNGRU(2)
fast(i)
assert [w.shape for w in fast.get_weights()] == [(2, 6), (2, 6), (2, 6)]

for optimizer, rate in ((Adadelta(), 1.0), (Adagrad(), 0.01), (Nadam(), 0.002), (Adadelta(lr=0.5), 0.5)):
    assert abs(float(K.get_value(optimizer.lr)) - rate) < 1e-6
m = Model(i, Dense(1)(gru.output))
m.compile("adadelta", "mse", metrics=["acc"])
h = m.fit(x, np.zeros((4, 1)), verbose=0)
assert "acc" in h.history and abs(float(K.get_value(m.optimizer.lr)) - 1.0) < 1e-6
