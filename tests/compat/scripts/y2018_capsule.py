# ruff: noqa
"""Keras 2: a capsule layer of K functions, with a loss of its own and the keras functional style."""
from __future__ import print_function
import numpy as np
from keras import activations, utils
from keras import backend as K
from keras.engine import Layer, InputSpec
from keras.layers import *
from keras.models import Model


def squash(x, axis=-1):
    s = K.sum(K.square(x), axis, keepdims=True) + K.epsilon()
    return K.sqrt(s) / (0.5 + s) * x


def softmax(x, axis=-1):
    ex = K.exp(x - K.max(x, axis=axis, keepdims=True))
    return ex / K.sum(ex, axis=axis, keepdims=True)


def margin_loss(y_true, y_pred):
    lamb, margin = 0.5, 0.1
    return K.sum((y_true * K.square(K.relu(1 - margin - y_pred)) + lamb * (1 - y_true) * K.square(K.relu(y_pred - margin))), axis=-1)


class Capsule(Layer):
    def __init__(self, num_capsule, dim_capsule, routings=3, share_weights=True, activation="squash", **kwargs):
        super(Capsule, self).__init__(**kwargs)
        self.num_capsule, self.dim_capsule, self.routings, self.share_weights = num_capsule, dim_capsule, routings, share_weights
        self.activation = squash if activation == "squash" else activations.get(activation)

    def build(self, input_shape):
        input_dim_capsule = input_shape[-1]
        self.kernel = self.add_weight(name="capsule_kernel", shape=(1, input_dim_capsule, self.num_capsule * self.dim_capsule), initializer="glorot_uniform", trainable=True)

    def call(self, inputs):
        hat_inputs = K.conv1d(inputs, self.kernel)
        batch_size = K.shape(inputs)[0]
        input_num_capsule = K.int_shape(inputs)[1]
        hat_inputs = K.reshape(hat_inputs, (batch_size, input_num_capsule, self.num_capsule, self.dim_capsule))
        hat_inputs = K.permute_dimensions(hat_inputs, (0, 2, 1, 3))
        b = K.zeros_like(hat_inputs[:, :, :, 0])
        for i in range(self.routings):
            c = softmax(b, 1)
            o = self.activation(K.batch_dot(c, hat_inputs, [2, 2]))
            if i < self.routings - 1:
                b = K.batch_dot(o, hat_inputs, [2, 3])
        return o

    def compute_output_shape(self, input_shape):
        return (None, self.num_capsule, self.dim_capsule)


input_image = Input(shape=(None, None, 3))
x = Conv2D(4, (3, 3), activation="relu")(input_image)
x = AveragePooling2D((2, 2))(x)
input_image = Input(shape=(8, 8, 3))
x = Conv2D(4, (3, 3), activation="relu")(input_image)
x = AveragePooling2D((2, 2))(x)
x = Reshape((-1, 4))(x)
capsule = Capsule(3, 5, 3, True)(x)
output = Lambda(lambda z: K.sqrt(K.sum(K.square(z), 2)))(capsule)
model = Model(inputs=input_image, outputs=output)
model.compile(loss=margin_loss, optimizer="adam", metrics=["accuracy"])
model.summary()
y = utils.to_categorical(np.arange(8) % 3, 3)
h = model.fit(np.random.rand(8, 8, 8, 3), y, batch_size=4, epochs=1, verbose=0, validation_split=0.25)
assert np.isfinite(h.history["loss"][0]) and model.predict(np.random.rand(2, 8, 8, 3)).shape == (2, 3)
