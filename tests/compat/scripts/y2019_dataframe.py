# ruff: noqa
"""Keras 2: pictures named in a table."""
import os
import numpy as np
import pandas as pd
from keras.preprocessing.image import ImageDataGenerator
from PIL import Image

os.makedirs("photos")
rng = np.random.RandomState(0)
for n in range(10):
    Image.fromarray(rng.randint(0, 255, (6, 6, 3)).astype("uint8")).save("photos/%d.png" % n)
frame = pd.DataFrame({
    "id": ["%d.png" % n for n in range(10)],
    "label": ["cat", "dog"] * 5,
    "x": np.arange(10.0),
    "y": np.arange(10.0) * 2,
})
gen = ImageDataGenerator(rescale=1.0 / 255, validation_split=0.2)
settings = dict(dataframe=frame, directory="photos", x_col="id", target_size=(4, 4), batch_size=4, seed=1)
shapes = {"categorical": (4, 2), "binary": (4,), "sparse": (4,), "raw": (4,)}
for mode, shape in shapes.items():
    flow = gen.flow_from_dataframe(y_col="x" if mode == "raw" else "label", class_mode=mode, subset="training", **settings)
    pictures, targets = next(flow)
    assert flow.n == 8 and pictures.shape == (4, 4, 4, 3) and pictures.max() <= 1.0
    assert np.shape(targets) == shape, (mode, np.shape(targets))
flow = gen.flow_from_dataframe(y_col=["x", "y"], class_mode="multi_output", subset="validation", shuffle=False, **settings)
pictures, (first, second) = next(flow)
assert len(pictures) == 2 and np.allclose(second, 2 * np.asarray(first))
flow = gen.flow_from_dataframe(y_col=["x", "y"], class_mode="raw", **settings)
assert next(flow)[1].shape == (4, 2)
flow = gen.flow_from_dataframe(y_col=None, class_mode=None, shuffle=False, **settings)
assert next(flow).shape == (4, 4, 4, 3) and flow.filenames[:2] == ["0.png", "1.png"]
flow = gen.flow_from_dataframe(y_col="label", class_mode="input", **settings)
a, b = next(flow)
assert np.array_equal(a, b)
assert gen.flow_from_dataframe(y_col="label", **settings).class_indices == {"cat": 0, "dog": 1}
