# ruff: noqa
"""Keras 1: images with channels first and last, pooling and flattening in the old spelling."""
import numpy as np
from keras import backend as K
from keras.layers.convolutional import Convolution2D, MaxPooling2D, ZeroPadding2D, UpSampling2D, AveragePooling2D
from keras.layers.core import Dense, Flatten, Permute, Reshape, RepeatVector
from keras.layers.normalization import BatchNormalization
from keras.layers.advanced_activations import LeakyReLU, PReLU
from keras.models import Sequential

K.set_image_dim_ordering("tf")
assert K.image_dim_ordering() == "tf"
x = np.random.rand(16, 8, 8, 3).astype("float32")
y = np.random.randint(0, 2, (16, 1))
m = Sequential()
m.add(ZeroPadding2D((1, 1), input_shape=(8, 8, 3), dim_ordering="tf"))
m.add(Convolution2D(4, 3, 3, border_mode="valid", subsample=(2, 2), init="he_normal"))
m.add(LeakyReLU(alpha=0.2))
m.add(Convolution2D(nb_filter=5, nb_row=3, nb_col=2, border_mode="same", activation="relu"))
m.add(BatchNormalization(mode=0, axis=3))
m.add(UpSampling2D(size=(2, 2)))
m.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2), border_mode="same"))
m.add(AveragePooling2D(pool_size=(2, 2), dim_ordering="default"))
m.add(Flatten())
m.add(Dense(3, activation="linear"))
m.add(PReLU(init="zero"))
m.add(Dense(1, activation="sigmoid"))
m.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
h = m.fit(x, y, nb_epoch=1, batch_size=8, verbose=0)
assert list(h.history) == ["loss", "accuracy"], h.history
assert m.layers[1].kernel.shape == (3, 3, 3, 4) and m.layers[3].kernel.shape == (3, 2, 4, 5)
assert m.layers[1].output_shape == (None, 4, 4, 4), m.layers[1].output_shape
assert m.predict_classes(x).shape == (16, 1)
