# ruff: noqa
"""Keras 2: a variational autoencoder with sampling in a Lambda, and a Sequence of batches."""
import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda, Layer
from keras.models import Model
from keras.utils import Sequence


def sampling(args):
    mean, log_var = args
    epsilon = K.random_normal(shape=(K.shape(mean)[0], 2), mean=0.0, stddev=1.0)
    return mean + K.exp(log_var / 2) * epsilon


x = Input(shape=(6,))
h = Dense(4, activation="relu")(x)
mean, log_var = Dense(2)(h), Dense(2)(h)
z = Lambda(sampling, output_shape=(2,))([mean, log_var])
vae = Model(x, Dense(6, activation="sigmoid")(z))
vae.compile(optimizer="rmsprop", loss="binary_crossentropy")


class Batches(Sequence):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        data = np.random.rand(4, 6)
        return data, data


vae.fit_generator(Batches(), epochs=2, verbose=0, workers=1, use_multiprocessing=False)
drawn = [vae.predict(np.ones((2, 6))) for _ in range(2)]
assert not np.allclose(drawn[0], drawn[1])
