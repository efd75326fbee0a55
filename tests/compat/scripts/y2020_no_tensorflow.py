# ruff: noqa
"""`import tensorflow as tf` for tf.keras and a few plain names; the rest says that TensorFlow is missing."""
import sys
import numpy as np
import tensorflow as tf

tf.random.set_seed(3)
print("TensorFlow", tf.__version__, len(tf.config.list_physical_devices("GPU")))
model = tf.keras.models.Sequential([tf.keras.layers.Dense(3, input_shape=(2,)), tf.keras.layers.Softmax()])
model.compile(tf.keras.optimizers.Adam(lr=0.01), "sparse_categorical_crossentropy", metrics=["acc"])
h = model.fit(np.random.rand(9, 2), np.arange(9) % 3, epochs=1, verbose=0)
assert "acc" in h.history
total = tf.reduce_sum(tf.constant([1.0, 2.0]))
assert float(total) == 3.0
assert float(tf.reduce_mean(np.array([1.0, 3.0]), axis=0)) == 2.0
if "tensorflow.python.framework" not in sys.modules:
    try:
        getattr(tf, "data")
    except AttributeError as error:
        assert "not installed" in str(error)
    else:
        raise SystemExit("tf.data should say that TensorFlow is missing")
