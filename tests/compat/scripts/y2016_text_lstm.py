# ruff: noqa
"""Keras 1: text, tokens and a recurrent network."""
import numpy as np
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import LSTM, GRU
from keras.layers.wrappers import TimeDistributed
from keras.layers.core import Dense
from keras.models import Sequential
from keras.preprocessing import sequence
from keras.preprocessing.text import Tokenizer, text_to_word_sequence, one_hot

texts = ["the cat sat", "the dog ran far", "a cat ran"] * 4
tok = Tokenizer(nb_words=20) if False else Tokenizer(num_words=20)
tok.fit_on_texts(texts)
seqs = sequence.pad_sequences(tok.texts_to_sequences(texts), maxlen=5)
assert seqs.shape == (12, 5) and text_to_word_sequence("A b!") == ["a", "b"]
labels = np.array([0, 1, 0] * 4)
model = Sequential()
model.add(Embedding(20, 8, input_length=5, init="uniform", mask_zero=True))
model.add(LSTM(6, dropout_W=0.1, dropout_U=0.1, inner_init="orthogonal", inner_activation="hard_sigmoid", forget_bias_init="one", return_sequences=True, consume_less="gpu"))
model.add(TimeDistributed(Dense(output_dim=4)))
model.add(GRU(output_dim=3, init="glorot_uniform", unroll=False))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(seqs, labels, batch_size=4, nb_epoch=1, verbose=0)
assert 0 <= model.evaluate(seqs, labels, verbose=0)[1] <= 1
