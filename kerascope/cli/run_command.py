"""`kerascope run`: runs a script written for Keras 1 or 2 or for wandb on today's packages, with no edit."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from kerascope.cli.output import Output
from kerascope.compat import datasets, runner
from kerascope.compat.report import translations
from kerascope.errors import UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `run`; what follows the script is the script's own."""
    parser.add_argument("--data-dir", metavar="FOLDER", help="where keras.datasets finds its files")
    parser.add_argument("--no-report", action="store_true", help="do not list the old names at the end")
    parser.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help="run a module, as `python -m` does")
    parser.add_argument("script", nargs=argparse.REMAINDER, help="a script or notebook, and its arguments")


def run(args: argparse.Namespace, out: Output) -> int:
    """Runs the script and lists the old names that it used."""
    words = args.module or args.script
    if not words:
        raise UsageError("A script must be given. Received none. Use `kerascope run train.py`.")
    if args.dir is not None:
        os.environ["KERASCOPE_DIR"] = args.dir
    if args.data_dir is not None:
        _use_data(Path(args.data_dir))
    program = runner.load_module(words[0]) if args.module else runner.load_script(words[0])
    code = runner.run(program, words[1:])
    if not args.no_report:
        _report()
    return code


def _use_data(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"`--data-dir` must be a folder. Received: {str(folder)!r}.")
    datasets.use_folder(folder.resolve())


def _report() -> None:
    """Lists the translated names on stderr, where they do not mix with what the script prints."""
    found = translations()
    if not found:
        return
    sys.stdout.flush()
    lines = ["", "kerascope: these names were translated; today they are written:"]
    width = min(max(len(one.old) for one in found), 44)
    for one in found:
        place = f"  ({os.path.basename(one.file)}:{one.line})" if one.line else ""
        lines.append(f"  {one.old:<{width}}  {one.today}{place}")
    lines.append("`kerascope upgrade` makes these edits.")
    sys.stderr.write("\n".join(lines) + "\n")
