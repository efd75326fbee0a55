# ruff: noqa
"""Keras 2: ImageDataGenerator from arrays and folders."""
import os
import numpy as np
from keras.layers import Dense, GlobalAveragePooling2D, Conv2D
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img

for kind in ("cats", "dogs"):
    os.makedirs(os.path.join("images", kind))
    for i in range(4):
        array_to_img(np.random.rand(10, 10, 3) * 255).save(os.path.join("images", kind, "%d.png" % i))
gen = ImageDataGenerator(rescale=1.0 / 255, rotation_range=20, width_shift_range=0.1, shear_range=0.1, zoom_range=0.1, horizontal_flip=True, channel_shift_range=5.0, fill_mode="nearest", validation_split=0.25)
train = gen.flow_from_directory("images", target_size=(8, 8), batch_size=3, class_mode="binary", subset="training")
valid = gen.flow_from_directory("images", target_size=(8, 8), batch_size=2, class_mode="binary", subset="validation")
assert train.class_indices == {"cats": 0, "dogs": 1} and train.samples == 6
m = Sequential([Conv2D(3, 3, input_shape=(8, 8, 3)), GlobalAveragePooling2D(), Dense(1, activation="sigmoid")])
m.compile("adam", "binary_crossentropy", ["acc"])
h = m.fit_generator(train, steps_per_epoch=2, epochs=2, validation_data=valid, validation_steps=1, verbose=0)
assert sorted(h.history) == ["acc", "loss", "val_acc", "val_loss"], h.history
assert len(m.evaluate_generator(valid, steps=1)) == 2
aug = ImageDataGenerator(featurewise_center=True, zca_whitening=False)
xs = np.random.rand(6, 8, 8, 3)
aug.fit(xs)
m.fit_generator(aug.flow(xs, np.arange(6) % 2, batch_size=3), steps_per_epoch=len(xs) // 3, epochs=1, verbose=0)
assert img_to_array(load_img("images/cats/0.png", target_size=(5, 5))).shape == (5, 5, 3)
