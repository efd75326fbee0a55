"""Runs the scripts of the corpus one after another in this process, each in a folder of its own; prints what became of them as JSON."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from kerascope.compat import runner, uninstall

SCRIPTS = Path(__file__).parent / "scripts"


def drive(name: str) -> dict[str, Any]:
    """Returns exit code, seconds and what a script wrote to stderr."""
    errors = io.StringIO()
    before, path, main, hook = Path.cwd(), list(sys.path), sys.modules["__main__"], sys.excepthook
    started = time.perf_counter()
    sys.excepthook = traceback.print_exception
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        os.chdir(folder)
        try:
            with contextlib.redirect_stderr(errors):
                code = runner.run(runner.load_script(str(SCRIPTS / f"{name}.py")), [])
        finally:
            os.chdir(before)
    uninstall()
    sys.path[:], sys.modules["__main__"], sys.excepthook = path, main, hook
    import keras

    keras.utils.clear_session()
    keras.config.set_image_data_format("channels_last")
    gc.collect()
    return {"code": code, "seconds": time.perf_counter() - started, "errors": errors.getvalue()[-3000:]}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    names = sys.argv[1:] or sorted(one.stem for one in SCRIPTS.glob("*.py"))
    print(json.dumps({name: drive(name) for name in names}))
