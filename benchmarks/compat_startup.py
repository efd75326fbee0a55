"""What does `kerascope run` cost before the first line of the script, over importing keras?

CPU seconds of `kerascope run script.py`, less those of `python script.py`, where the script imports keras and nothing else.

Budget: at most 0.3 s. A step costs nothing: constructors and methods are wrapped, what runs in steps is not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from _report import spread, write


def cpu_s(words: list[str], folder: str) -> float:
    """CPU seconds of `python words`."""
    surroundings = {**os.environ, "KERAS_BACKEND": "jax", "KERASCOPE_DIR": folder, "KERASCOPE_SILENT": "1"}
    process = subprocess.Popen([sys.executable, "-W", "ignore", *words], env=surroundings, cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"failed: {words}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.py").write_text("import keras\n")
        ways = {"python": ["script.py"], "kerascope run": ["-m", "kerascope", "run", "--no-report", "script.py"]}
        for words in ways.values():
            cpu_s(words, folder)  # writes compiled files
        found: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(args.repeats):
            for name, words in ways.items():
                found[name].append(cpu_s(words, folder))
    extra = [ours - plain for ours, plain in zip(found["kerascope run"], found["python"], strict=True)]
    lines = [[f"`{name}` a script that imports keras (JAX)", spread(times, 2, "s")] for name, times in found.items()]
    lines.append(["difference", spread(extra, 2, "s")])
    text = (
        "What does `kerascope run` cost at the start, in CPU time? `sh benchmarks/run.sh benchmarks/compat_startup.py`"
    )
    write(
        "Old scripts",
        text,
        ["", f"median (spread) of {args.repeats}"],
        lines,
        "Budget: at most 0.30 s over importing keras.",
    )


if __name__ == "__main__":
    main()
