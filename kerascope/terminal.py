"""Messages to the user: `kerascope: ...` on stderr, or in a file of the run when it is to be silent.

Promises: never raises; a text given with `repeat=False` is shown once per process. Safe from any thread.
Not for: output of the command line (see `cli/output.py`).
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

PREFIX = "kerascope:"
_MAX_REMEMBERED = 10_000


class _Terminal:
    """Where messages go; one per process."""

    def __init__(self) -> None:
        self.silent = False
        self.log_file: Path | None = None
        self.shown: set[str] = set()
        self.lock = threading.Lock()

    def say(self, text: str, newline: bool, repeat: bool) -> None:
        with self.lock:
            if not repeat:
                if text in self.shown:
                    return
                if len(self.shown) < _MAX_REMEMBERED:
                    self.shown.add(text)
        lines = "\n".join(f"{PREFIX} {line}" for line in text.split("\n")) + ("\n" if newline else "")
        if self.silent:
            self._write_file(lines)
        else:
            _write_stderr(lines)

    def _write_file(self, lines: str) -> None:
        if self.log_file is None:
            return
        try:
            with self.log_file.open("a", encoding="utf-8", errors="replace") as file:
                file.write(lines)
        except OSError:
            self.log_file = None  # the disk is full or read-only: the run's own Notice records tell of it


_terminal = _Terminal()


def configure(*, silent: bool, log_file: Path | None = None) -> None:
    """Sets where messages go: to stderr, or when `silent` to `log_file` (nowhere if None)."""
    _terminal.silent = silent
    _terminal.log_file = log_file


def is_silent() -> bool:
    """Whether messages are kept off the terminal."""
    return _terminal.silent


def termlog(string: str = "", newline: bool = True, repeat: bool = True) -> None:
    """Shows a message.

    Args:
        string: the text; each line gets the prefix `kerascope:`.
        newline: end with a line break.
        repeat: if False, a text that this process has shown already is not shown again.
    """
    _terminal.say(str(string), newline, repeat)


def termwarn(string: str, newline: bool = True, repeat: bool = True) -> None:
    """Shows a warning (`kerascope: WARNING ...`). Arguments as in `termlog`."""
    _terminal.say(f"WARNING {string}", newline, repeat)


def termerror(string: str, newline: bool = True, repeat: bool = True) -> None:
    """Shows an error (`kerascope: ERROR ...`). Arguments as in `termlog`."""
    _terminal.say(f"ERROR {string}", newline, repeat)


def _write_stderr(text: str) -> None:
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):  # closed or broken pipe: nobody is listening
        return
