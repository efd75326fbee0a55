"""Arrays as pixels: shape, channels and the rule that scales numbers to 0..255.

Pure functions. The scaling rule is that of the original's last version, per image:

    all values in 0..1     x 255, truncated             (also bool and 0/1 integers)
    all values in -1..1    (x + 1) * 127.5, truncated
    otherwise              clipped to 0..255, truncated

so an array of small integers (a mask with classes 0..3) is nearly black, and floats that reach slightly above 1 are black: pass
`normalize=False` with your own uint8 pixels, or masks as `masks=`. Non-finite pixels do not take part in the choice: NaN becomes 0,
infinities the nearest end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerascope.errors import WrongValueError
from kerascope.media.arrays import Array

MAX_DIMENSION = 65500
Pixels = np.ndarray[Any, np.dtype[np.uint8]]
_CHANNELS = (1, 3, 4)


def to_pixels(array: Array, *, channels_first: bool = False, normalize: bool = True) -> tuple[Pixels, tuple[str, ...]]:
    """Returns `array` as uint8 pixels of shape (height, width) or (height, width, 3 or 4), and what was odd about it.

    Args:
        array: numbers of shape (height, width) or (height, width, channels); axes of length 1 are dropped.
        channels_first: True if the channels are the first axis (torch).
        normalize: False: values are taken as they are and must lie in 0..255.

    Returns:
        A new array, and one sentence per oddity (values cut off, non-finite pixels).

    Raises:
        WrongValueError: if the shape is no image, or `normalize` is off and values leave 0..255.
    """
    if array.dtype.kind not in "biuf":
        raise WrongValueError(f"Pixels must be numbers or booleans. Received: dtype {array.dtype}.")
    shaped = _two_or_three_axes(array, channels_first)
    return scale_pixels(shaped, normalize=normalize)


def _two_or_three_axes(array: Array, channels_first: bool) -> Array:
    shape = array.shape
    while array.ndim > 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim > 3:
        array = array.squeeze()
    if array.ndim == 3 and channels_first and array.shape[0] in _CHANNELS:
        array = np.moveaxis(array, 0, 2)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    elif array.ndim == 3 and array.shape[2] not in _CHANNELS and 1 in array.shape[:2]:
        array = array.squeeze()
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in _CHANNELS):
        raise WrongValueError(
            "An image must have shape (height, width) or (height, width, channels) with 1, 3 or 4 channels. "
            f"Received: shape {shape}. Log several images as a list of Image objects."
        )
    if not 0 < min(array.shape[:2]) <= max(array.shape[:2]) <= MAX_DIMENSION:
        raise WrongValueError(f"Image sides must be 1 to {MAX_DIMENSION} pixels. Received: shape {shape}.")
    return array


def scale_pixels(array: Array, *, normalize: bool = True) -> tuple[Pixels, tuple[str, ...]]:
    """Returns `array` scaled to uint8 by the rule of this module, and one sentence per oddity."""
    values = array.astype(np.float32) if array.dtype in (np.bool_, np.float16) else array
    finite = np.isfinite(values) if values.dtype.kind == "f" else None
    odd: list[str] = []
    if finite is None or finite.all():
        pixels = _scale(values, *_bounds(values), odd, normalize)
    else:
        odd.append(f"{int((~finite).sum())} pixels are NaN or infinite")
        low, high = _bounds(values[finite])
        pixels = _scale(np.where(finite, values, low), low, high, odd, normalize)
        pixels[~finite] = np.where(values[~finite] == np.inf, 255, 0)
    return pixels, tuple(odd)


def _scale(values: Array, low: float, high: float, odd: list[str], normalize: bool) -> Pixels:
    if not normalize:
        if low < 0 or high > 255:
            raise WrongValueError(
                f"With normalize=False, pixels must lie in 0..255. Received: values from {low} to {high}."
            )
        return values.astype(np.uint8)
    if low >= 0 and high <= 1:
        scaled = values * 255 if values.dtype.kind == "f" else values.astype(np.uint8) * np.uint8(255)
    elif low >= -1 and high <= 1:
        scaled = (values + 1) * 127.5
    else:
        if low < 0 or high > 255:
            odd.append(f"values from {low:g} to {high:g} are cut to 0..255")
        elif values.dtype.kind == "f" and high <= 2:
            odd.append(f"values reach {high:g}, so they count as 0..255 and look black; scale them to 0..1")
        scaled = np.clip(values, 0, 255)
    return np.asarray(scaled).astype(np.uint8)


def _bounds(values: Array) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
