"""Histograms of many arrays at once, counted on the device: only counts and ranges travel to the host.

One file per backend holds the same function, `count_all(arrays, num_bins)`, compiled once for a list of shapes. It returns
`counts`, int (arrays, num_bins + 3): the bins, then how many values are NaN, +inf and -inf; and `ranges`, float (arrays, 2): lowest and
highest finite value. An array without finite values has the range (0, 1), a constant one its value -0.5 to +0.5.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kerascope.media.histogram import Histogram

NUM_BINS = 64
_NUMERIC = ("float", "bfloat", "int", "uint", "bool")


def is_numeric(array: Any) -> bool:
    """Says whether a histogram of `array` makes sense: its dtype is a number."""
    return str(keras.backend.standardize_dtype(array.dtype)).startswith(_NUMERIC)


def histograms(arrays: Mapping[str, Any]) -> dict[str, Histogram]:
    """Returns one histogram of 64 bins per key.

    Args:
        arrays: backend arrays by key, of any numeric dtype and shape; they are read, not changed.
    """
    if not arrays:
        return {}
    counter = importlib.import_module(f"{__name__}.{keras.backend.backend()}")
    counts, ranges = counter.count_all(list(arrays.values()), NUM_BINS)
    return {key: _histogram(counts[i], ranges[i]) for i, key in enumerate(arrays)}


def _histogram(counts: np.ndarray[Any, Any], span: np.ndarray[Any, Any]) -> Histogram:
    nan, positive, negative = (int(n) for n in counts[NUM_BINS:])
    edges = np.linspace(float(span[0]), float(span[1]), NUM_BINS + 1)
    nonfinite = {"nan": nan, "posinf": positive, "neginf": negative}
    return Histogram(np_histogram=(counts[:NUM_BINS], edges), nonfinite=nonfinite)
