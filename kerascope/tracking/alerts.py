"""`run.alert`: messages that ask for attention, shown with the run.

Promises: alerts of one title are held back for a while, and the next one that is let through says how many were. Nothing is sent.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from datetime import timedelta

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.events.types import Alert
from kerascope.jsonable import clean_text
from kerascope.terminal import termwarn

DEFAULT_WAIT_S = 60.0


class AlertLevel(enum.Enum):
    """How much attention an alert asks for."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Alerts:
    """The alerts of one run.

    Args:
        write: takes the events.
        clock: seconds that only grow.
    """

    def __init__(self, write: Callable[[Alert], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._sent_s: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def send(self, title: object, text: object, level: object, wait_duration: object) -> None:
        """Records an alert, unless one of the same title was recorded less than `wait_duration` ago.

        Raises:
            WrongValueError: for an unknown level or a negative duration.
            WrongTypeError: if title or text is no text.
        """
        if not isinstance(title, str) or not isinstance(text, str):
            raise WrongTypeError(f"`title` and `text` must be text. Received: title={title!r}, text={text!r}.")
        name, wait_s = checked_level(level), _seconds(wait_duration)
        now_s = self._clock()
        if title in self._sent_s and now_s - self._sent_s[title] < wait_s:
            self._held[title] = self._held.get(title, 0) + 1
            return
        self._sent_s[title] = now_s
        held = self._held.pop(title, 0)
        note = f" ({held} alerts of this title were held back)" if held else ""
        self._write(Alert(clean_text(title), clean_text(text) + note, name, time.time()))
        termwarn(f"alert ({name}): {title}{': ' if text else ''}{text}{note}")


def checked_level(level: object) -> str:
    """Returns the level's name, `INFO` for None.

    Raises:
        WrongValueError: for an unknown level.
    """
    if level is None:
        return "INFO"
    name = level.value if isinstance(level, AlertLevel) else level
    if not isinstance(name, str) or name.upper() not in AlertLevel.__members__:
        raise WrongValueError(f"`level` must be 'INFO', 'WARN' or 'ERROR'. Received: level={level!r}.")
    return name.upper()


def _seconds(wait_duration: object) -> float:
    if wait_duration is None:
        return DEFAULT_WAIT_S
    value = wait_duration.total_seconds() if isinstance(wait_duration, timedelta) else wait_duration
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise WrongValueError(
            f"`wait_duration` must be seconds or a timedelta. Received: wait_duration={wait_duration!r}."
        )
    return float(value)
