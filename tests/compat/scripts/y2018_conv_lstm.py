# ruff: noqa
"""Keras 2: next frames with ConvLSTM2D and a three-dimensional convolution; a tensor board beside it."""
from keras.models import Sequential
from keras.layers.convolutional import Conv3D
from keras.layers.convolutional_recurrent import ConvLSTM2D
from keras.layers.normalization import BatchNormalization
from keras.callbacks import TensorBoard
import numpy as np
import pylab as plt

seq = Sequential()
seq.add(ConvLSTM2D(filters=2, kernel_size=(3, 3), input_shape=(None, 6, 6, 1), padding="same", return_sequences=True))
seq.add(BatchNormalization())
seq.add(Conv3D(filters=1, kernel_size=(3, 3, 3), activation="sigmoid", padding="same", data_format="channels_last"))
seq.compile(loss="binary_crossentropy", optimizer="adadelta")
movies = np.random.rand(4, 3, 6, 6, 1)
seq.fit(movies, movies, batch_size=2, epochs=1, validation_split=0.5, verbose=0)
track = movies[0]
for j in range(2):
    new_pos = seq.predict(track[np.newaxis, ::, ::, ::, ::])
    new = new_pos[::, -1, ::, ::, ::]
    track = np.concatenate((track, new), axis=0)
assert track.shape == (5, 6, 6, 1)
