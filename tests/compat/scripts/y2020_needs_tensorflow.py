# ruff: noqa
"""TensorFlow 2: a training loop of its own with tf.GradientTape and tf.data; needs TensorFlow itself."""
import numpy as np
import tensorflow as tf
import wandb

wandb.init(project="loops", config={"lr": 0.1})
data = tf.data.Dataset.from_tensor_slices((np.random.rand(12, 3).astype("float32"), np.random.rand(12, 1).astype("float32"))).shuffle(12).batch(4)
model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(lr=wandb.config.lr)
loss_fn = tf.keras.losses.MeanSquaredError()
metric = tf.keras.metrics.Mean()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    metric.update_state(loss)
    return loss


for epoch in range(2):
    for x, y in data:
        train_step(x, y)
    wandb.log({"loss": metric.result(), "epoch": epoch})
    metric.reset_states()
assert float(wandb.run.summary["loss"]) > 0
model.compile(optimizer=tf.keras.optimizers.Adam(lr=0.01), loss="mse", metrics=[tf.keras.metrics.MeanAbsoluteError()])
h = model.fit(data, epochs=1, verbose=0, callbacks=[wandb.keras.WandbCallback(save_model=False)])
assert "loss" in h.history
