# ruff: noqa
"""Keras 1: fit_generator counted in samples, ImageDataGenerator with the names of its time, np_utils and callbacks."""
import numpy as np
from keras.callbacks import Callback, ModelCheckpoint, EarlyStopping, CSVLogger, History, BaseLogger, ProgbarLogger
from keras.layers import Dense, Flatten, Activation, Dropout
from keras.layers.convolutional import Convolution2D
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils, generic_utils

X_train = np.random.randint(0, 255, (20, 8, 8, 3)).astype("float32")
y_train = np.arange(20).reshape(-1, 1) % 2
Y_train = np_utils.to_categorical(y_train, 2)
X_train /= 255
datagen = ImageDataGenerator(featurewise_center=False, samplewise_center=False, featurewise_std_normalization=False, samplewise_std_normalization=False, zca_whitening=False, rotation_range=0, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True, vertical_flip=False)
datagen.fit(X_train)
model = Sequential()
model.add(Convolution2D(4, 3, 3, border_mode="same", input_shape=X_train.shape[1:]))
model.add(Activation("relu"))
model.add(Flatten())
model.add(Dense(2))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))


history = LossHistory()
fit = model.fit_generator(datagen.flow(X_train, Y_train, batch_size=5), samples_per_epoch=X_train.shape[0], nb_epoch=2, validation_data=(X_train, Y_train), callbacks=[history, CSVLogger("log.csv"), ModelCheckpoint("best.hdf5", monitor="val_loss", verbose=0, save_best_only=True)], verbose=0, nb_worker=1, pickle_safe=False)
assert len(history.losses) == 8 and len(fit.history["val_loss"]) == 2


def batches():
    while 1:
        for i in range(0, 20, 10):
            yield (X_train[i : i + 10], Y_train[i : i + 10])


model.fit_generator(batches(), 20, 1, verbose=0)
fit = model.fit_generator(batches(), samples_per_epoch=20, nb_epoch=1, verbose=0, validation_data=batches(), nb_val_samples=20, max_q_size=10)
score = model.evaluate_generator(batches(), val_samples=20)
assert len(score) == 2 and model.predict_generator(batches(), val_samples=20).shape == (20, 2)
bar = generic_utils.Progbar(10)
bar.add(5, values=[("train loss", 1.0)])
print(model.to_json()[:20], model.count_params())
import os
assert os.path.exists("best.hdf5") and open("log.csv").readline().startswith("epoch")
