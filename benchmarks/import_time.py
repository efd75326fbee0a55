"""What does the import cost that every training script pays first?

CPU seconds of a fresh interpreter that does nothing but the import, less those of one that imports nothing.

Budget: `import kerascope` at most 0.15 s CPU.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from _report import spread, write

MODULES = ("kerascope", "wandb", "trackio", "tensorboardX", "mlflow")


def cpu_s(code: str) -> float:
    """CPU seconds of `python -c code`, with compiled files in place."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code], env={**os.environ, "KERASCOPE_SILENT": "1"}
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"failed: {code}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    results: dict[str, list[float]] = {module: [] for module in MODULES}
    for module in MODULES:
        cpu_s(f"import {module}")  # writes compiled files
    for _ in range(args.repeats):
        empty = cpu_s("pass")
        for module in MODULES:
            results[module].append(max(0.0, cpu_s(f"import {module}") - empty))
    lines = [[f"`import {module}`", spread(times, 3, "s")] for module, times in results.items()]
    text = (
        "How much CPU time does the import take, beyond that of an interpreter that imports nothing? "
        "`sh benchmarks/run.sh benchmarks/import_time.py`"
    )
    write("Import", text, ["", f"median (spread) of {args.repeats}"], lines, "Budget of kerascope: at most 0.15 s.")


if __name__ == "__main__":
    main()
