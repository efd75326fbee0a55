"""What the command line prints: tables, lines and sparklines for people, JSON for programs.

Promises: no colour codes when stdout is no terminal; text of users cannot send control codes to the terminal. Rich is imported
only when something is printed for people.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from kerascope.query.plain import json_bytes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

Advance = Callable[[int, int], None]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BARS = "▁▂▃▄▅▆▇█"
_STATE_STYLES = {"running": "green", "finished": "cyan", "failed": "red", "crashed": "yellow"}


class Output:
    """Prints the answer of one command.

    Args:
        as_json: Print JSON instead of text for people.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        # A log may hold characters that the terminal's encoding lacks; printing must not fail over that.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            sys.stdout.flush()

    @functools.cached_property
    def console(self) -> Console:
        """Where people read: a terminal, or a pipe, into which lines go unbroken and uncoloured."""
        from rich import console

        class Console(console.Console):
            def on_broken_pipe(self) -> None:
                raise BrokenPipeError  # rich would end the process here; `main` does, with its own exit code

        return Console(
            highlight=False, width=None if sys.stdout.isatty() else 10_000, soft_wrap=not sys.stdout.isatty()
        )

    def json(self, record: Any) -> None:
        """Prints one JSON document."""
        sys.stdout.write(msgspec.json.format(json_bytes(record), indent=2).decode() + "\n")

    def json_line(self, record: Any) -> None:
        """Prints one line of JSON, at once."""
        sys.stdout.write(json_bytes(record).decode() + "\n")
        sys.stdout.flush()

    def line(self, text: str = "", style: str = "") -> None:
        """Prints one line, as it is."""
        from rich.text import Text

        self.console.print(Text(clean(text), style), soft_wrap=True)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
        """Prints a table.

        Args:
            heads: The heads of the columns; a column `state` is coloured.
            rows: Cells as text.
            right: Heads of the columns that are set to the right.
        """
        from rich import box
        from rich.table import Table
        from rich.text import Text

        terminal = self.console.is_terminal
        table = Table(
            box=box.SIMPLE_HEAD if terminal else None, pad_edge=terminal, header_style="bold" if terminal else ""
        )
        for head in heads:
            table.add_column(head, justify="right" if head in right else "left", overflow="fold", no_wrap=not terminal)
        for row in rows:
            cells = [clean(cell) for cell in row]
            table.add_row(
                *(
                    Text(cell, _STATE_STYLES.get(cell, "") if head == "state" else "")
                    for head, cell in zip(heads, cells, strict=True)
                )
            )
        self.console.print(table)

    @contextmanager
    def progress(self, title: str, after_s: float = 0.5) -> Iterator[Advance]:
        """Shows a progress bar on stderr while the block runs, if it runs for long and somebody watches.

        Args:
            title: What is being done.
            after_s: Work that takes less shows no bar.

        Yields:
            A function that takes what is done and what is to do.
        """
        if self.as_json or not sys.stderr.isatty():
            yield lambda done, total: None
            return
        started = time.monotonic()
        bar: list[tuple[Progress, TaskID]] = []

        def advance(done: int, total: int) -> None:
            if not bar and time.monotonic() - started > after_s:
                bar.append(_start_bar(title))
            for progress, task in bar:
                progress.update(task, completed=done, total=total)

        try:
            yield advance
        finally:
            for progress, _ in bar:
                progress.stop()


def _start_bar(title: str) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(console=Console(stderr=True), transient=True)
    progress.start()
    return progress, progress.add_task(title)


def clean(text: str) -> str:
    """Returns text of a user without codes that would move the cursor, colour the terminal or turn the reading direction."""
    return _CONTROL.sub("�", text)


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """Returns numbers as a line of bars from the least to the greatest; what is not finite is a `·`."""
    if len(values) > width:
        edges = [len(values) * place // width for place in range(width + 1)]
        values = [_mean(values[low:high]) for low, high in itertools.pairwise(edges)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "·" * len(values)
    low, high = min(finite) / 2, max(finite) / 2  # halves: the span of huge numbers would be infinite
    span = high - low
    places = [round((value / 2 - low) / span * (len(_BARS) - 1)) if span else 0 for value in finite]
    found = iter(places)
    return "".join(_BARS[next(found)] if math.isfinite(value) else "·" for value in values)


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(value / len(finite) for value in finite) if finite else math.nan


def number(value: Any, digits: int = 5) -> str:
    """Returns a value as short text: numbers with `digits` significant digits, maps and lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, dict) and "_type" in value:
        return f"<{value['_type']}>"
    return json_bytes(value).decode()


def duration(seconds: float) -> str:
    """Returns a time span as text: `45s`, `3m 20s`, `2h 5m`, `3d 4h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"


def when(time_s: float, now_s: float | None = None) -> str:
    """Returns a time as text in local time: the clock time today, else the date with it."""
    moment = datetime.fromtimestamp(time_s)
    today = datetime.fromtimestamp(time.time() if now_s is None else now_s).date()
    return moment.strftime("%H:%M:%S" if moment.date() == today else "%Y-%m-%d %H:%M")


def size(size_bytes: int) -> str:
    """Returns a number of bytes as text: `512 B`, `1.5 kB`, `20 MB`."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def flatten(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields nested maps as pairs of a dotted path and a value; typed values (media, histograms) stay whole."""
    for name, value in values.items():
        if isinstance(value, dict) and value and "_type" not in value:
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
