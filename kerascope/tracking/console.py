"""Copies what the process prints into the run: stdout and stderr, as whole lines.

Promises: the streams behave as before (same objects, same return values, same errors); ANSI codes are kept; a line that a progress
bar rewrote is kept in its last state only; nothing is captured after `stop`. Writing costs the printing thread one list append;
lines are handed on by `flush`, which the run's ticker calls about once a second.
Not for: output of child processes or of C code that writes to the file descriptors.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

MAX_LINE_CHARS = 64 * 1024
MAX_WAITING_CHARS = 4 * 1024 * 1024
STREAMS = ("stdout", "stderr")
_BACKSPACES = re.compile("(\b+)")

Emit = Callable[[str, float, str], None]
"""Takes a stream's name, the time and the text of one or more whole lines, each ending in a line break."""


def collapse(line: str) -> str:
    """Returns how a terminal shows `line` after carriage returns and backspaces: the last state of a progress bar."""
    if "\r" in line:
        parts = [part for part in line.split("\r") if part.strip("\b")]
        line = parts[-1] if parts else ""
    if "\b" in line:
        line = _overwritten(line)
    if len(line) > MAX_LINE_CHARS:
        line = f"{line[:MAX_LINE_CHARS]} ... ({len(line) - MAX_LINE_CHARS} characters left out)"
    return line


def _overwritten(line: str) -> str:
    """What is left when each backspace goes one place back and what follows is written over what is there."""
    shown: list[str] = []
    at = 0
    for part in _BACKSPACES.split(line):
        if part.startswith("\b"):
            at = max(0, at - len(part))
        else:
            shown[at : at + len(part)] = part
            at += len(part)
    return "".join(shown)


class _Waiting:
    """What was printed since the last flush, in the order of printing, whichever stream it went to."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a signal handler may print while its thread is in here
        self._parts: list[tuple[_Tap, str]] = []
        self._chars = 0

    def add(self, tap: _Tap, text: str) -> None:
        with self.lock:
            if self._chars < MAX_WAITING_CHARS:
                self._parts.append((tap, text))
                self._chars += len(text)
            else:
                tap.left_out += text.count("\n")

    def take(self) -> Iterator[tuple[_Tap, str]]:
        """Hands on everything, what went to one stream without a break joined."""
        with self.lock:
            parts, self._parts, self._chars = self._parts, [], 0
        for tap, together in groupby(parts, key=lambda part: part[0]):
            yield tap, "".join(text for _, text in together)


class _Tap:
    """Stands in front of one stream's `write`."""

    def __init__(self, name: str, stream: Any, waiting: _Waiting) -> None:
        self.name = name
        self.left_out = 0
        self._stream = stream
        self._original = stream.write
        self._waiting = waiting
        self._rest = ""
        self._active = True
        stream.write = self._write  # AttributeError for a stream without a __dict__: the caller leaves it alone

    def _write(self, text: Any) -> Any:
        result = self._original(text)
        if self._active and isinstance(text, str):
            self._waiting.add(self, text)
        return result

    def lines(self, text: str) -> list[str]:
        """Returns the lines that are whole once `text` is printed, each as a terminal shows it; keeps the open end."""
        lines = (self._rest + text).split("\n")
        self._rest = _bounded(lines.pop())
        return [collapse(line) for line in lines]

    def last_lines(self, last: bool) -> list[str]:
        """Returns what is to be said behind everything else: how much was left out and, at the very end, an open line."""
        lines = [collapse(self._rest)] if last and self._rest else []
        if last:
            self._rest = ""
        if self.left_out:
            lines.append(
                f"... {self.left_out} lines left out: more than {MAX_WAITING_CHARS} characters within a second"
            )
            self.left_out = 0
        return lines

    def stop(self) -> None:
        """Gives the stream its own `write` back."""
        self._active = False
        if self._stream.__dict__.get("write") == self._write:  # else somebody wrapped the stream after us
            del self._stream.write


def _bounded(rest: str) -> str:
    """The open end of the text; of a long one only its last state, since a progress bar may never end its line."""
    return collapse(rest) if len(rest) > MAX_LINE_CHARS else rest


class Console:
    """Captures stdout and stderr from its making until `stop`; lines of both are handed on in the order in which they ended."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._waiting = _Waiting()
        self._taps: list[_Tap] = []
        for name in STREAMS:
            stream = getattr(sys, name, None)
            if stream is not None and hasattr(stream, "__dict__"):
                self._taps.append(_Tap(name, stream, self._waiting))

    def flush(self) -> None:
        """Hands on the lines that are whole."""
        self._flush(last=False)

    def stop(self) -> None:
        """Hands on everything and gives the streams their own `write` back."""
        for tap in self._taps:
            tap.stop()
        self._flush(last=True)
        self._taps.clear()

    def forget(self) -> None:
        """In a forked child: capture nothing, and let no lock of the parent's block a print."""
        self._waiting.lock = threading.RLock()
        for tap in self._taps:
            tap.stop()

    def _flush(self, *, last: bool) -> None:
        found = [(tap.name, line) for tap, text in self._waiting.take() for line in tap.lines(text)]
        found += [(tap.name, line) for tap in self._taps for line in tap.last_lines(last)]
        for name, together in groupby(found, key=lambda one: one[0]):
            self._emit(name, time.time(), "".join(f"{line}\n" for _, line in together))
