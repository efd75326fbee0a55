# ruff: noqa
"""Keras 2: the scikit-learn wrappers and old module names of utils."""
import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils.np_utils import to_categorical
from keras.utils.vis_utils import plot_model
from keras.utils.training_utils import multi_gpu_model
from keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor


def build(units=3):
    m = Sequential()
    m.add(Dense(units, input_dim=4, kernel_initializer="normal", activation="relu"))
    m.add(Dense(3, activation="softmax"))
    m = multi_gpu_model(m, gpus=2)
    m.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return m


x, y = np.random.rand(12, 4), np.array(["a", "b", "c"] * 4)
estimator = KerasClassifier(build_fn=build, units=5, epochs=1, batch_size=4, verbose=0)
estimator.fit(x, y)
assert set(estimator.predict(x)) <= {"a", "b", "c"} and 0 <= estimator.score(x, y) <= 1
assert estimator.predict_proba(x).shape == (12, 3) and estimator.get_params()["units"] == 5


def regress():
    m = Sequential([Dense(1, input_dim=4)])
    m.compile(loss="mean_squared_error", optimizer="adam")
    return m


r = KerasRegressor(build_fn=regress, nb_epoch=1, verbose=0)
r.fit(x, np.arange(12.0))
assert r.predict(x).shape == (12,) and r.score(x, np.arange(12.0)) < 0
