# ruff: noqa
"""Keras 2: a picture that is optimized by SciPy, through K.gradients of a loss over three pictures at once."""
from __future__ import print_function
import numpy as np
from scipy.optimize import fmin_l_bfgs_b
from keras import backend as K
from keras.layers import Conv2D, Input, MaxPooling2D
from keras.models import Model

rows, cols = 8, 8
rng = np.random.RandomState(1)
base = K.variable(rng.rand(1, rows, cols, 3))
style = K.variable(rng.rand(1, rows, cols, 3))
combination = K.placeholder((1, rows, cols, 3))
stack = K.concatenate([base, style, combination], axis=0)
inp = Input(tensor=stack)
x = Conv2D(3, (3, 3), activation="relu", padding="same", name="block1_conv1")(inp)
x = Conv2D(3, (3, 3), activation="relu", padding="same", name="block2_conv2")(MaxPooling2D()(x))
model = Model(inp, x)
outputs = dict([(layer.name, layer.output) for layer in model.layers])


def gram(x):
    assert K.ndim(x) == 3
    features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    return K.dot(features, K.transpose(features))


def variation(x):
    a = K.square(x[:, : rows - 1, : cols - 1, :] - x[:, 1:, : cols - 1, :])
    b = K.square(x[:, : rows - 1, : cols - 1, :] - x[:, : rows - 1, 1:, :])
    return K.sum(K.pow(a + b, 1.25))


loss = K.variable(0.0)
deep = outputs["block2_conv2"]
loss = loss + 0.025 * K.sum(K.square(deep[2, :, :, :] - deep[0, :, :, :]))
for name in ("block1_conv1", "block2_conv2"):
    found = outputs[name]
    size = K.prod(K.cast(K.shape(found), "float32"))
    loss = loss + K.sum(K.square(gram(found[1, :, :, :]) - gram(found[2, :, :, :]))) / size
loss = loss + 0.1 * variation(combination)
grads = K.gradients(loss, combination)
evaluate = K.function([combination], [loss] + grads)


class Evaluator(object):
    def loss(self, x):
        found = evaluate([x.reshape((1, rows, cols, 3))])
        self.grad_values = found[1].flatten().astype("float64")
        return float(found[0])

    def grads(self, x):
        return np.copy(self.grad_values)


evaluator = Evaluator()
x = rng.rand(1, rows, cols, 3).flatten()
before = evaluator.loss(x)
x, after, info = fmin_l_bfgs_b(evaluator.loss, x, fprime=evaluator.grads, maxfun=3)
assert after < before, (before, after)

free = Input((None, None, 3))  # a net for pictures of any size, and one output of it
scores = Model(free, K.gradients(K.sum(Conv2D(2, 3)(free)) / K.prod(K.cast(K.shape(free), "float32")), free)[0])
assert scores.predict(rng.rand(1, 6, 5, 3)).shape == (1, 6, 5, 3)
assert model.output[0, :, :, np.argmax([0, 1, 0])].shape == (4, 4)
