"""Functions of `keras.backend` about the order of image axes, sessions and the learning phase."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from kerascope.compat.report import note


def image_dim_ordering() -> str:
    """Returns "th" or "tf"."""
    return "th" if keras.config.image_data_format() == "channels_first" else "tf"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Sets the order of image axes: "th" (channels first) or "tf"."""
    note("K.set_image_dim_ordering('th')", "keras.config.set_image_data_format('channels_first')")
    keras.config.set_image_data_format({"th": "channels_first", "tf": "channels_last"}[dim_ordering])


def normalize_data_format(value: Any) -> str:
    """Returns the order of image axes, by default that of the configuration."""
    return str(value or keras.config.image_data_format())


def set_session(session: Any) -> None:
    """Does nothing: there are no sessions."""
    note("K.set_session(...)", "nothing: there are no sessions")


def manual_variable_initialization(value: bool) -> None:
    """Does nothing: variables are there at once."""


def learning_phase() -> int:
    """Returns 0: whether a call is part of training is its argument `training` now."""
    note("K.learning_phase()", "the argument `training` of call")
    return 0


def set_learning_phase(value: Any) -> None:
    """Does nothing: whether a call is part of training is its argument `training` now."""
    note("K.set_learning_phase(...)", "model(x, training=...)")


@contextlib.contextmanager
def learning_phase_scope(value: Any) -> Iterator[None]:
    """Does nothing for as long as it lasts."""
    yield


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Returns `x` (called, if it can be) in training, else `alt`."""
    chosen = x if training else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Returns `alt` (called, if it can be) in training, else `x`."""
    return in_train_phase(alt, x, training)


@contextlib.contextmanager
def name_scope(name: str) -> Iterator[None]:
    """Names what is made inside."""
    with keras.name_scope(name):
        yield
