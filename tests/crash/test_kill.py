"""What `log` has returned from survives SIGKILL, always: real processes, killed at any row, from one thread and from four."""

from __future__ import annotations

import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kerascope.paths import StorePaths
from kerascope.runlog.files import list_segments
from kerascope.runlog.reader import scan
from tests.runlog.segments import named_rows

TOTAL = 5000
TRIALS = 20
TRAINER = Path(__file__).with_name("trainer.py")
ROOT = TRAINER.parents[2]
Start = Callable[[Path, int, int], int]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a trial: folder, threads, number of rows after which it is killed; gives its process id."""
    quiet = {"SILENT": "1", "GIT": "0", "PACKAGES": "0", "SAVE_CODE": "0", "SYSTEM_METRICS": "0", "CONSOLE": "off"}
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **{f"KERASCOPE_{key}": quiet[key] for key in quiet}}
    trainer = subprocess.Popen(
        [sys.executable, str(TRAINER)], env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def begin(folder: Path, threads: int, kill_at: int) -> int:
        folder.mkdir()
        (folder / "confirmed").write_bytes(bytes(8 * threads))
        assert trainer.stdin is not None
        assert trainer.stdout is not None
        trainer.stdin.write(f"{folder} {threads} {TOTAL} {kill_at}\n")
        trainer.stdin.flush()
        return int(trainer.stdout.readline())

    yield begin
    trainer.communicate()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def confirmed(folder: Path, threads: int) -> list[int]:
    return list(struct.unpack(f"<{threads}q", (folder / "confirmed").read_bytes()))


def check_all_are_there(folder: Path, threads: int) -> int:
    """Every confirmed row stands in the log once, with its values; returns how many were confirmed."""
    (segment,) = list_segments(StorePaths(folder).log("crash", "run"))
    found = scan(segment)
    assert found.damage == ()
    rows = [row for _, row in named_rows(found)]
    seen = Counter((row["thread"], row["count"]) for row in rows)
    promised = confirmed(folder, threads)
    assert all(seen[(thread, count)] == 1 for thread, counts in enumerate(promised) for count in range(counts))
    assert len(rows) <= sum(promised) + threads  # a row may be written whose confirmation the kill prevented
    assert all(row[f"metric_{i}"] == row["count"] + i / 8 for row in rows for i in range(8))  # type: ignore[operator]
    return sum(promised)


@pytest.mark.parametrize("threads", [1, 4])
def test_every_row_that_was_logged_before_a_kill_is_read_back(tmp_path: Path, start: Start, threads: int) -> None:
    chance = random.Random(threads)
    kills = [1, 2, TOTAL - 1, TOTAL, *(chance.randint(3, TOTAL - 2) for _ in range(TRIALS - 4))]
    for kill_at in kills:
        folder = tmp_path / f"killed-at-{kill_at}"
        pid = start(folder, threads, kill_at)
        wait_until(lambda pid=pid: is_gone(pid))  # type: ignore[misc]
        assert kill_at <= check_all_are_there(folder, threads) < kill_at + threads


def test_every_row_is_read_back_when_the_kill_comes_from_outside(tmp_path: Path, start: Start) -> None:
    for wanted in (1, 700, 2500):
        folder = tmp_path / f"at-least-{wanted}"
        pid = start(folder, 4, 0)
        wait_until(lambda folder=folder, wanted=wanted: sum(confirmed(folder, 4)) >= wanted)  # type: ignore[misc]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: is_gone(pid))  # type: ignore[misc]
        assert check_all_are_there(folder, 4) >= wanted
