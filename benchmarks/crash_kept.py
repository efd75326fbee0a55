"""How many steps are left when the training process is killed (SIGKILL) right after `log()` has returned for the last of them?

Once the process alone is killed and its helper processes, if any, get 10 s to save what they have; once they are killed with it, as
the out-of-memory killer or the end of a container does. Then the rows are read back from the files.

Budget: all of them, always. Two trials run at a time: rows are counted here, not seconds.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _loggers import LOGGERS, rows, surroundings
from _report import cell, children, write

AT_ONCE = 2


def child(name: str, folder: Path) -> None:
    logger = LOGGERS[name]()
    log = logger.begin(folder)
    samples = rows()
    for step in range(LOGGERS[name].killed_at):
        log(step, samples[step % 1000])
    os.kill(os.getpid(), signal.SIGKILL)


def trial(name: str, with_helpers: bool) -> float:
    """Runs and kills one process; returns how many steps can be read back."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "data").mkdir()
        command = [sys.executable, __file__, "--watch", name, "--folder", f"{folder}/data"]
        if with_helpers:
            command.append("--with-helpers")
        done = subprocess.run(
            command,
            env=surroundings(LOGGERS[name]),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{name} failed:\n{done.stdout}")
        return LOGGERS[name]().kept(Path(folder) / "data")


def watch(name: str, folder: Path, with_helpers: bool) -> None:
    """Starts the process that will be killed and, as soon as it is, kills its helpers too or gives them 10 s."""
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # helpers that are orphaned become children of this process
    trained = subprocess.Popen([sys.executable, __file__, "--child", name, "--folder", str(folder)])
    if trained.wait() != -signal.SIGKILL:
        raise SystemExit(f"the process was to be killed, but ended with {trained.returncode}")
    deadline = time.monotonic() + (0 if with_helpers else 10)
    while helpers := children():
        if time.monotonic() >= deadline:
            for helper in helpers:
                os.kill(helper, signal.SIGKILL)
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                return
        time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default=",".join(name for name in LOGGERS if name != "bare"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--watch", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--with-helpers", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child, args.folder)
    elif args.watch:
        watch(args.watch, args.folder, args.with_helpers)
    else:
        report(args.only.split(","), args.repeats)


def report(names: list[str], repeats: int) -> None:
    lines = []
    for name in names:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            tried = [[pool.submit(trial, name, with_helpers) for _ in range(repeats)] for with_helpers in (False, True)]
            alone, together = ([one.result() for one in trials] for trials in tried)
        print(f"{name}: {alone}, {together}", file=sys.stderr)
        lines.append(
            [LOGGERS[name].name, f"{LOGGERS[name].killed_at:,}", cell(alone, digits=5), cell(together, digits=5)]
        )
    heads = ["", "steps logged", "process killed", "process and helpers killed"]
    text = (
        "How many steps can be read back when the process is killed right after logging the last? "
        f"`sh benchmarks/run.sh benchmarks/crash_kept.py`, medians (spread) of {repeats}"
    )
    write("Kept after kill -9", text, heads, lines)


if __name__ == "__main__":
    main()
