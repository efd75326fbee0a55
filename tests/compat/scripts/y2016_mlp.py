# ruff: noqa
"""Keras 1: a multi-layer perceptron as the first tutorials had it."""
from __future__ import print_function
import numpy as np
np.random.seed(1337)
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation
from keras.optimizers import SGD, RMSprop
from keras.regularizers import l2, l1l2
from keras.constraints import maxnorm
from keras.utils import np_utils

X = np.random.rand(48, 10).astype("float32")
Y = np_utils.to_categorical((X.sum(axis=1) > 5).astype(int), 2)
model = Sequential()
model.add(Dense(output_dim=16, input_dim=10, init="uniform", W_regularizer=l2(0.01), b_constraint=maxnorm(m=2)))
model.add(Activation("tanh"))
model.add(Dropout(p=0.1))
model.add(Dense(2, init="glorot_uniform", W_regularizer=l1l2(l1=1e-4, l2=1e-4), bias=True))
model.add(Activation("softmax"))
sgd = SGD(lr=0.1, decay=1e-2, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
history = model.fit(X, Y, nb_epoch=2, batch_size=12, verbose=0, validation_split=0.25)
assert len(history.history["val_acc"]) == 2, history.history
score = model.evaluate(X, Y, batch_size=12, verbose=0)
assert len(score) == 2 and model.metrics_names == ["loss", "acc"], model.metrics_names
assert model.predict_classes(X, batch_size=12, verbose=0).shape == (48,)
assert model.predict_proba(X, batch_size=12, verbose=0).shape == (48, 2)
updates = 6
shown = float(np.asarray(model.optimizer.learning_rate))
assert abs(shown - 0.1 / (1 + 1e-2 * updates)) < 1e-6, shown
