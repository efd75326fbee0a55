"""`kerascope index rebuild`: makes the index anew from the logs, which loses nothing."""

from __future__ import annotations

import argparse
import time

from kerascope.cli.output import Output, size
from kerascope.cli.store import store_paths


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `index`."""
    commands = parser.add_subparsers(dest="index_command", metavar="COMMAND", required=True)
    rebuild = commands.add_parser(
        "rebuild", help="make the index anew", description="Makes the index anew from the logs."
    )
    rebuild.add_argument("--dir", default=argparse.SUPPRESS, metavar="FOLDER", help=argparse.SUPPRESS)
    rebuild.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")


def run(args: argparse.Namespace, out: Output) -> int:
    """Rebuilds the index; returns 1 if a log file could not be read."""
    from kerascope.index.build import open_index
    from kerascope.index.db import read
    from kerascope.query.runs import projects

    paths = store_paths(args)
    started = time.perf_counter()
    with open_index(paths) as index, out.progress("Folding all log records", after_s=0.0) as advance:
        index.rebuild(progress=advance)
        problems = {str(path): reason for path, reason in index.problems.items()}
    with read(paths) as db:
        run_count = sum(project.run_count for project in projects(db))
    took_s = time.perf_counter() - started
    size_bytes = paths.index.stat().st_size
    if out.as_json:
        out.json({"run_count": run_count, "size_bytes": size_bytes, "took_s": round(took_s, 3), "problems": problems})
    else:
        out.line(f"Folded {run_count} runs into {paths.index} ({size(size_bytes)}) in {took_s:.1f} s.")
        for path, reason in problems.items():
            out.line(f"{path} could not be read: {reason}", "red")
    return 1 if problems else 0
