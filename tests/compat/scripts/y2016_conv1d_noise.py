# ruff: noqa
"""Keras 1: 1D convolutions, noise, masking and stateful cells."""
import numpy as np
from keras.layers import Convolution1D, MaxPooling1D, GlobalMaxPooling1D, Dense, GaussianNoise, GaussianDropout, LSTM, AtrousConvolution1D
from keras.layers.noise import AlphaDropout
from keras.models import Sequential
from keras.objectives import mean_squared_error
from keras.initializations import normal

m = Sequential([
    Convolution1D(nb_filter=4, filter_length=3, border_mode="same", subsample_length=1, input_shape=(12, 2)),
    AtrousConvolution1D(4, 3, atrous_rate=2, border_mode="same"),
    GaussianNoise(sigma=0.1),
    MaxPooling1D(pool_length=2, stride=2),
    GaussianDropout(p=0.1),
    GlobalMaxPooling1D(),
    Dense(1),
])
m.compile(loss=mean_squared_error, optimizer="adadelta")
m.fit(np.random.rand(8, 12, 2), np.random.rand(8, 1), nb_epoch=1, verbose=0)
s = Sequential()
s.add(LSTM(3, batch_input_shape=(4, 2, 1), stateful=True))
s.add(Dense(1))
s.compile(loss="mae", optimizer="adam")
s.fit(np.random.rand(4, 2, 1), np.random.rand(4, 1), batch_size=4, nb_epoch=1, verbose=0, shuffle=False)
s.reset_states()
assert s.stateful
