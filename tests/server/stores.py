"""Stores for the tests of server and command line, written by the real segment writer."""

from __future__ import annotations

import math
import os
import socket
import time
from pathlib import Path
from typing import Any

from kerascope.blobs.store import BlobStore
from kerascope.events import types as ev
from kerascope.paths import StorePaths
from kerascope.runlog.files import segment_name
from kerascope.runlog.writer import SegmentWriter

START_S = 1_790_000_000.0


class RunLog:
    """A run that is being written: small verbs on top of its segment file."""

    def __init__(
        self, paths: StorePaths, project: str, run_id: str, name: str | None = None, start_s: float = START_S
    ) -> None:
        self.paths, self.project, self.run_id, self.start_s = paths, project, run_id, start_s
        first = ev.Segment(
            1, project, run_id, "local", 0, 1, start_s, socket.gethostname(), os.getpid(), 0.0, 0, False, 0, "0.1.0"
        )
        path = paths.log(project, run_id) / segment_name(int(start_s * 1e9), 0, f"{abs(hash(run_id)) % 2**32:08x}")
        self.writer = SegmentWriter(path, first)
        self.writer.append(ev.RunInfo(name=name or run_id, tags=("test",)))

    def row(self, step: int, **values: Any) -> None:
        time_s = self.start_s + step
        names = (*values, "_runtime", "_timestamp")
        self.writer.append_row(step, time_s, float(step), names, [*values.values(), float(step), time_s])

    def append(self, *events: Any) -> RunLog:
        for event in events:
            self.writer.append(event)
        return self

    def finish(self, steps: int = 0, exit_code: int = 0) -> None:
        state = "failed" if exit_code else "finished"
        self.writer.append(ev.Finish(state, exit_code, self.start_s + steps))
        self.writer.close()


def write_runs(root: Path) -> StorePaths:
    """Writes the project `faces` with the runs `aaa` (rich) and `bbb` (failed), and the project `a b` with one run."""
    paths = StorePaths(root)
    rich = RunLog(paths, "faces", "aaa", "first try")
    rich.append(ev.Config({"lr": 0.01, "layers": [8, 16], "opt": {"name": "adam", "bad": math.inf}}))
    for step in range(100):
        rich.row(step, loss=1.0 / (step + 1), spike=math.nan if step == 50 else float(step % 7))
    blob = BlobStore(paths.blobs).put_bytes(b"<script>alert(1)</script>")
    media = {"_type": "html-file", "sha256": blob.sha256, "size": blob.size_bytes, "path": "media/html/page_1.html"}
    rich.row(100, page=media, note="hello")
    rich.append(
        ev.Summary({"best": math.nan}),
        ev.Console("stdout", START_S + 1, "one\ntwo\nthree\n"),
        ev.Alert("careful", "loss is high", "WARN", START_S + 2),
        ev.Notice("warning", "`x` could not be stored", "x", 3, START_S + 3),
        ev.Environment({"python": "3.11"}),
    )
    folder = paths.files("faces", "aaa")
    (folder / "sub dir").mkdir(parents=True)
    (folder / "notes.txt").write_text("plain")
    (folder / "page.html").write_text("<h1>hi</h1>")
    (folder / "sub dir" / "data.bin").write_bytes(bytes(range(256)))
    rich.finish(100)
    failed = RunLog(paths, "faces", "bbb", "second try", START_S + 1000)
    failed.append(ev.Config({"lr": 0.1}))
    for step in range(10):
        failed.row(step, loss=float(step))
    failed.finish(10, exit_code=3)
    other = RunLog(paths, "a b", "ccc", "third try", START_S + 2000)
    other.row(0, loss=1.0)
    other.finish(1)
    return paths


def wait_for(condition: Any, timeout_s: float = 60.0) -> Any:
    """Returns the first true value of `condition()`."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("waited in vain")
