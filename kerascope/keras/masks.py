"""Segmentation masks as class numbers and as colours. Pure."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def class_count(mask: Array) -> int:
    """Returns how many channels, and so classes, a mask (height, width[, classes]) distinguishes; 1 if it has no class axis."""
    return mask.shape[-1] if mask.ndim == 3 else 1


def class_numbers(mask: Array) -> Array:
    """Returns the class of each pixel, uint8 (height, width).

    Scores (height, width, classes) give the highest class; one channel of whole numbers is taken as it is; probabilities give 1 above 0.5.
    """
    if class_count(mask) > 1:
        return np.asarray(mask.argmax(-1), dtype=np.uint8)
    flat = mask.reshape(mask.shape[:2])
    if flat.dtype.kind in "iub" or (flat.max(initial=0) > 1 and (flat == np.round(flat)).all()):
        return np.clip(flat, 0, 255).astype(np.uint8)
    return (flat > 0.5).astype(np.uint8)


def palette(count: int, colors: Array | None = None) -> Array:
    """Returns one colour per class, uint8 (count, 3): `colors` (in [0, 1]) as far as they go, then black and hues evenly apart."""
    hues = [(k - 1) / max(count - 1, 1) for k in range(count)]
    table = np.array([(0, 0, 0) if k == 0 else colorsys.hsv_to_rgb(hues[k], 1, 1) for k in range(count)])
    if colors is not None:
        known = min(count, len(colors))
        table[:known] = colors[:known]
    return np.round(table * 255).astype(np.uint8)


def mask_pixels(mask: Array, count: int, colors: Array | None = None) -> Array:
    """Returns a mask as picture: coloured by class if there are several classes, else grey.

    Args:
        mask: (height, width) or (height, width, 1 or classes).
        count: how many classes the model tells apart, so that a sparse reference is coloured like a prediction.
    """
    if count > 1:
        numbers = class_numbers(mask)
        return palette(max(count, int(numbers.max(initial=0)) + 1), colors)[numbers]
    grey = mask.reshape(mask.shape[:2])
    return to_bytes(grey, grey)


def to_bytes(pixels: Array, scale_of: Array) -> Array:
    """Returns `pixels` as uint8 on the scale that fits `scale_of`: [0, 1], [-1, 1] or [0, 255]; what lies outside is clipped."""
    if pixels.dtype == np.uint8 and scale_of.dtype == np.uint8:
        return pixels
    low, high = float(np.nanmin(scale_of, initial=0)), float(np.nanmax(scale_of, initial=0))
    values = np.nan_to_num(pixels.astype(np.float32))
    if low >= 0 and high <= 1:
        values = values * 255
    elif low >= -1 and high <= 1:
        values = (values + 1) * 127.5
    return np.clip(values, 0, 255).astype(np.uint8)
