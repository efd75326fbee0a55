"""`init(sink=...)`: the process that hands a run on to another tracker while it is recorded.

Promises: it follows the run's log by itself, so training pays nothing for it; at the end of the run it gets time to come after, and
whatever it says or fails at becomes one message. Not for: what it does (see `kerascope.sinks`).
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError
from kerascope.terminal import termlog, termwarn

SINKS = ("wandb",)
WAIT_S = 120.0


def check_sink(sink: Any) -> None:
    """Checks the argument `sink` of `init`.

    Raises:
        UsageError: if there is no such sink, or its package is not installed.
    """
    if sink is None:
        return
    if sink not in SINKS:
        raise UsageError(f"`sink` must be one of {', '.join(map(repr, SINKS))} or None. Received: sink={sink!r}.")
    try:
        importlib.metadata.version(sink)
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(
            f"The package of the sink must be installed. Received: sink={sink!r}. Use `pip install {sink}`."
        ) from None


class HandingOn:
    """The process that follows one segment.

    Args:
        sink: its name.
        segment: the segment file.
        root: the store.
        files: the run's folder of files.
        mode: of the run, which the other tracker is given too.
    """

    def __init__(self, sink: str, segment: Path, root: Path, files: Path, mode: str) -> None:
        self._said = segment.parent.parent / f"sink-{sink}.log"
        self._sink, self._child = sink, None
        words = [sys.executable, "-m", f"kerascope.sinks.{sink}"]
        arguments = [str(segment), str(root), str(files), "offline" if mode == "offline" else "", str(os.getpid())]
        try:
            with self._said.open("ab") as said:
                self._child = subprocess.Popen(
                    [*words, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
                )
        except OSError as error:
            termwarn(f"the run is not handed on to {sink}: {error}. Training and its own log go on.")

    _child: subprocess.Popen[bytes] | None

    def finish(self) -> None:
        """Waits until everything is handed on, for two minutes at most; tells of what went wrong."""
        if self._child is None:
            return
        try:
            code = self._child.wait(0.2)
        except subprocess.TimeoutExpired:
            termlog(f"Handing the run on to {self._sink} ...")
            try:
                code = self._child.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                termwarn(
                    f"{self._sink} has not taken everything within {WAIT_S:.0f} s; it goes on by itself. See {self._said}."
                )
                return
        if code:
            termwarn(f"not everything was handed on to {self._sink} (exit code {code}). See {self._said}.")
