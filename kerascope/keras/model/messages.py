"""Small helpers for error messages, and the errors that are two kinds at once.

The documentation of the classic Model promises one kind of error where the code of that time raised another; where
both are known, the error raised here is both, so that either `except` catches it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

LIMIT = 120
OUR_FRAMES = ("kerascope.", "contextlib")


class BadArgument(TypeError, ValueError):
    """An argument of the wrong type, which the documentation calls a ValueError."""


class BadLayerIndex(ValueError, IndexError):
    """A layer index out of range."""


def short(value: Any) -> str:
    """The text of a value, cut so that an array does not fill the screen."""
    text = repr(value).replace("\n", " ")
    return text if len(text) <= LIMIT else text[: LIMIT - 3] + "..."


def user_level() -> int:
    """How many calls above the function that asks the user's code is: the `stacklevel` of a warning given there."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(OUR_FRAMES):
        frame, level = frame.f_back, level + 1
    return level


def listing(names: Iterable[Any]) -> str:
    """Names as they are written in a sentence: 'a', 'b'."""
    return ", ".join(repr(name) for name in names)
