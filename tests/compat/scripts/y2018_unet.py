# ruff: noqa
"""Keras 2: segmentation with dice coefficient, two generators zipped with one seed, flow_from_directory for masks."""
import os
import numpy as np
from keras.models import *
from keras.layers import *
from keras.optimizers import *
from keras.callbacks import ModelCheckpoint, LearningRateScheduler
from keras import backend as keras
from keras.preprocessing.image import ImageDataGenerator, array_to_img

for sub in ("image", "label"):
    os.makedirs("data/" + sub)
    for i in range(4):
        array_to_img(np.random.rand(16, 16, 1 if sub == "label" else 3) * 255).save("data/%s/%d.png" % (sub, i))
smooth = 1.0


def dice_coef(y_true, y_pred):
    y_true_f, y_pred_f = keras.flatten(y_true), keras.flatten(y_pred)
    intersection = keras.sum(y_true_f * y_pred_f)
    return (2.0 * intersection + smooth) / (keras.sum(y_true_f) + keras.sum(y_pred_f) + smooth)


def dice_coef_loss(y_true, y_pred):
    return -dice_coef(y_true, y_pred)


inputs = Input((16, 16, 1))
conv1 = Conv2D(2, 3, activation="relu", padding="same", kernel_initializer="he_normal")(inputs)
pool1 = MaxPooling2D(pool_size=(2, 2))(conv1)
conv2 = Conv2D(4, 3, activation="relu", padding="same")(pool1)
drop2 = Dropout(0.5)(conv2)
up = Conv2D(2, 2, activation="relu", padding="same")(UpSampling2D(size=(2, 2))(drop2))
merge3 = concatenate([conv1, up], axis=3)
up2 = Conv2DTranspose(2, (2, 2), strides=(2, 2), padding="same")(conv2)
out = Conv2D(1, 1, activation="sigmoid")(concatenate([merge3, up2], axis=3))
model = Model(input=inputs, output=out)
model.compile(optimizer=Adam(lr=1e-4), loss=dice_coef_loss, metrics=["accuracy", dice_coef])


def train_generator(batch_size, path, aug, seed=1):
    image_datagen, mask_datagen = ImageDataGenerator(**aug), ImageDataGenerator(**aug)
    image = image_datagen.flow_from_directory(path, classes=["image"], class_mode=None, color_mode="grayscale", target_size=(16, 16), batch_size=batch_size, save_to_dir=None, seed=seed)
    mask = mask_datagen.flow_from_directory(path, classes=["label"], class_mode=None, color_mode="grayscale", target_size=(16, 16), batch_size=batch_size, seed=seed)
    for (img, m) in zip(image, mask):
        yield (img / 255, (m > 127).astype("float32"))


gen = train_generator(2, "data", dict(rotation_range=0.2, width_shift_range=0.05, height_shift_range=0.05, shear_range=0.05, zoom_range=0.05, horizontal_flip=True, fill_mode="nearest"))
checkpoint = ModelCheckpoint("unet.hdf5", monitor="loss", verbose=0, save_best_only=True)
h = model.fit_generator(gen, steps_per_epoch=2, epochs=1, callbacks=[checkpoint], verbose=0)
assert "dice_coef" in h.history
results = model.predict_generator((np.zeros((1, 16, 16, 1)) for _ in range(3)), 3, verbose=0)
assert results.shape == (3, 16, 16, 1)
again = load_model("unet.hdf5", custom_objects={"dice_coef_loss": dice_coef_loss, "dice_coef": dice_coef})
assert again.count_params() == model.count_params()
