# ruff: noqa
"""Keras 2: an application without its top, layers frozen, bottleneck features, two phases of training, old HDF5 names."""
import numpy as np
from keras import applications, optimizers
from keras.applications.mobilenet import MobileNet, preprocess_input
from keras.applications.imagenet_utils import decode_predictions
from keras.applications.vgg16 import VGG16
from keras.layers import Dense, GlobalAveragePooling2D, Dropout, Flatten
from keras.models import Model, Sequential
from keras.preprocessing import image

base_model = MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.25, depth_multiplier=1)
x = GlobalAveragePooling2D()(base_model.output)
x = Dense(4, activation="relu")(x)
predictions = Dense(2, activation="softmax")(x)
model = Model(inputs=base_model.input, outputs=predictions)
for layer in base_model.layers:
    layer.trainable = False
model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
frozen = base_model.get_weights()[0].copy()
data, labels = np.random.rand(4, 32, 32, 3), np.eye(2)[[0, 1, 0, 1]]
model.fit(preprocess_input(data * 255), labels, epochs=1, verbose=0)
assert np.allclose(frozen, base_model.get_weights()[0])
for layer in model.layers[-2:]:
    layer.trainable = True
model.compile(optimizer=optimizers.SGD(lr=0.0001, momentum=0.9), loss="categorical_crossentropy", metrics=["accuracy"])
assert len(model.trainable_weights) == 4
img = image.array_to_img(data[0])
arr = np.expand_dims(image.img_to_array(img), axis=0)
assert model.predict(preprocess_input(arr)).shape == (1, 2)
features = base_model.predict(data, verbose=0)
np.save(open("bottleneck.npy", "wb"), features)
top = Sequential()
top.add(Flatten(input_shape=features.shape[1:]))
top.add(Dense(1, activation="sigmoid"))
top.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
top.fit(np.load(open("bottleneck.npy", "rb")), np.array([0, 1, 0, 1]), epochs=1, verbose=0)
top.save_weights("bottleneck_fc_model.h5")
feature_extractor = Model(input=base_model.input, output=base_model.get_layer("conv_pw_1_relu").output)
assert feature_extractor.predict(data[:1]).shape[-1] == 16
