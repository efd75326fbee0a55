# ruff: noqa
"""tf.keras 2: a subclassed model, schedules, callbacks, a loop of train_on_batch."""
import numpy as np
from tensorflow.keras import Model, Input, callbacks, layers, losses, metrics, optimizers, regularizers
from tensorflow.keras.layers.experimental import preprocessing
from tensorflow.keras.optimizers.schedules import ExponentialDecay


class Net(Model):
    def __init__(self):
        super().__init__()
        self.one = layers.Dense(4, activation="relu", kernel_regularizer=regularizers.l2(1e-4))
        self.norm = layers.BatchNormalization(momentum=0.9)
        self.two = layers.Dense(1)

    def call(self, inputs, training=False):
        return self.two(self.norm(self.one(inputs), training=training))


net = Net()
net.compile(optimizer=optimizers.SGD(ExponentialDecay(0.1, 10, 0.9)), loss=losses.MeanSquaredError(), metrics=[metrics.MeanAbsoluteError(name="mae")])
x, y = np.random.rand(12, 3).astype("float32"), np.random.rand(12, 1).astype("float32")
h = net.fit(x, y, batch_size=4, epochs=2, verbose=0, validation_split=0.25, callbacks=[callbacks.EarlyStopping(patience=1, restore_best_weights=True)])
assert {"loss", "mae", "val_loss", "val_mae"} == set(h.history)
assert len(net.train_on_batch(x, y)) == 2
assert isinstance(net, Net)
norm = preprocessing.Normalization()
norm.adapt(x)
rescale = preprocessing.Rescaling(1.0 / 255)
a = Input((3,))
m = Model(a, layers.Dense(2)(norm(a)))
assert m.predict(x).shape == (12, 2)
down = layers.Conv2D(4, 3, 2, padding="same")(Input((8, 8, 3)))
assert down.shape == (None, 4, 4, 4), down.shape
