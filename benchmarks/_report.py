"""What all benchmarks share: repeats and their spread, CPU time with helper processes, and the page that the results go to.

    seconds = repeat(lambda: timed(work))
    write("Folding", "How fast does the index fold a log?", ["what", "median (spread) of 5"], [["small", spread(seconds, 2, "s")]])

`write` prints the section and puts it into `benchmarks/README.md` in place of the section with that heading, with command, machine and
date.
"""

from __future__ import annotations

import ctypes
import datetime
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
README = FOLDER / "README.md"
HEAD = """# Benchmarks

Written by `make bench`: one section per file, each answering one question; medians with the spread (lowest to highest) of the repetitions.
"""
_SUBREAPER = 36  # prctl: orphaned grandchildren become children of this process
_HELPERS_LINGER_S = 20.0


def machine() -> str:
    """Processor, cores, memory and versions, without names of hosts or users."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    found = re.search(r"model name\s*:\s*(.+)", text)
    processor = " ".join(found[1].split()) if found else platform.processor() or platform.machine()
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{processor}, {cores} cores, {memory_gib:.0f} GiB, Python {platform.python_version()}"


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def repeat(measure: Callable[[], float], times: int = 5) -> list[float]:
    """What `measure` gives, so many times."""
    return [measure() for _ in range(times)]


def spread(values: Sequence[float], digits: int, unit: str) -> str:
    """Median and range, with a fixed number of decimals: "4.10 (3.90-5.00) ms"."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f}) {unit}".strip()


def cell(values: Sequence[float], scale: float = 1.0, digits: int = 3) -> str:
    """Median and range, with so many significant digits: "270 (262-1,310)"; for values that differ by orders of magnitude."""
    low, middle, high = (
        _short(number * scale, digits) for number in (min(values), statistics.median(values), max(values))
    )
    return f"{middle} ({low}-{high})"


def _short(number: float, digits: int) -> str:
    return f"{number:,.0f}" if abs(number) >= 10 ** (digits - 1) else f"{number:.{digits}g}"


def write(heading: str, text: str, heads: Sequence[str], rows: Sequence[Sequence[str]], notes: str = "") -> None:
    """Prints a section and puts it into the README, in place of an earlier one with that heading."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    origin = f"{machine()}, load average {os.getloadavg()[0]:.1f} at the end, {today}"
    body = "\n\n".join(part for part in (text, "\n".join(lines), notes, origin) if part)
    section = f"## {heading}\n\n{body}\n"
    print("\n" + section)
    page = README.read_text(encoding="utf-8") if README.exists() else HEAD
    sections = re.split(r"(?m)^(?=## )", page)
    places = [place for place, found in enumerate(sections) if found.startswith(f"## {heading}\n")]
    if places:
        sections[places[0]] = section
    else:
        sections.append(section)
    README.write_text("\n".join(found.strip() + "\n" for found in sections), encoding="utf-8")


class Finished(NamedTuple):
    """A child process that ended: its exit status, its output, and the CPU seconds of it and all its helper processes."""

    status: int
    output: str
    cpu_s: float


def run_measured(command: Sequence[str], env: dict[str, str] | None = None, timeout_s: float = 600.0) -> Finished:
    """Runs a command and waits for every process it started, helpers that outlive it included (Linux); they are killed after 20 s."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run(
        list(command),
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    _reap_helpers()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Finished(child.returncode, child.stdout, cpu_s)


def _reap_helpers() -> None:
    deadline = time.monotonic() + _HELPERS_LINGER_S
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if time.monotonic() > deadline:
                for helper in children():
                    os.kill(helper, 9)
            time.sleep(0.02)


def children() -> list[int]:
    """The process ids of this process' children."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def folder_size(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
