"""Checks of the numbers that `fit`, `evaluate` and `predict` take. Pure; every error names what it received."""

from __future__ import annotations

import math
import warnings
from typing import Any

from kerascope.keras.model.messages import listing, short


def check_batch_size(value: Any) -> int | None:
    """Returns the batch size, or None if none was given.

    Raises:
        ValueError: If it is not a whole number of at least 1.
    """
    if value is None:
        return None
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise ValueError(f"`batch_size` must be a whole number of at least 1. Received: batch_size={short(value)}.")
    return int(value)


def check_steps(argument: str, value: Any) -> int | None:
    """Returns a number of batches, rounded up as old scripts expect (`len(x) / 32` is a float), or None.

    Raises:
        ValueError: If it is not a number above 0.
    """
    if value is None:
        return None
    try:
        steps = math.ceil(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"`{argument}` must be a number of batches. Received: {argument}={short(value)}.") from error
    if isinstance(value, bool) or steps < 1:
        raise ValueError(f"`{argument}` must be at least 1. Received: {argument}={short(value)}.")
    return int(steps)


def check_epochs(argument: str, value: Any) -> int:
    """Returns an epoch number.

    Raises:
        ValueError: If it is not a whole number of at least 0.
    """
    try:
        epochs = int(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{argument}` must be a whole number. Received: {argument}={short(value)}.") from error
    if isinstance(value, bool) or epochs != value or epochs < 0:
        raise ValueError(f"`{argument}` must be a whole number of at least 0. Received: {argument}={short(value)}.")
    return epochs


def check_verbose(value: Any) -> int:
    """Returns 0, 1 or 2; "auto" is 1.

    Raises:
        ValueError: If it is anything else.
    """
    if value == "auto":
        return 1
    if value in (0, 1, 2):
        return int(value)
    raise ValueError(f"`verbose` must be 0, 1 or 2. Received: verbose={short(value)}.")


def check_split(value: Any) -> float:
    """Returns the part of the data to validate on.

    Raises:
        ValueError: If it is not at least 0 and below 1.
    """
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < 1.0:
        raise ValueError(f"`validation_split` must be in [0, 1). Received: validation_split={short(value)}.")
    return float(value)


def split_at(samples: int, split: float) -> int:
    """Number of samples that stay for training; the rest, cut from the end, is for validation.

    Raises:
        ValueError: If one of the two parts would be empty.
    """
    at = int(samples * (1.0 - split))
    if not 0 < at < samples:
        raise ValueError(
            f"`validation_split` leaves no sample for one of the two parts. "
            f"Received: validation_split={split} with {samples} samples."
        )
    return at


def check_shuffle(value: Any) -> bool | str:
    """Returns True, False or "batch".

    Raises:
        ValueError: If it is anything else.
    """
    if value == "batch":
        return "batch"
    if value in (True, False, None):
        return bool(value)
    raise ValueError(f"`shuffle` must be True, False or 'batch'. Received: shuffle={short(value)}.")


def check_freq(value: Any) -> Any:
    """Returns a validation frequency: a whole number of epochs, or a collection of epoch numbers from 1.

    Raises:
        ValueError: If it is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(value)
    raise ValueError(
        "`validation_freq` must be a whole number of at least 1 or a list of epochs. "
        f"Received: validation_freq={short(value)}."
    )


def is_due(freq: Any, epoch: int) -> bool:
    """Whether an epoch (from 0) ends with a validation."""
    if isinstance(freq, frozenset):
        return epoch + 1 in freq
    return (epoch + 1) % int(freq) == 0


def take_old_epochs(epochs: Any, extra: dict[str, Any], method: str) -> Any:
    """Takes `nb_epoch`, the name of `epochs` before Keras 2, out of the extra keywords."""
    if "nb_epoch" not in extra:
        return epochs
    warnings.warn(f"`nb_epoch` of `{method}` is called `epochs` now.", UserWarning, stacklevel=4)
    return extra.pop("nb_epoch")


def refuse_extra(extra: dict[str, Any], method: str) -> None:
    """Refuses keywords nobody knows.

    Raises:
        TypeError: If there are any.
    """
    if extra:
        raise TypeError(f"{method}() got unrecognized keyword arguments: {listing(sorted(extra))}.")
