"""Runs scripts one after another, each in a child of this process and a folder of its own; prints a line of JSON for each.

Importing keras is what costs, so it is imported once and each script begins in a fork, before any backend has started a thread.
With a backend other than TensorFlow's, TensorFlow cannot be imported at all.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib.machinery
import os
import runpy
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from kerascope.cli.main import main

SCRIPTS = Path(__file__).parent / "scripts"
TAIL = 3000
LONGEST_S = 400


class Without(importlib.machinery.PathFinder):
    """Finds what Python finds, but for TensorFlow."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in ("tensorflow", "tf_keras"):
            return None
        return super().find_spec(fullname, path, target)


def hide_tensorflow() -> None:
    """Makes TensorFlow look as if it was not installed."""
    place = sys.meta_path.index(importlib.machinery.PathFinder)
    sys.meta_path[place] = Without


def drive(path: Path, plain: bool) -> dict[str, Any]:
    """Returns exit code, seconds and what a script wrote to stderr; `plain` runs it as Python does, without the runner."""
    started, folder = time.perf_counter(), tempfile.mkdtemp()
    errors = Path(folder, "stderr.txt")
    child = os.fork()
    if child == 0:
        _become(path, Path(folder, "work"), errors, plain)
    _, status = os.waitpid(child, 0)
    said = errors.read_text(errors="replace")
    shutil.rmtree(folder)
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "seconds": time.perf_counter() - started, "errors": said[-TAIL:]}


def _become(path: Path, folder: Path, errors: Path, plain: bool) -> None:
    """In the child: what `kerascope run` or `python` does, to the end of the interpreter."""
    for number, target in ((1, os.devnull), (2, str(errors))):
        os.dup2(os.open(target, os.O_WRONLY | os.O_CREAT), number)
    folder.mkdir()
    os.chdir(folder)
    faulthandler.dump_traceback_later(LONGEST_S, exit=True)  # a script that hangs says where, and the next one begins
    if plain:
        sys.argv = [str(path)]
        runpy.run_path(str(path), run_name="__main__")
        sys.exit(0)
    sys.exit(main(["run", "--no-report", str(path)]))


if __name__ == "__main__":
    if os.environ["KERAS_BACKEND"] != "tensorflow":
        hide_tensorflow()
    import keras  # noqa: F401

    import kerascope.compat.install
    import kerascope.keras.model  # noqa: F401

    gc.freeze()  # what is imported is never garbage: looking at it in every child would copy its memory
    is_plain = "--plain" in sys.argv
    for one in sys.argv[1:]:
        if one != "--plain":
            print(msgspec.json.encode({Path(one).stem: drive(Path(one).resolve(), is_plain)}).decode(), flush=True)
