"""What processes that are started one after the other hear of each other: real processes at one address, nothing but a file between them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kerascope.tracking.launch import Announcement, Launch
from tests.tracking.conftest import Store

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120
# Each process says that it is there, does one thing when it is told to, and ends when it is told to.
COMMON = """
import sys, time
from pathlib import Path
from kerascope.paths import StorePaths
from kerascope.tracking.launch import Announcement, Launch
launch = Launch(StorePaths(Path(sys.argv[1])), "p")
print("here", flush=True)
sys.stdin.readline()
"""
ANNOUNCE = (
    COMMON
    + """
launch.announce(Announcement(sys.argv[2], "name", time.time_ns()))
print("said", flush=True)
sys.stdin.readline()
"""
)
HEAR = (
    COMMON
    + """
said = launch.hear(0.0)
print(said.run_id if said else None, flush=True)
sys.stdin.readline()
"""
)


@contextmanager
def started(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has said that it is there; it has ended when the block is left."""
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        yield process
        process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[str]) -> str:
    """Lets the process do its one thing; returns what it prints."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    """One address for all, which nobody listens on."""
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", "1")


def test_a_process_knows_its_own_start_to_a_hundredth_of_a_second() -> None:
    script = "import time; begun_s = time.time()\nfrom kerascope.tracking.launch import own_start_s\nprint(own_start_s(), begun_s)"
    before_s = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=True
    )
    start_s, begun_s = map(float, done.stdout.split())
    assert before_s - 0.02 <= start_s <= begun_s


def test_what_a_process_left_that_ended_before_this_one_began_is_not_heard(store: Store) -> None:
    with started(ANNOUNCE, str(store.root), "earlier") as first:
        assert answer(first) == "said"
    with started(HEAR, str(store.root)) as later:
        assert answer(later) == "None"


def test_a_process_that_ended_is_heard_by_one_that_was_there_when_it_spoke(store: Store) -> None:
    with started(HEAR, str(store.root)) as second:
        with started(ANNOUNCE, str(store.root), "together") as first:
            assert answer(first) == "said"
        assert answer(second) == "together"


def test_a_process_that_lives_is_heard_by_one_that_begins_later(store: Store) -> None:
    with started(ANNOUNCE, str(store.root), "living") as first:
        assert answer(first) == "said"
        with started(HEAR, str(store.root)) as second:
            assert answer(second) == "living"


def test_the_latest_launch_is_the_one_that_is_heard(store: Store) -> None:
    with started(ANNOUNCE, str(store.root), "earlier") as earlier:
        assert answer(earlier) == "said"
    with started(ANNOUNCE, str(store.root), "now") as first, started(HEAR, str(store.root)) as second:
        assert answer(first) == "said"
        assert answer(second) == "now"


def test_launches_that_speak_at_the_same_time_are_all_heard(store: Store) -> None:
    launches = [Launch(store.paths, "p") for _ in range(8)]
    heard: dict[int, set[str]] = {number: set() for number in range(len(launches))}

    def speak(number: int) -> None:
        for turn in range(50):
            launches[number].announce(Announcement(f"run-{number}-{turn}", "name", time.time_ns()))
            said = launches[number].hear(0.0)
            heard[number].add(said.run_id if said else "nothing")

    threads = [threading.Thread(target=speak, args=(number,)) for number in heard]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: {f"run-{number}-{turn}" for turn in range(50)} for number in heard}
