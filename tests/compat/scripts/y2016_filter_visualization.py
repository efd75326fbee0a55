# ruff: noqa
"""Keras 1: gradient ascent in input space with K.function and K.gradients."""
from __future__ import print_function
import numpy as np

np.random.seed(1337)  # for reproducibility

from keras import backend as K
from keras.layers import Convolution2D, MaxPooling2D, Input, Flatten, Dense
from keras.models import Model, Sequential

first = Input(shape=(8, 8, 3))
h = Convolution2D(4, 3, 3, activation="relu", name="block1_conv1", border_mode="same")(first)
h = MaxPooling2D((2, 2))(h)
h = Convolution2D(4, 3, 3, activation="linear", name="block5_conv1", border_mode="same")(h)
model = Model(first, h)
model.summary()
layer_dict = dict([(layer.name, layer) for layer in model.layers[1:]])
input_img = model.input


def normalize(x):
    return x / (K.sqrt(K.mean(K.square(x))) + 1e-5)


for filter_index in range(2):
    layer_output = layer_dict["block5_conv1"].output
    loss = K.mean(layer_output[:, :, :, filter_index])
    grads = K.gradients(loss, input_img)[0]
    grads = normalize(grads)
    iterate = K.function([input_img], [loss, grads])
    step = 0.005
    data = np.random.random((1, 8, 8, 3)) * 0.1
    losses = []
    for i in range(6):
        loss_value, grads_value = iterate([data])
        data += grads_value * step
        losses.append(float(loss_value))
    assert losses[-1] > losses[0], losses
    assert grads_value.shape == (1, 8, 8, 3)

get_conv = K.function([model.layers[0].input, K.learning_phase()], [model.layers[2].output])
assert get_conv([data, 0])[0].shape == (1, 4, 4, 4)

# class activation by gradients
clf = Sequential()
clf.add(Convolution2D(3, 3, 3, input_shape=(6, 6, 1), activation="relu", name="last"))
clf.add(Flatten())
clf.add(Dense(2, activation="softmax"))
clf.compile("sgd", "categorical_crossentropy")
target = clf.output[:, 1]
conv = clf.get_layer("last").output
g = K.gradients(target, conv)[0]
pooled = K.mean(g, axis=(0, 1, 2))
cam = K.function([clf.input], [pooled, clf.get_layer("last").output[0]])
weights, maps = cam([np.random.rand(1, 6, 6, 1)])
assert weights.shape == (3,) and maps.shape == (4, 4, 3)
