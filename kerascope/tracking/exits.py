"""How the process ends, as far as a run must know it: an exception, `sys.exit(code)`, Ctrl-C or the end of the script.

Promises: the hooks that were there before are called as before, and come back when the run ends; a forked child leaves its
parent's run alone. Not for: a bare `raise SystemExit(code)`, which counts as a good end, and signals (a killed process leaves a whole log behind and counts as crashed).
"""

from __future__ import annotations

import atexit
import sys
import threading
from _sitebuiltins import Quitter
from collections.abc import Callable
from types import TracebackType
from typing import Any

INTERRUPTED = 255
"""Exit code recorded for Ctrl-C."""


class ExitHooks:
    """Watches for the end of the process from `install` until `remove`.

    Args:
        finish: called at the end of the interpreter with the exit code and a message.
        progress: a number that grows while the run is used; a `sys.exit` that was caught is forgotten once it has grown.
    """

    def __init__(self, finish: Callable[[int, str], None], progress: Callable[[], int]) -> None:
        self._finish = finish
        self._progress = progress
        self._code = 0
        self._message = ""
        self._exit_progress: int | None = None
        self._previous_hook: Any = None
        self._previous_quit: Any = None
        self._previous_exit: Any = None

    def install(self) -> None:
        """Starts watching."""
        self._previous_hook, self._previous_exit = sys.excepthook, sys.exit
        sys.excepthook = self._on_exception
        sys.exit = self._on_exit  # type: ignore[assignment]
        self._previous_quit = Quitter.__call__
        Quitter.__call__ = self._on_quit  # type: ignore[method-assign,assignment]
        atexit.register(self._at_exit)

    def remove(self) -> None:
        """Stops watching; a hook that somebody else put on top of ours stays and passes ours by."""
        atexit.unregister(self._at_exit)
        if sys.excepthook == self._on_exception:
            sys.excepthook = self._previous_hook
        if sys.exit == self._on_exit:
            sys.exit = self._previous_exit
        if Quitter.__dict__.get("__call__") == self._on_quit:
            Quitter.__call__ = self._previous_quit  # type: ignore[method-assign]

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._code = INTERRUPTED if issubclass(kind, KeyboardInterrupt) else 1
        self._message = describe(error)
        self._exit_progress = None
        self._previous_hook(kind, error, trace)

    def _on_exit(self, status: Any = None) -> None:
        self._note(status)
        self._previous_exit(status)

    def _on_quit(self, code: Any = None) -> None:
        """Stands for `exit(code)` and `quit(code)`, which do not call `sys.exit`."""
        self._note(code)
        self._previous_exit(code)

    def _note(self, status: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            self._code = exit_code(status)
            self._message = str(status) if isinstance(status, str) else ""
            self._exit_progress = self._progress()

    def _at_exit(self) -> None:
        if self._exit_progress is not None and self._progress() > self._exit_progress:
            self._code, self._message = 0, ""
        self._finish(self._code, self._message)


def exit_code(status: object) -> int:
    """Returns the exit code of a process that ends with `sys.exit(status)`."""
    if status is None:
        return 0
    return status if isinstance(status, int) else 1


def describe(error: BaseException) -> str:
    """Returns an exception as one line, at most 1,000 characters."""
    return f"{type(error).__name__}: {error}".strip(": ").split("\n")[0][:1000]
