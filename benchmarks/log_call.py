"""What does one `log()` call of ten scalars cost the training thread, and the machine?

Each repeat is a fresh process that starts a run, waits until start-up work in the background is over, logs rows for a while, first in
a plain loop (mean), then call by call (median, p99), and ends its run in good order. CPU seconds are those of the process and all its
helpers, less those of a process that does the same but logs only 100 rows; bytes are what lies in its folder. Trackers take turns, so that a busy machine is unfair to all alike; the medians of
single calls (timer included, about 0.1 us) suffer least from it, so the comparisons are of these.

Budget: at most 2.5 times the bare loop, and at least 20 times faster than wandb offline at the median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from _loggers import LOGGERS, rows, surroundings
from _report import Finished, cell, folder_size, run_measured, write

SETTLE_S = 3.0


def child(name: str, folder: Path, steps: int) -> None:
    """Logs `steps` rows twice and prints what they cost, as JSON on the last line."""
    logger = LOGGERS[name]()
    log = logger.begin(folder)
    samples = rows()
    for step in range(100):
        log(step, samples[step])
    time.sleep(SETTLE_S)
    if not steps:
        logger.end()
        return
    bytes_before = folder_size(folder)
    started = time.perf_counter()
    for step in range(steps):
        log(100 + step, samples[step % 1000])
    loop_s = (time.perf_counter() - started) / steps
    calls = [0] * steps
    clock = time.perf_counter_ns
    for step in range(steps):
        row = samples[step % 1000]
        before = clock()
        log(100 + steps + step, row)
        calls[step] = clock() - before
    calls.sort()
    logger.end()
    result = {
        "loop_s": loop_s,
        "median_s": calls[steps // 2] / 1e9,
        "p99_s": calls[steps * 99 // 100] / 1e9,
        "bytes": (folder_size(folder) - bytes_before) / (2 * steps),
    }
    print("\n" + json.dumps(result), flush=True)


def measure(name: str, steps: int) -> dict[str, float]:
    """One repeat, in processes of its own."""
    idle, busy = run_child(name, 0), run_child(name, steps)
    result: dict[str, float] = json.loads(busy.output.strip().splitlines()[-1])
    result["cpu_s"] = max(0.0, busy.cpu_s - idle.cpu_s) / (2 * steps)
    return result


def run_child(name: str, steps: int) -> Finished:
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, __file__, "--child", name, "--folder", folder, "--steps", str(steps)]
        done = run_measured(command, surroundings(LOGGERS[name]))
    if done.status:
        raise SystemExit(f"{name} failed:\n{done.output}")
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default=",".join(LOGGERS))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child, args.folder, args.steps)
        return
    names = args.only.split(",")
    results: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for repeat in range(args.repeats):
        for name in names:
            results[name].append(measure(name, LOGGERS[name].steps))
            print(f"{repeat + 1}/{args.repeats} {name}: {results[name][-1]['loop_s'] * 1e6:.1f} us", file=sys.stderr)
    report(results)


def report(results: dict[str, list[dict[str, float]]]) -> None:
    def values(name: str, key: str) -> list[float]:
        return [result[key] for result in results[name]]

    bare_s = statistics.median(values("bare", "median_s")) if "bare" in results else float("nan")
    lines = [
        [
            LOGGERS[name].name,
            cell(values(name, "median_s"), 1e6),
            f"{statistics.median(values(name, 'median_s')) / bare_s:,.1f}",
            cell(values(name, "p99_s"), 1e6),
            cell(values(name, "loop_s"), 1e6),
            cell(values(name, "cpu_s"), 1e6),
            f"{statistics.median(values(name, 'bytes')):,.0f}",
        ]
        for name in results
    ]
    heads = [
        "",
        "median call, us",
        "times bare",
        "p99 call, us",
        "mean in a loop, us",
        "CPU us per call, all processes",
        "bytes",
    ]
    count = len(next(iter(results.values())))
    text = f"What does one `log()` call of ten scalars cost? `sh benchmarks/run.sh benchmarks/log_call.py`, medians (spread) of {count}"
    notes = ""
    if {"kerascope", "wandb"} <= results.keys():
        ours, theirs = (statistics.median(values(name, "median_s")) for name in ("kerascope", "wandb"))
        notes = f"At the median, a call of wandb takes {theirs / ours:.0f} times as long as one of kerascope (budget: at least 20; times bare: at most 2.5)."
    write("Logging", text, heads, lines, notes)


if __name__ == "__main__":
    main()
