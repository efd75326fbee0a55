"""Copies what the process prints into the run: stdout and stderr, as whole lines.

Promises: the streams behave as before (same objects, same return values, same errors); ANSI codes are kept; a line that a progress
bar rewrote is kept in its last state only; nothing is captured after `stop`. Writing costs the printing thread one list append;
lines are handed on by `flush`, which the run's ticker calls about once a second.
Not for: output of child processes or of C code that writes to the file descriptors.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

MAX_LINE_CHARS = 64 * 1024
MAX_WAITING_CHARS = 4 * 1024 * 1024
STREAMS = ("stdout", "stderr")

Emit = Callable[[str, float, str], None]
"""Takes a stream's name, the time and the text of one or more whole lines, each ending in a line break."""


def collapse(line: str) -> str:
    """Returns how a terminal shows `line` after carriage returns and backspaces: the last state of a progress bar."""
    if "\b" in line:
        line = line.replace("\b", "")
    if "\r" in line:
        parts = [part for part in line.split("\r") if part]
        line = parts[-1] if parts else ""
    if len(line) > MAX_LINE_CHARS:
        line = f"{line[:MAX_LINE_CHARS]} ... ({len(line) - MAX_LINE_CHARS} characters left out)"
    return line


class _Tap:
    """Stands in front of one stream's `write`."""

    def __init__(self, name: str, stream: Any, emit: Emit) -> None:
        self._name = name
        self._stream = stream
        self._emit = emit
        self._original = stream.write
        self._waiting: list[str] = []
        self._waiting_chars = 0
        self._left_out = 0
        self._rest = ""
        self._lock = threading.RLock()  # a signal handler may print while its thread is in here
        self._active = True
        stream.write = self._write  # AttributeError for a stream without a __dict__: the caller leaves it alone

    def _write(self, text: Any) -> Any:
        result = self._original(text)
        if self._active and isinstance(text, str):
            with self._lock:
                if self._waiting_chars < MAX_WAITING_CHARS:
                    self._waiting.append(text)
                    self._waiting_chars += len(text)
                else:
                    self._left_out += text.count("\n")
        return result

    def flush(self, *, last: bool = False) -> None:
        with self._lock:
            text, left_out = "".join(self._waiting), self._left_out
            self._waiting.clear()
            self._waiting_chars = self._left_out = 0
        text = self._rest + text
        lines = text.split("\n")
        self._rest = "" if last else _bounded(lines[-1])
        if not last or not lines[-1]:
            lines.pop()
        shown = [collapse(line) for line in lines]
        if left_out:
            shown.append(f"... {left_out} lines left out: more than {MAX_WAITING_CHARS} characters within a second")
        if shown:
            self._emit(self._name, time.time(), "".join(f"{line}\n" for line in shown))

    def stop(self) -> None:
        self._active = False
        if self._stream.__dict__.get("write") == self._write:  # else somebody wrapped the stream after us
            del self._stream.write
        self.flush(last=True)

    def forget(self) -> None:
        """In a forked child: capture nothing, and let no lock of the parent's block a print."""
        self._lock = threading.RLock()  # a signal handler may print while its thread is in here
        self._active = False


def _bounded(rest: str) -> str:
    """The open end of the text; of a long one only its last state, since a progress bar may never end its line."""
    return collapse(rest) if len(rest) > MAX_LINE_CHARS else rest


class Console:
    """Captures stdout and stderr from its making until `stop`."""

    def __init__(self, emit: Emit) -> None:
        self._taps: list[_Tap] = []
        for name in STREAMS:
            stream = getattr(sys, name, None)
            if stream is not None and hasattr(stream, "__dict__"):
                self._taps.append(_Tap(name, stream, emit))

    def flush(self) -> None:
        """Hands on the lines that are whole."""
        for tap in self._taps:
            tap.flush()

    def stop(self) -> None:
        """Hands on everything and gives the streams their own `write` back."""
        for tap in self._taps:
            tap.stop()
        self._taps.clear()

    def forget(self) -> None:
        """In a forked child: captures no more."""
        for tap in self._taps:
            tap.forget()
