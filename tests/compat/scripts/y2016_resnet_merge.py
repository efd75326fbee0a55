# ruff: noqa
"""Keras 1: a residual block with merge(mode='sum'), regularizers by their old names, channels by K.image_dim_ordering."""
import numpy as np
from keras import backend as K
from keras.engine import Input as TopInput
from keras.layers import merge, Input, Dense, Activation, Flatten, BatchNormalization, Convolution2D, AveragePooling2D, ZeroPadding2D, MaxPooling2D
from keras.layers.pooling import GlobalAveragePooling2D
from keras.models import Model
from keras.optimizers import SGD, Adadelta
from keras.regularizers import l2, WeightRegularizer
from keras.utils.layer_utils import convert_all_kernels_in_model
from keras.utils.visualize_util import plot
from keras.objectives import categorical_crossentropy


def identity_block(x, filters, stage, block, weight_decay=1e-4):
    bn_axis = 3 if K.image_dim_ordering() == "tf" else 1
    name = "res" + str(stage) + block
    y = Convolution2D(filters, 1, 1, name=name + "_a", bias=False, W_regularizer=l2(weight_decay))(x)
    y = BatchNormalization(axis=bn_axis, name="bn" + name, gamma_regularizer=l2(weight_decay), beta_regularizer=l2(weight_decay))(y)
    y = Activation("relu")(y)
    y = Convolution2D(filters, 3, 3, border_mode="same", init="he_normal", name=name + "_b")(y)
    return Activation("relu")(merge([y, x], mode="sum", name="add" + name))


i = Input(shape=(8, 8, 3))
x = Convolution2D(4, 3, 3, subsample=(1, 1), border_mode="same", dim_ordering="tf", b_regularizer=l2(0.01))(i)
x = identity_block(x, 4, 2, "a")
left = MaxPooling2D((3, 3), strides=(1, 1), border_mode="same")(x)
x = merge([x, left], mode="concat", concat_axis=-1)
x = GlobalAveragePooling2D()(x)
out = Dense(3, activation="softmax", W_regularizer=WeightRegularizer(l2=1e-3))(x)
model = Model(i, out)
model.compile(loss=categorical_crossentropy, optimizer=SGD(lr=0.1, decay=1e-4, momentum=0.9, nesterov=True), metrics=["accuracy", "top_k_categorical_accuracy"])
h = model.fit(np.random.rand(8, 8, 8, 3), np.eye(3)[np.arange(8) % 3], nb_epoch=1, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 1.0})
assert {"loss", "accuracy", "top_k_categorical_accuracy"} <= set(h.history), h.history
assert model.get_layer("res2a_a").get_weights()[0].shape == (1, 1, 4, 4)
