# ruff: noqa
"""Keras 1: graphs with merge, generators that count samples."""
import numpy as np
from keras.engine.topology import merge
from keras.layers import Dense, Input, Lambda
from keras.models import Model
import keras.backend as K

a, b = Input(shape=(4,)), Input(shape=(4,))
joined = merge([Dense(3)(a), Dense(3)(b)], mode="concat", concat_axis=1)
added = merge([joined, joined], mode="sum")
scaled = Lambda(lambda t: K.l2_normalize(t, axis=-1), output_shape=(6,))(added)
model = Model(input=[a, b], output=Dense(1)(scaled))
model.compile(optimizer="sgd", loss="mse")


def batches():
    while True:
        yield [np.ones((5, 4)), np.zeros((5, 4))], np.ones((5, 1))


seen = model.fit_generator(batches(), samples_per_epoch=20, nb_epoch=2, verbose=0, validation_data=batches(), nb_val_samples=10, max_q_size=2, nb_worker=1, pickle_safe=False)
assert len(seen.history["val_loss"]) == 2
assert model.evaluate_generator(batches(), val_samples=10) >= 0
assert model.predict_generator(batches(), val_samples=10).shape == (10, 1)
