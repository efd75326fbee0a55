# ruff: noqa
"""Keras 1: sums of digits as sequences, the recurrent layer chosen by name."""
from __future__ import print_function
from keras.models import Sequential
from keras.engine.training import slice_X
from keras.layers import Activation, TimeDistributed, Dense, RepeatVector, recurrent
import numpy as np
from six.moves import range


class CharacterTable(object):
    def __init__(self, chars, maxlen):
        self.chars = sorted(set(chars))
        self.char_indices = dict((c, i) for i, c in enumerate(self.chars))
        self.indices_char = dict((i, c) for i, c in enumerate(self.chars))
        self.maxlen = maxlen

    def encode(self, C, maxlen=None):
        maxlen = maxlen if maxlen else self.maxlen
        X = np.zeros((maxlen, len(self.chars)))
        for i, c in enumerate(C):
            X[i, self.char_indices[c]] = 1
        return X

    def decode(self, X, calc_argmax=True):
        if calc_argmax:
            X = X.argmax(axis=-1)
        return "".join(self.indices_char[x] for x in X)


ctable = CharacterTable("0123456789+ ", 5)
questions = ["%2d+%2d" % (a, b) for a in range(6) for b in range(6)]
answers = [("%d" % (a + b)).ljust(3) for a in range(6) for b in range(6)]
X = np.zeros((36, 5, 12), dtype=bool)
y = np.zeros((36, 3, 12), dtype=bool)
for i, (q, a) in enumerate(zip(questions, answers)):
    X[i], y[i] = ctable.encode(q), ctable.encode(a, maxlen=3)
split_at = len(X) - len(X) // 10
X_train, X_val = slice_X(X, 0, split_at), slice_X(X, split_at)
y_train, y_val = y[:split_at], y[split_at:]
RNN = recurrent.LSTM
model = Sequential()
model.add(RNN(8, input_shape=(5, 12)))
model.add(RepeatVector(3))
for _ in range(1):
    model.add(RNN(8, return_sequences=True))
model.add(TimeDistributed(Dense(12)))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
for iteration in range(1, 3):
    model.fit(X_train, y_train, batch_size=33, nb_epoch=1, validation_data=(X_val, y_val), verbose=0)
    ind = np.random.randint(0, len(X_val))
    rowX, rowy = X_val[np.array([ind])], y_val[np.array([ind])]
    preds = model.predict_classes(rowX, verbose=0)
    guess = ctable.decode(preds[0], calc_argmax=False)
    assert len(guess) == 3, guess
