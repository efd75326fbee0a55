"""What does `kerascope run` cost before the first line of the script, over importing keras?

Two ways to ask, since importing keras takes seconds whose spread is larger than the difference:

* pairs of processes in turn, `python script.py` and `kerascope run script.py`, where the script imports keras and nothing else: CPU
  seconds of each, and the median of the differences within pairs;
* one process that has imported keras: CPU seconds from the call of the command to the first line of the script, and past the imports
  of an old one (`wandb`, its callback, `keras.layers.core`, ...).

Compiled files are kept in a folder of this benchmark's own and written before it measures, as an installed package has them; the second
way is also measured without, as a checkout under `PYTHONDONTWRITEBYTECODE` is.

Budget: at most 0.3 s. A step costs nothing: constructors and methods are wrapped, what runs in steps is not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from _report import spread, write

IN_ONE_PROCESS = """
import sys, time
import keras
started = time.process_time()
from kerascope.cli.main import main
sys.exit(main(["run", "--no-report", sys.argv[1], str(started)]))
"""
SAY = "import sys, time\nprint(time.process_time() - float(sys.argv[1]))\n"
OLD_IMPORTS = """
import wandb
from wandb.keras import WandbCallback
from keras import backend as K
from keras.layers.core import Dense
from keras.models import Sequential
from keras.optimizers import SGD
"""


def surroundings(folder: str, compiled: bool = True) -> dict[str, str]:
    """The environment of a measured process."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept.update(KERAS_BACKEND="jax", KERASCOPE_DIR=folder, KERASCOPE_SILENT="1")
    if compiled:
        return {**kept, "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


def cpu_s(words: list[str], folder: str) -> float:
    """CPU seconds of `python words`."""
    process = subprocess.Popen([sys.executable, "-W", "ignore", *words], env=surroundings(folder), cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"failed: {words}")
    return used.ru_utime + used.ru_stime


def until_said_s(script: str, folder: str, compiled: bool) -> float:
    """CPU seconds from the call of the command to the line of the script that says so, keras being there."""
    command = [sys.executable, "-W", "ignore", "-c", IN_ONE_PROCESS, script]
    done = subprocess.run(
        command, env=surroundings(folder, compiled), cwd=folder, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def in_turn(folder: str, repeats: int) -> tuple[list[float], list[float]]:
    """CPU seconds with Python and with the runner, one after the other, each first every second time."""
    ways = (["only_keras.py"], ["-m", "kerascope", "run", "--no-report", "only_keras.py"])
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats):
        for place in (0, 1) if turn % 2 else (1, 0):
            found[place].append(cpu_s(ways[place], folder))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        texts = {"only_keras.py": "import keras\n", "first_line.py": SAY, "old_imports.py": OLD_IMPORTS + SAY}
        for name, text in texts.items():
            Path(folder, name).write_text(text)
        for script, what in (("first_line.py", "first line"), ("old_imports.py", "end of an old script's imports")):
            for compiled in (True, False):
                until_said_s(script, folder, compiled)  # writes compiled files
                values = [until_said_s(script, folder, compiled) for _ in range(repeats)]
                how = "" if compiled else ", nothing compiled"
                lines.append([f"from the command to the {what}, keras imported{how}", spread(values, 3, "s")])
        plain, ours = in_turn(folder, repeats)
    extra = [one - other for one, other in zip(ours, plain, strict=True)]
    lines.append(["`python` a script that imports keras (JAX)", spread(plain, 2, "s")])
    lines.append(["`kerascope run` the same", spread(ours, 2, "s")])
    lines.append(["difference within pairs", spread(extra, 2, "s")])
    lines.append(["difference of the medians", f"{statistics.median(ours) - statistics.median(plain):.2f} s"])
    text = (
        "What does `kerascope run` cost at the start, in CPU time? `sh benchmarks/run.sh benchmarks/compat_startup.py`"
    )
    heads = ["", f"median (spread) of {repeats}"]
    write("Old scripts", text, heads, lines, "Budget: at most 0.30 s over importing keras.")


if __name__ == "__main__":
    main()
