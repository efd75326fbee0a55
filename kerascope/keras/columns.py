"""Which extra columns fit a slot (an input, target or output) of an evaluation table, judged by the first row's value.

| value | condition | columns |
|---|---|---|
| scalar or (1,) | labels given: class number, or with two labels a probability | `class`, for outputs also `score` |
| (1,) | else, a whole number | `val` |
| (k,) | as many labels as values | `max_class`, and `score` by label unless one-hot |
| (k,) | else | `node` if k <= 10; `argmax` and `argmin` unless one-hot |
| (h, w) or (h, w, k) of targets and outputs | the input is a picture of the same size, and there are labels or k classes | `image` with masks |
| (h, w), (h, w, 1, 3 or 4) | else | `image` |
| (t, h, w, c) | | `video` |

Pure but for making media values. Labels are never applied to inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerascope.keras.captions import class_name
from kerascope.keras.masks import class_numbers, mask_pixels
from kerascope.media.image import Image
from kerascope.media.table import Table

Array = np.ndarray[Any, Any]
_MAX_NODES = 10


@dataclass(frozen=True)
class Column:
    """A computed column: its name after the slot's, and what it makes of (value, input of the row)."""

    name: str
    make: Callable[[Array, Array | None], Any]


class ClassNames:
    """Class names, and the table that cells link to."""

    def __init__(self, labels: Sequence[str], colors: Array | None = None) -> None:
        self.labels = list(labels)
        self.colors = colors
        self._table = Table(columns=["label"], data=[[label] for label in self.labels]) if self.labels else None

    def cell(self, number: int) -> Any:
        """Returns a link to the row of class `number`, the number itself if there is none."""
        if self._table is None or not 0 <= number < len(self.labels):
            return number
        return self._table.index_ref(number)

    def by_number(self, count: int) -> dict[int, str]:
        """Returns names for classes 0 to `count` - 1, as masks need them."""
        return {n: class_name(n, self.labels) if self.labels else f"class_{n}" for n in range(count)}


def infer_columns(first: Array, classes: ClassNames | None, picture: Array | None, is_output: bool) -> list[Column]:
    """Returns the columns that fit a slot.

    Args:
        first: the slot's value in row 0.
        classes: class names; None for inputs.
        picture: the input of row 0, if the model has one input.
        is_output: whether the slot is predicted.
    """
    if first.dtype.kind not in "biuf":
        return []
    if first.ndim == 0 or first.shape == (1,):
        return _scalar_columns(first, classes, is_output)
    if first.ndim == 1:
        return _vector_columns(first, classes)
    if first.ndim in (2, 3):
        return _picture_columns(first, classes, picture)
    return _video_columns(first)


def _scalar_columns(first: Array, classes: ClassNames | None, is_output: bool) -> list[Column]:
    value = float(first.reshape(-1)[0])
    if classes is not None and classes.labels:
        is_number = first.dtype.kind in "biu" or (not is_output and value == round(value))
        if is_number:
            return [Column("class", lambda v, _: classes.cell(int(v.reshape(-1)[0])))]
        if len(classes.labels) == 2:
            return [
                Column("class", lambda v, _: classes.cell(int(v.reshape(-1)[0] > 0.5))),
                Column("score", lambda v, _: _binary_score(float(v.reshape(-1)[0]), classes.labels)),
            ]
    if first.shape == (1,):
        return [Column("val", lambda v, _: v[0].item())] if first.dtype.kind in "biu" else _vector_columns(first, None)
    return []


def _binary_score(probability: float, labels: Sequence[str]) -> dict[str, float]:
    return {labels[0]: 1.0 - probability, labels[1]: probability}


def _vector_columns(first: Array, classes: ClassNames | None) -> list[Column]:
    is_one_hot = set(np.unique(first).tolist()) == {0, 1}
    if classes is not None and len(classes.labels) == len(first):
        columns = [Column("max_class", lambda v, _: classes.cell(int(v.argmax())))]
        score = Column("score", lambda v, _: dict(zip(classes.labels, v.tolist(), strict=True)))
        return columns if is_one_hot else [*columns, score]
    columns = [Column("node", lambda v, _: v.tolist())] if len(first) <= _MAX_NODES else []
    columns.append(Column("argmax", lambda v, _: int(v.argmax())))
    return columns if is_one_hot else [*columns, Column("argmin", lambda v, _: int(v.argmin()))]


def _picture_columns(first: Array, classes: ClassNames | None, picture: Array | None) -> list[Column]:
    channels = first.shape[2] if first.ndim == 3 else 1
    fits = picture is not None and picture.ndim in (2, 3) and picture.shape[:2] == first.shape[:2]
    if classes is not None and (channels not in (1, 3, 4) or (classes.labels and channels in (1, len(classes.labels)))):
        return [Column("image", lambda v, x: _masked(v, x if fits else None, classes))]
    return [Column("image", lambda v, _: Image(v))] if channels in (1, 3, 4) else []


def _masked(mask: Array, picture: Array | None, classes: ClassNames) -> Image:
    numbers = class_numbers(mask)
    count = max(2, len(classes.labels), int(numbers.max(initial=0)) + 1)
    if picture is None or (picture.ndim == 3 and picture.shape[2] not in (1, 3, 4)):
        picture = mask_pixels(numbers, count, classes.colors)
    return Image(picture, masks={"masks": {"mask_data": numbers, "class_labels": classes.by_number(count)}})


def _video_columns(first: Array) -> list[Column]:
    if first.ndim != 4 or first.shape[-1] not in (1, 3):
        return []
    from kerascope.media.video import Video

    return [Column("video", lambda v, _: Video(np.moveaxis(v, -1, 1)))]
