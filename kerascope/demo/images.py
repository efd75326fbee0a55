"""The demo's images: 200 grey pictures of 25 x 25 pixels that scikit-image brings along, half of them faces of real people."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
LABELS = ["face", "no face"]
TRAINING_COUNT = 150


class Images(NamedTuple):
    """Images float32 in [0, 1], `(count, 25, 25, 1)`, and their class, `(count,)`: 0 for a face, 1 for none."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


def load(seed: int = 0) -> Images:
    """Returns the images in an order that `seed` fixes, split into 150 to train on and 50 to test on. Needs no network."""
    from skimage.data import lfw_subset

    images = np.asarray(lfw_subset(), np.float32)[..., None]
    classes = np.repeat(np.array([0, 1], np.int32), len(images) // 2)  # the first half are the faces
    order = np.random.default_rng(seed).permutation(len(images))
    x, y = images[order], classes[order]
    return Images(x[:TRAINING_COUNT], y[:TRAINING_COUNT], x[TRAINING_COUNT:], y[TRAINING_COUNT:])
