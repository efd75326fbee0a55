# ruff: noqa
"""Keras 2: CTC loss as a Lambda, a data source that is a callback, decoding with K.function."""
import numpy as np
import keras
from keras import backend as K
from keras.layers import Input, Dense, Activation, Reshape, Lambda, Conv2D, MaxPooling2D
from keras.layers.merge import add, concatenate
from keras.layers.recurrent import GRU
from keras.models import Model
from keras.optimizers import SGD

absolute_max_string_len, img_w, img_h, classes = 3, 16, 8, 6


def ctc_lambda_func(args):
    y_pred, labels, input_length, label_length = args
    y_pred = y_pred[:, 2:, :]
    return K.ctc_batch_cost(labels, y_pred, input_length, label_length)


class TextImageGenerator(keras.callbacks.Callback):
    def __init__(self, minibatch_size):
        super(TextImageGenerator, self).__init__()
        self.minibatch_size = minibatch_size
        self.epochs_seen = 0

    def get_batch(self):
        n = self.minibatch_size
        inputs = {"the_input": np.random.rand(n, img_w, img_h, 1), "the_labels": np.random.randint(0, classes - 1, (n, absolute_max_string_len)).astype("float32"), "input_length": np.ones([n, 1]) * (img_w // 2 - 2), "label_length": np.ones([n, 1]) * absolute_max_string_len}
        return (inputs, {"ctc": np.zeros([n])})

    def next_train(self):
        while 1:
            yield self.get_batch()

    def on_epoch_begin(self, epoch, logs={}):
        self.epochs_seen += 1


input_data = Input(name="the_input", shape=(img_w, img_h, 1), dtype="float32")
inner = Conv2D(2, (3, 3), padding="same", activation="relu", kernel_initializer="he_normal", name="conv1")(input_data)
inner = MaxPooling2D(pool_size=(2, 2), name="max1")(inner)
inner = Reshape(target_shape=(img_w // 2, (img_h // 2) * 2), name="reshape")(inner)
inner = Dense(4, activation="relu", name="dense1")(inner)
gru_1 = GRU(4, return_sequences=True, kernel_initializer="he_normal", name="gru1")(inner)
gru_1b = GRU(4, return_sequences=True, go_backwards=True, kernel_initializer="he_normal", name="gru1_b")(inner)
gru1_merged = add([gru_1, gru_1b])
inner = Dense(classes, kernel_initializer="he_normal", name="dense2")(concatenate([gru1_merged, inner]))
y_pred = Activation("softmax", name="softmax")(inner)
Model(inputs=input_data, outputs=y_pred).summary()
labels = Input(name="the_labels", shape=[absolute_max_string_len], dtype="float32")
input_length = Input(name="input_length", shape=[1], dtype="int64")
label_length = Input(name="label_length", shape=[1], dtype="int64")
loss_out = Lambda(ctc_lambda_func, output_shape=(1,), name="ctc")([y_pred, labels, input_length, label_length])
sgd = SGD(lr=0.02, decay=1e-6, momentum=0.9, nesterov=True, clipnorm=5)
model = Model(inputs=[input_data, labels, input_length, label_length], outputs=loss_out)
model.compile(loss={"ctc": lambda y_true, y_pred: y_pred}, optimizer=sgd)
img_gen = TextImageGenerator(4)
test_func = K.function([input_data], [y_pred])
h = model.fit_generator(generator=img_gen.next_train(), steps_per_epoch=2, epochs=2, validation_data=img_gen.next_train(), validation_steps=1, callbacks=[img_gen], initial_epoch=0, verbose=0)
assert img_gen.epochs_seen == 2 and np.isfinite(h.history["loss"]).all()
out = test_func([np.random.rand(2, img_w, img_h, 1)])[0]
assert out.shape == (2, img_w // 2, classes) and np.allclose(out.sum(-1), 1, atol=1e-4)
