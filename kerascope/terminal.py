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
_MAX_KEPT = 1_000


class _Terminal:
    """Where messages go; one per process."""

    def __init__(self) -> None:
        self.silent = False
        self.log_file: Path | None = None
        self.shown: set[str] = set()
        self.kept: list[str] = []  # silent messages from before there was a file
        self.lock = threading.Lock()

    def say(self, text: str, newline: bool, repeat: bool) -> None:
        with self.lock:
            if not repeat:
                if text in self.shown:
                    return
                if len(self.shown) < _MAX_REMEMBERED:
                    self.shown.add(text)
        lines = "\n".join(f"{PREFIX} {line}" for line in text.split("\n")) + ("\n" if newline else "")
        if not self.silent:
            _write_stderr(lines)
        elif self.log_file is not None:
            self._write_file(lines)
        elif len(self.kept) < _MAX_KEPT:
            self.kept.append(lines)

    def set(self, silent: bool, log_file: Path | None) -> None:
        self.silent, self.log_file = silent, log_file
        kept, self.kept = self.kept, []
        if silent and log_file is not None and kept:
            self._write_file("".join(kept))
        elif silent:
            self.kept = kept

    def _write_file(self, lines: str) -> None:
        try:
            with open(self.log_file or "", "a", encoding="utf-8", errors="replace") as file:
                file.write(lines)
        except OSError:
            # Nobody would ever know of the trouble that is told of here. The file is not tried again.
            self.log_file = None
            _write_stderr(lines)


_terminal = _Terminal()


def configure(*, silent: bool, log_file: Path | None = None) -> None:
    """Sets where messages go: to stderr, or when `silent` to `log_file`.

    Silent messages wait while there is no file yet; when the file cannot be written, they go to stderr after all.
    """
    _terminal.set(silent, log_file)


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
