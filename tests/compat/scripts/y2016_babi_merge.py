# ruff: noqa
"""Keras 1: two Sequential models merged in a third, as question answering had it."""
import numpy as np
from keras.layers.embeddings import Embedding
from keras.layers import Dense, Merge, Dropout, RepeatVector, Activation, Permute
from keras.layers import recurrent
from keras.models import Sequential

vocab_size, story_maxlen, query_maxlen = 11, 6, 3
X = np.random.randint(1, vocab_size, (20, story_maxlen))
Xq = np.random.randint(1, vocab_size, (20, query_maxlen))
Y = np.eye(vocab_size)[X[:, 0]]
sentrnn = Sequential()
sentrnn.add(Embedding(vocab_size, 6, input_length=story_maxlen))
sentrnn.add(Dropout(0.3))
qrnn = Sequential()
qrnn.add(Embedding(vocab_size, 6, input_length=query_maxlen))
qrnn.add(Dropout(0.3))
qrnn.add(recurrent.LSTM(6, return_sequences=False))
qrnn.add(RepeatVector(story_maxlen))
model = Sequential()
model.add(Merge([sentrnn, qrnn], mode="sum"))
model.add(recurrent.LSTM(6, return_sequences=False))
model.add(Dropout(0.3))
model.add(Dense(vocab_size, activation="softmax"))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit([X, Xq], Y, batch_size=10, nb_epoch=1, validation_split=0.5, verbose=0)
loss, acc = model.evaluate([X, Xq], Y, batch_size=10, verbose=0)
assert 0 <= acc <= 1
assert model.predict([X, Xq], batch_size=10).shape == (20, vocab_size)

left = Sequential([Dense(3, input_dim=4)])
right = Sequential([Dense(3, input_dim=5)])
both = Sequential()
both.add(Merge([left, right], mode="concat", concat_axis=-1))
both.add(Dense(1, activation="sigmoid"))
both.compile("rmsprop", "mse")
both.fit([np.random.rand(8, 4), np.random.rand(8, 5)], np.random.rand(8, 1), nb_epoch=1, verbose=0)
assert both.layers[-1].get_weights()[0].shape == (6, 1)
