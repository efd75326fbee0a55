# ruff: noqa
"""wandb 0.10: masks by hand and by the callback, from what fit validates on; the summary read right after fit."""
import numpy as np
import wandb
from tensorflow.keras import backend as K
from tensorflow.keras.callbacks import LambdaCallback
from tensorflow.keras.layers import *
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from wandb.keras import WandbCallback

segmentation_classes = ["road", "tree", "sky"]


def iou(y_true, y_pred):
    inter = K.sum(K.abs(y_true * y_pred), axis=-1)
    return K.mean(inter / (K.sum(y_true, -1) + K.sum(y_pred, -1) - inter + K.epsilon()))


def labels():
    return {i: label for i, label in enumerate(segmentation_classes)}


def wandb_mask(bg_img, pred_mask, true_mask):
    return wandb.Image(bg_img, masks={"prediction": {"mask_data": pred_mask, "class_labels": labels()}, "ground truth": {"mask_data": true_mask, "class_labels": labels()}})


wandb.init(project="seg", config=dict(epochs=1, batch=4, lr=1e-3, activation="relu"))
c = wandb.config
x = np.random.rand(6, 8, 8, 3)
y = np.eye(3)[np.random.randint(0, 3, (6, 8, 8))]
i = Input((8, 8, 3))
h = concatenate([Conv2D(2, 3, padding="same", activation=c.activation)(i), UpSampling2D()(MaxPooling2D()(i))])
m = Model(i, Conv2D(len(segmentation_classes), 1, activation="softmax")(h))
m.compile(Adam(lr=c.lr), "categorical_crossentropy", [iou])


def log_masks(epoch, logs):
    p = np.argmax(m.predict(x[:2]), -1)
    wandb.log({"masks": [wandb_mask(x[k], p[k], np.argmax(y[k], -1)) for k in range(2)]}, commit=False)


m.fit(x, y, epochs=c.epochs, batch_size=c.batch, validation_data=(x, y), verbose=0, callbacks=[LambdaCallback(on_epoch_end=log_masks), WandbCallback(input_type="image", output_type="segmentation_mask", predictions=3, log_evaluation=True, save_model=False)])
summary = wandb.run.summary
assert summary["examples"]["count"] == 9, summary["examples"]
assert summary["masks"]["count"] == 2
assert "validation_predictions" in summary.keys(), list(summary.keys())
