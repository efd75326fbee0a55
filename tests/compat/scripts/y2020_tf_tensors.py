# ruff: noqa
"""Tensors of TensorFlow as 2020 used them outside of models: values by `.numpy()`, dropout by share, names that are not there."""
import sys
import numpy as np
import tensorflow as tf

scores = tf.constant(np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], "float32"))
best = tf.argmax(scores, 1).numpy()
assert isinstance(best, np.ndarray) and best.tolist() == [1, 0], best
best[0] = 2  # memory of its own
assert tf.reduce_sum(scores).numpy() == np.float32(2.0)

x = tf.ones((100, 20))
kept = np.asarray(tf.nn.dropout(x, rate=0.25))
assert np.allclose(np.unique(kept), [0.0, 4 / 3]), np.unique(kept)
assert 0.6 < (kept > 0).mean() < 0.9
try:
    tf.nn.no_such_function
except AttributeError as error:
    assert "no_such_function" in str(error), error
else:
    raise SystemExit("a name that is not there must raise")
