"""What all benchmarks share: repeats with their spread, CPU time with helper processes, and the page that the results go to.

    rows = [["kerascope", cell(seconds_of_5_repeats, "us")], ...]
    publish("log_call", "What does one `log()` call cost?", table(["", "per call"], rows), notes="...")

`publish` prints the section and writes it into `benchmarks/README.md` between its markers, with machine, date and command.
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
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
README = FOLDER / "README.md"
UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9, "": 1.0}
_SUBREAPER = 36  # prctl: orphaned grandchildren become children of this process
_HELPERS_LINGER_S = 20.0


def machine() -> str:
    """Cores, processor, memory and system, without names of hosts or users."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    found = re.search(r"model name\s*:\s*(.+)", text)
    processor = " ".join(found[1].split()) if found else platform.processor() or platform.machine()
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores of {processor}, {memory_gb:.0f} GB, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}"
    )


def cell(values: Sequence[float], unit: str = "", digits: int = 3) -> str:
    """Median and range of repeats: "4.1 (3.9 to 5.0) us"; the values are in seconds, or plain if there is no unit."""
    scale = UNITS[unit]
    low, middle, high = (
        _short(value * scale, digits) for value in (min(values), statistics.median(values), max(values))
    )
    return f"{middle} ({low} to {high}) {unit}".strip()


def _short(value: float, digits: int) -> str:
    if value == 0 or abs(value) >= 10**digits:
        return f"{value:,.0f}"
    return f"{float(f'{value:.{digits}g}'):g}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are aligned to the right."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" + " ---: |" * (len(heads) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def publish(name: str, question: str, body: str, notes: str = "") -> None:
    """Prints the section and writes it into the README, in place of an earlier one of that name."""
    command = "sh benchmarks/run.sh " + " ".join([f"benchmarks/{name}.py", *sys.argv[1:]])
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parts = [f"## {question}", body, notes.strip(), f"`{command}`, {today}, {machine()}."]
    section = "\n\n".join(part for part in parts if part)
    print("\n" + section + "\n")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = README.read_text(encoding="utf-8") if README.exists() else "# Benchmarks\n"
    block = f"{begin}\n{section}\n{end}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    page = pattern.sub(lambda _: block, page) if pattern.search(page) else f"{page.rstrip()}\n\n{block}\n"
    README.write_text(page, encoding="utf-8")


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
