"""Which store a command works on, and its index brought up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kerascope.cli.output import Output


class OpenStore(NamedTuple):
    """A store and a snapshot of its index."""

    paths: StorePaths
    db: Connection


def store_paths(args: argparse.Namespace) -> StorePaths:
    """Returns the store that `--dir`, `KERASCOPE_DIR` or the default names. It need not exist yet, unless `--dir` names it.

    Raises:
        UsageError: if `--dir` names no folder.
    """
    if args.dir is not None and not Path(args.dir).expanduser().is_dir():
        raise UsageError(
            f"`--dir` must be the folder of a store. Received: --dir {args.dir!r}, which is no folder. "
            "Leave it out for KERASCOPE_DIR or ~/.kerascope."
        )
    return StorePaths(load_settings({"root": args.dir}).root)


@contextmanager
def open_store(args: argparse.Namespace, out: Output) -> Iterator[OpenStore]:
    """Brings the index up to date, with a progress bar if there is much to fold, and opens it for reading."""
    from kerascope.index.build import open_index
    from kerascope.index.db import read

    paths = store_paths(args)
    with open_index(paths) as index, out.progress("Folding new log records") as advance:
        caught_up = index.refresh(progress=advance)
        problems = dict(index.problems)
    if not caught_up:
        sys.stderr.write(
            "kerascope: the process that writes the index is behind; what is shown may lack the newest values.\n"
        )
    for path, reason in problems.items():
        sys.stderr.write(f"kerascope: {path} could not be read: {reason}\n")
    with read(paths) as db:
        yield OpenStore(paths, db)
