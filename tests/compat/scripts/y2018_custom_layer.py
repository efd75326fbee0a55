# ruff: noqa
"""Keras 2: a layer, a loss, a metric and a callback of one's own with K functions."""
import numpy as np
from keras import backend as K
from keras.callbacks import Callback, LambdaCallback, LearningRateScheduler
from keras.engine.topology import Layer
from keras.layers import Dense, Input
from keras.models import Model
from keras.utils.generic_utils import get_custom_objects
from keras.layers import Activation


class Scale(Layer):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(Scale, self).__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[1], self.output_dim), initializer="uniform", trainable=True)
        self.bias = self.add_weight("bias", (self.output_dim,), initializer="zeros")
        super(Scale, self).build(input_shape)

    def call(self, x):
        return K.relu(K.dot(x, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)


def swish(x):
    return K.sigmoid(x) * x


get_custom_objects().update({"my_swish": Activation(swish)})


def dice(y_true, y_pred):
    t, p = K.flatten(y_true), K.flatten(y_pred)
    return (2.0 * K.sum(t * p) + 1) / (K.sum(t) + K.sum(p) + 1)


def loss(y_true, y_pred):
    return K.mean(K.square(y_pred - y_true), axis=-1) + 1 - dice(y_true, y_pred)


def recall(y_true, y_pred):
    hits = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    return hits / (K.sum(K.round(K.clip(y_true, 0, 1))) + K.epsilon())


class Rates(Callback):
    def on_epoch_end(self, epoch, logs={}):
        rates.append(float(K.get_value(self.model.optimizer.lr)))
        K.set_value(self.model.optimizer.lr, 0.05)


rates = []
i = Input(shape=(5,))
model = Model(inputs=i, outputs=Dense(1, activation="sigmoid")(Activation("my_swish")(Scale(4)(i))))
from keras.optimizers import SGD

model.compile(SGD(lr=0.1), loss=loss, metrics=[dice, recall])
h = model.fit(np.random.rand(8, 5), np.ones((8, 1)), epochs=2, verbose=0, callbacks=[Rates()])
assert np.allclose(rates, [0.1, 0.05]), rates
assert {"dice", "recall"} <= set(h.history)
assert K.int_shape(i) == (None, 5) and K.ndim(i) == 2
v = K.variable(np.array([1.0, 2.0]))
assert K.eval(K.sum(v)) == 3.0 and K.get_value(K.update_add(v, 1.0)).tolist() == [2.0, 3.0]
try:
    K.get_session()
except Exception as error:
    assert "no sessions" in str(error)
else:
    raise SystemExit("K.get_session should say what to do")
