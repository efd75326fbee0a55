"""`kerascope upgrade`: prints, or with `--write` makes, the edits that turn a script's old names into today's."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from pathlib import Path

from kerascope.cli.output import Output
from kerascope.compat.upgrade import upgrade
from kerascope.errors import UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `upgrade`."""
    parser.add_argument("scripts", nargs="+", metavar="SCRIPT", help="Python files")
    parser.add_argument("--write", action="store_true", help="change the files instead of printing a diff")


def run(args: argparse.Namespace, out: Output) -> int:
    """Prints or applies the edits; what is left to do by hand goes to stderr."""
    for name in args.scripts:
        path = Path(name)
        try:
            before = path.read_bytes().decode("utf-8")
            after = upgrade(before)
        except (OSError, UnicodeDecodeError, SyntaxError) as error:
            raise UsageError(f"A script must be a readable Python file. Received: {name!r} ({error}).") from error
        if args.write:
            if after.source != before:
                _replace(path, after.source)
        else:
            _print_diff(name, before, after.source)
        for line, sentence in after.left:
            sys.stderr.write(f"{name}:{line}: by hand: {sentence}\n")
    return 0


def _replace(path: Path, text: str) -> None:
    """Writes beside the file, then over it, so that a stop in between leaves the old one."""
    made = path.with_name(f".{path.name}.upgraded")
    made.write_bytes(text.encode())
    made.chmod(path.stat().st_mode & 0o7777)
    os.replace(made, path)


def _print_diff(name: str, before: str, after: str) -> None:
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}")
    for line in lines:
        sys.stdout.write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
