# ruff: noqa
"""Keras 1: one network for two inputs, a distance as Lambda, a contrastive loss."""
from __future__ import absolute_import
from __future__ import print_function
import random
import numpy as np
np.random.seed(1337)  # for reproducibility
from keras.models import Sequential, Model
from keras.layers import Dense, Dropout, Input, Lambda
from keras.optimizers import SGD, RMSprop
from keras import backend as K


def distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))


def distance_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive(y_true, y_pred):
    margin = 1
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))


def pairs(x, groups):
    out, labels = [], []
    for d in range(len(groups)):
        for i in range(len(groups[d]) - 1):
            other = random.choice([k for k in range(len(groups)) if k != d])
            out += [[x[groups[d][i]], x[groups[d][i + 1]]], [x[groups[d][i]], x[groups[other][i]]]]
            labels += [1, 0]
    return np.array(out), np.array(labels)


def base_network(input_dim):
    seq = Sequential()
    seq.add(Dense(8, input_shape=(input_dim,), activation="relu"))
    seq.add(Dropout(0.1))
    seq.add(Dense(4, activation="relu"))
    return seq


def accuracy_of(predictions, labels):
    return labels[predictions.ravel() < 0.5].mean()


y = np.repeat(np.arange(3), 6)
x = np.random.rand(18, 5).astype("float32") + y[:, None]
tr_pairs, tr_y = pairs(x, [np.where(y == i)[0] for i in range(3)])
network = base_network(5)
input_a = Input(shape=(5,))
input_b = Input(shape=(5,))
processed_a = network(input_a)
processed_b = network(input_b)
out = Lambda(distance, output_shape=distance_shape)([processed_a, processed_b])
model = Model(input=[input_a, input_b], output=out)
model.compile(loss=contrastive, optimizer=RMSprop())
model.fit([tr_pairs[:, 0], tr_pairs[:, 1]], tr_y, validation_data=([tr_pairs[:, 0], tr_pairs[:, 1]], tr_y), batch_size=10, nb_epoch=2, verbose=0)
pred = model.predict([tr_pairs[:, 0], tr_pairs[:, 1]])
assert pred.shape == (30, 1)
print("* Accuracy: %0.2f" % accuracy_of(pred, tr_y))
assert model.get_layer(index=-1).name.startswith("lambda")
