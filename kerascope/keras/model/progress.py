"""The progress shown by `fit`, `evaluate` and `predict`: 0 nothing, 1 a bar, 2 one line per epoch.

On a terminal and in a notebook the bar redraws itself; into a file or pipe it writes at the first batch, then at most once a minute, and
at the end, so that logs stay readable. Numbers shown are the running values of the metrics.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import keras

from kerascope.keras.model.batch_loss import BATCH_LOSS

REDRAW_S = 0.05
REDRAW_FILE_S = 60.0
WIDTH = 30
HIDDEN = frozenset({"batch", "size", BATCH_LOSS})


class Progress(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows the progress of one call. It only reads the logs it is given.

    Args:
        verbose: 0, 1 or 2.
        label: "fit", "evaluate" or "predict".
        rows: Number of samples of one pass over arrays, which the bar then counts; None counts batches.

    """

    def __init__(self, verbose: int, label: str, rows: int | None = None) -> None:
        super().__init__()
        self.verbose = verbose
        self.label = label
        self._rows = rows
        self._target: int | None = None
        self._started = 0.0
        self._drawn = 0.0
        self._seen = 0
        self._width = 0
        self._samples = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Announces the epoch."""
        if self.verbose:
            _write(f"Epoch {epoch + 1}/{self.params['epochs']}\n")
        self.begin()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows the numbers of the epoch."""
        self.finish(logs or {})

    def begin(self) -> None:
        """Starts the clock of one bar."""
        self._target = self._rows or self.params.get("steps")
        self._started = time.perf_counter()
        self._drawn = -REDRAW_FILE_S
        self._seen = 0
        self._width = 0

    def wants(self, seen: int) -> bool:
        """Whether a bar drawn now would be seen; lets the caller skip making numbers for it."""
        if self.verbose != 1:
            self._seen = seen
            return False
        interval = REDRAW_S if _dynamic() else REDRAW_FILE_S
        return time.perf_counter() - self._started - self._drawn >= interval

    def update(self, seen: int, logs: dict[str, Any]) -> None:
        """Draws the bar after `seen` batches."""
        self._seen = seen
        if self.wants(seen):
            self._draw(seen, logs, last=False)

    def finish(self, logs: dict[str, Any]) -> None:
        """Draws the full bar, or the line of verbose=2."""
        if self.verbose == 1:
            self._draw(self._target or self._seen, logs, last=True)
        elif self.verbose == 2:
            elapsed = time.perf_counter() - self._started
            _write(f" - {elapsed:.0f}s{_numbers(logs)}\n")

    def _draw(self, seen: int, logs: dict[str, Any], *, last: bool) -> None:
        elapsed = time.perf_counter() - self._started
        self._drawn = elapsed
        if self._rows is not None and not last:
            seen = min(seen * self.params["batch_size"], self._rows)
        text = _bar(seen, self._target) + _clock(seen, self._target, elapsed, last=last) + _numbers(logs)
        if _dynamic():
            padding = " " * max(0, self._width - len(text))
            _write("\r" + text + padding + ("\n" if last else ""))
        else:
            _write("\n" + text + ("\n" if last else ""))
        self._width = len(text)


def _dynamic() -> bool:
    if type(sys.stdout).__module__.startswith("ipykernel"):
        return True
    return bool(getattr(sys.stdout, "isatty", lambda: False)())


def print_line(text: str) -> None:
    """Prints a line where progress is shown."""
    _write(f"{text}\n")


def _write(text: str) -> None:
    if not keras.config.is_interactive_logging_enabled():
        return
    sys.stdout.write(text)
    sys.stdout.flush()


def _bar(seen: int, target: int | None) -> str:
    if not target:
        return f"{seen:>7}/Unknown"
    done = min(WIDTH, WIDTH * seen // target)
    arrow = "=" * done if done == WIDTH else "=" * max(0, done - 1) + ">" + "." * (WIDTH - max(done, 1))
    return f"{seen:>{len(str(target))}}/{target} [{arrow}]"


def _clock(seen: int, target: int | None, elapsed_s: float, *, last: bool) -> str:
    per_step = elapsed_s / max(seen, 1)
    if last or not target:
        return f" - {elapsed_s:.0f}s {_duration(per_step)}/step"
    return f" - ETA: {_duration(per_step * (target - seen), coarse=True)}"


def _duration(seconds: float, *, coarse: bool = False) -> str:
    if coarse:
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{rest:02d}" if hours else (f"{minutes}:{rest:02d}" if minutes else f"{rest}s")
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def _numbers(logs: dict[str, Any]) -> str:
    parts = []
    for name, value in logs.items():
        if name in HIDDEN:
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        parts.append(f" - {name}: {number:.4f}" if abs(number) > 1e-3 else f" - {name}: {number:.4e}")
    return "".join(parts)
