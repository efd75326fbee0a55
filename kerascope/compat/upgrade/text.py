"""A script's bytes, addressed as its syntax tree does, and small replacements in them.

Promises: what no edit covers stays byte for byte; of two edits that overlap, one is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Edit:
    """Bytes `start` to `end` become `text`."""

    start: int
    end: int
    text: str


class Text:
    """Source as bytes, addressed as the syntax tree does."""

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Returns the place of a line and column."""
        return self._starts[line - 1] + column

    def start(self, node: Any) -> int:
        """Returns where a node begins."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: Any) -> int:
        """Returns where a node ends."""
        return self.at(node.end_lineno, node.end_col_offset)

    def of(self, node: Any) -> str:
        """Returns the source of a node."""
        return self.data[self.start(node) : self.end(node)].decode()

    def applied(self, edits: list[Edit]) -> str:
        """Returns the source with the edits made."""
        data = self.data
        done = len(data) + 1
        for edit in sorted(set(edits), key=lambda one: (one.start, one.end), reverse=True):
            if edit.end <= done:
                data = data[: edit.start] + edit.text.encode() + data[edit.end :]
                done = edit.start
        return data.decode()
