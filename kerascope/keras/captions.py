"""Class names of rows: from class numbers, probabilities or score vectors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def label_captions(values: Array, labels: Sequence[str]) -> list[str]:
    """Returns one caption per row.

    Args:
        values: (rows, classes) scores, or (rows,) or (rows, 1): class numbers if integers, else the probability of the second class.
        labels: class names by class number; a class without a name is called by its number.
    """
    if values.ndim == 1 or values.shape[-1] == 1:
        return [_scalar_caption(value, labels) for value in values.reshape(len(values), -1)[:, 0]]
    numbers = values.reshape(len(values), -1, values.shape[-1])[:, 0].argmax(-1)
    return [class_name(int(number), labels) for number in numbers]


def fits_binary_labels(values: Array, labels: Sequence[str]) -> bool:
    """Says whether one probability per row can be named: by two labels, or by none at all."""
    is_probability = (values.ndim == 1 or values.shape[-1] == 1) and values.dtype.kind == "f"
    return not is_probability or len(labels) in (0, 2)


def class_name(number: int, labels: Sequence[str]) -> str:
    """Returns the name of a class, its number if it has none."""
    return labels[number] if 0 <= number < len(labels) else str(number)


def _scalar_caption(value: Any, labels: Sequence[str]) -> str:
    if np.issubdtype(type(value), np.integer):
        return class_name(int(value), labels)
    if len(labels) == 2:
        return labels[1] if value > 0.5 else labels[0]
    return f"{float(value):.4g}"
