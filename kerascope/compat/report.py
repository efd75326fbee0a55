"""Which old names a script used, and what they are called today. Filled while a script builds its models, never in a step."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_OURS = str(Path(__file__).resolve().parent.parent)
_PASSED_BY = (_OURS, "<frozen importlib", "importlib")


@dataclass(frozen=True)
class Translation:
    """One old name that was translated.

    Args:
        old: the name as the script has it.
        today: how to write it now.
        file: the file that used it first; "" if unknown.
        line: the line in it; 0 if unknown.
    """

    old: str
    today: str
    file: str = ""
    line: int = 0


_NOTED: dict[tuple[str, str], Translation] = {}


def note(old: str, today: str) -> None:
    """Remembers that an old name was used; the first place counts."""
    if (old, today) not in _NOTED:
        _NOTED[old, today] = Translation(old, today, *_place())


def translations() -> list[Translation]:
    """Returns what was translated since `install`, in order of first use."""
    return list(_NOTED.values())


def forget() -> None:
    """Forgets all of it."""
    _NOTED.clear()


def _place() -> tuple[str, int]:
    """File and line of the nearest caller that is neither ours, nor keras', nor the import system's."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_PASSED_BY) and "/keras/src/" not in name and "importlib" not in name:
            return name, frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return "", 0
