"""`kerascope export`: the history of a run, or of all runs of a project, as CSV, JSON or Parquet."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kerascope.cli.output import Output, size
from kerascope.cli.runs import find_run, project_names
from kerascope.cli.store import OpenStore, open_store
from kerascope.errors import StoreError, UsageError
from kerascope.query import export


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `export`."""
    parser.add_argument("source", metavar="RUN|PROJECT", help="a run, or a project (all its runs)")
    parser.add_argument("--format", choices=export.FORMATS, help="default: what the name of the file says, else csv")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (default: standard output)")


def run(args: argparse.Namespace, out: Output) -> int:
    """Writes the export."""
    kind = _format(args)
    if args.output is None and kind == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is no text. Received no FILE for it. Add -o FILE, or a pipe.")
    with open_store(args, out) as store:
        if args.output is None:
            _export(args, store, kind, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return 0
        target = Path(args.output).expanduser()
        with _replacing(target) as file:
            _export(args, store, kind, file)
    size_bytes = target.stat().st_size
    if out.as_json:
        out.json({"path": str(target), "format": kind, "size_bytes": size_bytes})
    else:
        out.line(f"Wrote {target} ({size(size_bytes)}).")
    return 0


def _format(args: argparse.Namespace) -> str:
    if args.format is not None:
        return str(args.format)
    suffix = "" if args.output is None else Path(args.output).suffix.lower().lstrip(".")
    if suffix in export.FORMATS:
        return suffix
    return "json" if args.json and args.output is None else "csv"


def _export(args: argparse.Namespace, store: OpenStore, kind: str, file: BinaryIO) -> None:
    if args.source in project_names(store.paths):
        export.export_project(store.db, args.source, kind, file)
    else:
        found = find_run(store, args.source)
        export.export_run(store.db, found.project, found.id, kind, file)


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Opens a file that takes the place of `target` only when all is written."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        try:
            with open(unfinished, "wb") as file:
                yield file
            os.replace(unfinished, target)
        except OSError as error:
            raise StoreError(
                f"The FILE of --output must be writable. Received: {target} ({error.strerror or error}). Name another."
            ) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
