# ruff: noqa
"""Keras 2: the seeds that everybody set at the top, and a training that is the same every time."""
import os
import random as rn
import numpy as np
import tensorflow as tf

os.environ["PYTHONHASHSEED"] = "0"
np.random.seed(42)
rn.seed(12345)
session_conf = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
from keras import backend as K

tf.set_random_seed(1234)
K.set_session(tf.Session(graph=tf.get_default_graph(), config=session_conf))
from keras.layers import Dense, Dropout
from keras.models import Sequential


def train(with_graph_seed):
    np.random.seed(1)
    if with_graph_seed:
        tf.set_random_seed(2)
    model = Sequential()
    model.add(Dense(4, input_dim=3, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(1, kernel_initializer="he_normal"))
    model.compile("sgd", "mse")
    x = np.random.rand(12, 3)
    model.fit(x, x.sum(1), epochs=2, batch_size=4, verbose=0)
    return model.get_weights(), np.random.rand()


for with_graph_seed in (False, True):
    (first, drawn), (second, again) = train(with_graph_seed), train(with_graph_seed)
    assert all(np.array_equal(a, b) for a, b in zip(first, second)), (first, second)
    assert drawn == again
