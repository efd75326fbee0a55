"""The panels of a report: fenced blocks named `panel` in its Markdown. Pure.

The same rules stand in `web/src/model/reportPanel.ts`; docs/dashboard.md tells them to users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*panel\s*$")
_LINE = re.compile(r"^\s*([a-z]+)\s*:\s*(.*?)\s*$")
NEWEST = 5


@dataclass(frozen=True)
class Panel:
    """The charts that one block asks for; `runs` are ids or names, empty for the newest of the project."""

    project: str
    runs: tuple[str, ...]
    metrics: tuple[str, ...]
    x: str | None


def panels(markdown: str, project: str) -> list[Panel]:
    """Returns the panels of a report in their order. Blocks without a metric are left out: the page says what they lack."""
    found = (_panel(block, project) for block in _blocks(markdown))
    return [panel for panel in found if panel.metrics]


def _blocks(markdown: str) -> Iterator[list[str]]:
    fence = ""
    lines: list[str] = []
    for line in markdown.splitlines():
        if not fence:
            opening = _FENCE.match(line)
            fence, lines = (opening.group(1), []) if opening else ("", [])
        elif re.match(rf"^ {{0,3}}{fence[0]}{{{len(fence)},}}\s*$", line):
            yield lines
            fence = ""
        else:
            lines.append(line)
    if fence:
        yield lines


def _panel(lines: list[str], project: str) -> Panel:
    fields = {match[1]: match[2] for match in map(_LINE.match, lines) if match}
    return Panel(
        project=fields.get("project", project),
        runs=_names(fields.get("runs", fields.get("run", ""))),
        metrics=_names(fields.get("metric", fields.get("metrics", ""))),
        x=fields.get("x"),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
