"""`kerascope export`: the history of a run, or of all runs of a project, as CSV, JSON or Parquet; runs or a report as one HTML file."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kerascope.blobs.store import BlobStore
from kerascope.cli.output import Output, size
from kerascope.cli.runs import find_run, project_names
from kerascope.cli.store import OpenStore, open_store
from kerascope.errors import StoreError, UsageError
from kerascope.query import export
from kerascope.reports import media, page
from kerascope.server.static_files import STATIC


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `export`."""
    parser.add_argument(
        "source",
        metavar="RUN|PROJECT",
        nargs="*",
        help="a run, or a project (all its runs); with --html one run or more",
    )
    parser.add_argument("--html", action="store_true", help="one page that opens without server and network")
    parser.add_argument("--report", metavar="PROJECT/NAME", help="with --html: a saved report instead of runs")
    parser.add_argument(
        "--media-mb",
        metavar="N",
        type=int,
        default=media.MOST_BYTES >> 20,
        help="with --html: media and their files up to N MiB, 0 for none (default: %(default)s)",
    )
    parser.add_argument("--format", choices=export.FORMATS, help="default: what the name of the file says, else csv")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to write (default: standard output)")


def run(args: argparse.Namespace, out: Output) -> int:
    """Writes the export."""
    _check(args)
    kind = "html" if args.html else _format(args)
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


def _check(args: argparse.Namespace) -> None:
    if args.report is not None and (not args.html or args.source):
        raise UsageError("`--report` goes with --html and without RUN. Received both or no --html. Leave one out.")
    if args.report is not None and "/" not in args.report.strip("/"):
        raise UsageError(f"`--report` must be PROJECT/NAME. Received: {args.report!r}. `kerascope ls` lists projects.")
    if args.html and args.format is not None:
        raise UsageError(f"`--html` is a format of its own. Received: --format {args.format}. Leave one out.")
    if args.media_mb < 0:
        raise UsageError(f"`--media-mb` must be 0 or more. Received: --media-mb {args.media_mb}. 0 leaves media out.")
    if args.report is None and (not args.source or (len(args.source) > 1 and not args.html)):
        raise UsageError(
            f"One RUN or PROJECT must be named, with --html one RUN or more. Received: {len(args.source)}. "
            "Export several one after the other."
        )


def _format(args: argparse.Namespace) -> str:
    if args.format is not None:
        return str(args.format)
    suffix = "" if args.output is None else Path(args.output).suffix.lower().lstrip(".")
    if suffix in export.FORMATS:
        return suffix
    return "json" if args.json and args.output is None else "csv"


def _export(args: argparse.Namespace, store: OpenStore, kind: str, file: BinaryIO) -> None:
    if kind == "html":
        file.write(_page(args, store))
    elif args.source[0] in project_names(store):
        export.export_project(store.db, args.source[0], kind, file)
    else:
        found = find_run(store, args.source[0])
        export.export_run(store.db, found.project, found.id, kind, file)


def _page(args: argparse.Namespace, store: OpenStore) -> bytes:
    assets, blobs, most_bytes = STATIC / "page", BlobStore(store.paths.blobs), args.media_mb << 20
    if args.report is not None:
        project, _, name = args.report.partition("/")
        return page.report_page(store.db, assets, project, name, blobs, most_bytes)
    found = [find_run(store, wanted) for wanted in args.source]
    runs = [(run.project, run.id) for run in found]
    return page.runs_page(store.db, assets, runs, blobs=blobs, most_media_bytes=most_bytes)


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
