# ruff: noqa
"""Keras 1: word vectors from a text file into a frozen Embedding, Conv1D over them."""
from __future__ import print_function
import os
import numpy as np
np.random.seed(1337)
from keras.preprocessing.text import Tokenizer
from keras.preprocessing.sequence import pad_sequences
from keras.utils.np_utils import to_categorical
from keras.layers import Dense, Input, Flatten
from keras.layers import Conv1D, MaxPooling1D, Embedding, Convolution1D, GlobalMaxPooling1D
from keras.models import Model

MAX_SEQUENCE_LENGTH, MAX_NB_WORDS, EMBEDDING_DIM, VALIDATION_SPLIT = 12, 50, 4, 0.2
with open("glove.txt", "w") as f:
    for word in "good bad film plot actor the a".split():
        f.write(word + " " + " ".join("%.3f" % v for v in np.random.rand(EMBEDDING_DIM)) + "\n")
embeddings_index = {}
f = open(os.path.join(".", "glove.txt"))
for line in f:
    values = line.split()
    embeddings_index[values[0]] = np.asarray(values[1:], dtype="float32")
f.close()
texts = ["the film is good", "a bad plot", "good actor", "the plot is bad bad"] * 5
labels = [1, 0, 1, 0] * 5
tokenizer = Tokenizer(nb_words=MAX_NB_WORDS)
tokenizer.fit_on_texts(texts)
sequences = tokenizer.texts_to_sequences(texts)
word_index = tokenizer.word_index
data = pad_sequences(sequences, maxlen=MAX_SEQUENCE_LENGTH)
labels = to_categorical(np.asarray(labels))
indices = np.arange(data.shape[0])
np.random.shuffle(indices)
data, labels = data[indices], labels[indices]
nb_validation_samples = int(VALIDATION_SPLIT * data.shape[0])
x_train, y_train = data[:-nb_validation_samples], labels[:-nb_validation_samples]
x_val, y_val = data[-nb_validation_samples:], labels[-nb_validation_samples:]
nb_words = min(MAX_NB_WORDS, len(word_index))
embedding_matrix = np.zeros((nb_words + 1, EMBEDDING_DIM))
for word, i in word_index.items():
    vector = embeddings_index.get(word)
    if i <= MAX_NB_WORDS and vector is not None:
        embedding_matrix[i] = vector
embedding_layer = Embedding(nb_words + 1, EMBEDDING_DIM, weights=[embedding_matrix], input_length=MAX_SEQUENCE_LENGTH, trainable=False)
sequence_input = Input(shape=(MAX_SEQUENCE_LENGTH,), dtype="int32")
embedded = embedding_layer(sequence_input)
x = Convolution1D(nb_filter=8, filter_length=3, border_mode="valid", activation="relu", subsample_length=1)(embedded)
x = MaxPooling1D(pool_length=2)(x)
x = Conv1D(6, 2, activation="relu")(x)
x = GlobalMaxPooling1D()(x)
preds = Dense(2, activation="softmax")(x)
model = Model(sequence_input, preds)
model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["acc"])
h = model.fit(x_train, y_train, validation_data=(x_val, y_val), nb_epoch=2, batch_size=8, verbose=0)
assert np.allclose(embedding_layer.get_weights()[0], embedding_matrix, atol=1e-6)
assert "val_acc" in h.history and h.history["acc"]
