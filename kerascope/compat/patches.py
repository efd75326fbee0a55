"""Attributes set on objects of others, each remembered with what was there, so that all of it can be taken back."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """A pile of attribute changes. Not thread-safe: `install` and `uninstall` are calls of the main thread."""

    def __init__(self) -> None:
        self._done: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Sets an attribute in the namespace of a module or class."""
        self._done.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, value)

    def add(self, owner: Any, name: str, value: Any) -> None:
        """Sets an attribute unless there is one already."""
        if not hasattr(owner, name):
            self.set(owner, name, value)

    def undo(self) -> None:
        """Takes everything back, last change first."""
        while self._done:
            owner, name, before = self._done.pop()
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
