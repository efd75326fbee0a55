# ruff: noqa
"""Keras 2: an attention layer as they were passed around, masks, bidirectional encoders, time distributed models."""
import numpy as np
from keras import backend as K
from keras import initializers, regularizers, constraints
from keras.engine.topology import Layer
from keras.layers import Input, Embedding, Bidirectional, LSTM, GRU, Dense, TimeDistributed, Dropout, SpatialDropout1D, CuDNNGRU, Masking, Multiply, Permute, RepeatVector, Flatten, Activation, dot, concatenate
from keras.models import Model


def dot_product(x, kernel):
    return K.squeeze(K.dot(x, K.expand_dims(kernel)), axis=-1)


class Attention(Layer):
    def __init__(self, W_regularizer=None, b_regularizer=None, W_constraint=None, bias=True, **kwargs):
        self.supports_masking = True
        self.init = initializers.get("glorot_uniform")
        self.W_regularizer = regularizers.get(W_regularizer)
        self.b_regularizer = regularizers.get(b_regularizer)
        self.W_constraint = constraints.get(W_constraint)
        self.bias = bias
        super(Attention, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight((input_shape[-1],), initializer=self.init, name="{}_W".format(self.name), regularizer=self.W_regularizer, constraint=self.W_constraint)
        if self.bias:
            self.b = self.add_weight((input_shape[1],), initializer="zero", name="{}_b".format(self.name), regularizer=self.b_regularizer)
        self.built = True

    def compute_mask(self, input, input_mask=None):
        return None

    def call(self, x, mask=None):
        eij = dot_product(x, self.W)
        if self.bias:
            eij += self.b
        a = K.exp(K.tanh(eij))
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        return K.sum(x * K.expand_dims(a), axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[-1]


words = Input(shape=(4,), dtype="int32")
x = Embedding(12, 5, input_length=4, mask_zero=True)(words)
x = Bidirectional(LSTM(3, return_sequences=True, dropout=0.1))(x)
sentence = Attention(name="words")(x)
encoder = Model(words, sentence)
review = Input(shape=(3, 4), dtype="int32")
y = TimeDistributed(encoder)(review)
y = Bidirectional(CuDNNGRU(3, return_sequences=True))(y)
y = SpatialDropout1D(0.2)(y)
score = Flatten()(Dense(1, activation="tanh")(y))
score = Permute([2, 1])(RepeatVector(6)(Activation("softmax")(score)))
y = Multiply()([y, score])
y = Attention()(y)
model = Model(review, Dense(2, activation="softmax")(y))
model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["acc"])
data = np.random.randint(0, 12, (6, 3, 4))
h = model.fit(data, np.eye(2)[[0, 1] * 3], epochs=1, batch_size=3, verbose=0)
assert set(h.history) == {"loss", "acc"}
