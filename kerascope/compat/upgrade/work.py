"""One script being upgraded: its text, the edits so far, and what is left to do by hand."""

from __future__ import annotations

import ast
from typing import Any

from kerascope.compat.upgrade.text import Edit, Text


class Work:
    """What the parts of an upgrade share.

    Args:
        text: of the script.
        tree: its syntax.

    Attributes:
        edits: the edits to make.
        left: what must be done by hand: (line, sentence).
        renamed: names that an import gives today, by the name that it gave.
        imports: lines that must stand behind the script's own imports.
    """

    def __init__(self, text: Text, tree: ast.Module) -> None:
        self.text, self.tree = text, tree
        self.edits: list[Edit] = []
        self.left: list[tuple[int, str]] = []
        self.renamed: dict[str, str] = {}
        self.imports: list[str] = []
        self._dropped: set[int] = set()

    def replace(self, node: Any, text: str) -> None:
        """Puts `text` in the place of a node."""
        self.edits.append(Edit(self.text.start(node), self.text.end(node), text))

    def insert(self, place: int, text: str) -> None:
        """Puts `text` in front of what stands at a place."""
        self.edits.append(Edit(place, place, text))

    def leave(self, node: Any, sentence: str) -> None:
        """Notes what must be done by hand at a node."""
        self.left.append((node.lineno, sentence))

    def rename_keywords(self, node: ast.Call, names: dict[str, str]) -> None:
        """Gives keywords of a call today's names."""
        for one in node.keywords:
            if one.arg in names:
                start = self.text.start(one)
                self.edits.append(Edit(start, start + len(one.arg), names[one.arg]))

    def drop(self, node: ast.Call, doomed: list[ast.keyword]) -> None:
        """Takes keywords out of a call, with the comma before each (or after it, if it is the first)."""
        parts = self._parts(node)
        for one in doomed:
            place = parts.index(one)
            if any(other not in doomed for other in parts[:place]):
                self.edits.append(Edit(self.text.end(parts[place - 1]), self.text.end(one), ""))
            elif place + 1 < len(parts):
                self.edits.append(Edit(self.text.start(one), self.text.start(parts[place + 1]), ""))
            else:
                self.replace(one, "")
        self._dropped.update(map(id, doomed))

    def append(self, node: ast.Call, keywords: list[str]) -> None:
        """Puts keywords behind the last argument of a call; what is dropped must be dropped before."""
        parts = self._parts(node)
        text = ", ".join(keywords)
        if all(id(one) in self._dropped for one in parts):
            self.insert(self.text.end(parts[-1]) if parts else self.text.end(node) - 1, text)
        else:
            self.insert(self._behind(parts[-1], node), f", {text}")

    def _parts(self, node: ast.Call) -> list[Any]:
        return sorted([*node.args, *node.keywords], key=self.text.start)

    def _behind(self, part: Any, node: ast.Call) -> int:
        """The place behind an argument and the brackets around it, which belong to no node."""
        place = behind = self.text.end(part)
        while place < self.text.end(node) - 1:
            if self.text.data[place : place + 1] == b"#":
                place = self.text.data.index(b"\n", place)
            place += 1
            if self.text.data[place - 1 : place] == b")":
                behind = place
        return behind

    def add_imports(self) -> None:
        """Puts `imports` behind the script's first block of imports, and in front of all else where it has none."""
        block: list[ast.stmt] = []
        for one in self.tree.body:
            if isinstance(one, ast.Import | ast.ImportFrom):
                block.append(one)
            elif block and not _is_future(block[-1]):
                break
        lines = "\n".join(dict.fromkeys(self.imports))
        if lines:
            self.insert(self.text.end(block[-1]) if block else 0, f"\n{lines}" if block else f"{lines}\n")


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
