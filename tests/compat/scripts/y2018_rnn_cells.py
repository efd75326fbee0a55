# ruff: noqa
"""Keras 2: a cell of one's own, stacked cells, modules reached through the package, and counts that come from NumPy."""
import keras
import numpy as np
import keras.backend as K
from keras.layers import GRUCell, Input, LSTMCell, RNN, StackedRNNCells
from keras.models import Model, load_model


class MinimalRNNCell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        self.units = units
        self.state_size = units
        super(MinimalRNNCell, self).__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel")
        self.built = True

    def call(self, inputs, states):
        output = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent_kernel)
        return output, [output]

    def get_config(self):
        config = {"units": self.units}
        base_config = super(MinimalRNNCell, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))


labels = np.array([0, 2, 1, 2])
x = Input((None, 3))
y = RNN([MinimalRNNCell(4), MinimalRNNCell(2)])(x)
y = keras.layers.core.Dense(np.max(labels) + 1, activation="softmax")(y)
model = Model(x, y)
model.compile("rmsprop", loss="sparse_categorical_crossentropy", metrics=["mse"])
data = np.random.rand(4, 2, 3)
model.fit(data, labels, verbose=0)
model.save("cells.h5")
again = load_model("cells.h5", custom_objects={"MinimalRNNCell": MinimalRNNCell})
assert np.allclose(again.predict(data), model.predict(data), atol=1e-6)

wide = RNN(StackedRNNCells([LSTMCell(4), GRUCell(3)]), return_sequences=True)(x)
assert Model(x, wide).predict(data).shape == (4, 2, 3)
assert keras.layers.advanced_activations.LeakyReLU is keras.layers.LeakyReLU
assert keras.engine.topology.Layer is keras.layers.Layer
K.tensorflow_backend.set_session(None)
