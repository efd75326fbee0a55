# ruff: noqa
"""wandb 0.8: every argument of the callback that scripts gave, resumed best, saved files, a summary by attribute."""
import os
import numpy as np
import wandb
from wandb.keras import WandbCallback
from keras.layers import Conv2D, Dense, Flatten, Reshape
from keras.models import Sequential, load_model
from keras.preprocessing.image import ImageDataGenerator

os.environ["WANDB_MODE"] = "dryrun"
wandb.init(project="signs", entity="team", notes="first", tags=["a", "b"], group="g", job_type="train", name="signs-1", allow_val_change=True, anonymous="allow", config=dict(epochs=2, batch_size=6, lr=0.1))
config = wandb.config
signs = ["A", "B", "C"]
x = np.random.rand(18, 8, 8, 1)
y = np.eye(3)[np.arange(18) % 3]
model = Sequential([Conv2D(2, (3, 3), input_shape=(8, 8, 1), activation="relu"), Flatten(), Dense(3, activation="softmax")])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
datagen = ImageDataGenerator(width_shift_range=0.2)
cb = WandbCallback(monitor="val_accuracy", verbose=1, mode="max", save_weights_only=False, log_weights=True, log_gradients=True, save_model=True, training_data=(x, y), validation_data=(x, y), labels=signs, data_type="image", predictions=4, generator=None, log_evaluation=True, log_batch_frequency=2, log_best_prefix="top_", save_graph=True)
model.fit_generator(datagen.flow(x, y, batch_size=config.batch_size), steps_per_epoch=len(x) // config.batch_size, epochs=config.epochs, validation_data=(x, y), callbacks=[cb], verbose=0)
summary = wandb.run.summary
assert "top_val_accuracy" in summary.keys() and summary["top_epoch"] in (0, 1)
best = os.path.join(wandb.run.dir, "model-best.h5")
assert os.path.exists(best)
assert load_model(best).predict(x).shape == (18, 3)
restored = wandb.restore("model-best.h5")
assert load_model(restored.name).count_params() == model.count_params()
with open(os.path.join(wandb.run.dir, "notes.txt"), "w") as f:
    f.write("kept")
assert wandb.save("*.nothing") == [] or True
wandb.save(os.path.join(wandb.run.dir, "notes.txt"))
wandb.run.summary.update({"nested": {"a": 1}, "array": [1, 2]})
wandb.run.summary["custom"] = np.float32(0.5)
wandb.log({"epoch": 7, "images": [wandb.Image(im, caption=signs[i % 3]) for i, im in enumerate(x[:3])], "nested": {"deep": 1.5}})
wandb.log({"part": 1}, commit=False)
wandb.log({"other": 2}, step=50)
assert wandb.run.step == 50
wandb.run.save()
assert wandb.run.get_url() is None or isinstance(wandb.run.get_url(), str)
print(wandb.run.id, wandb.run.name, wandb.run.dir, wandb.run.project_name() if callable(getattr(wandb.run, "project_name", None)) else "")
