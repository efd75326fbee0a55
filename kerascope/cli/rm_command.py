"""`kerascope rm`: hides runs, which can be undone, or with `--purge` deletes them for good."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from kerascope.cli.output import Output
from kerascope.cli.runs import RUN_HELP, find_run
from kerascope.cli.store import OpenStore, open_store
from kerascope.errors import NotFoundError, StoreError, UsageError
from kerascope.paths import StorePaths, encode_name
from kerascope.query.edits import Editor
from kerascope.query.records import RunSummary


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `rm`."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help=RUN_HELP)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--purge", action="store_true", help="delete the runs' logs and files for good")
    what.add_argument("--restore", action="store_true", help="show hidden runs again")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask before --purge")


def run(args: argparse.Namespace, out: Output) -> int:
    """Hides, restores or purges; all runs are looked up before anything is done."""
    with open_store(args, out) as store:
        found = list({(one.home, one.id): one for one in (_find(store, name, args) for name in args.runs)}.values())
        paths = store.paths
    if args.purge:
        _confirm(found, args, out)
        for one in found:
            _purge(paths, one)
        with Editor(paths) as editor:
            for one in found:  # or else a later run of the same id would be born hidden or elsewhere
                editor.restore(one.home, one.id)
                editor.move(one.home, one.id, one.home)
    else:
        with Editor(paths) as editor:
            for one in found:
                (editor.restore if args.restore else editor.delete)(one.home, one.id)
    with open_store(args, out):
        pass  # so that the index knows before the command returns
    _report(found, args, out)
    return 0


def _find(store: OpenStore, name: str, args: argparse.Namespace) -> RunSummary:
    if args.restore:
        return find_run(store, name, deleted=True)
    try:
        return find_run(store, name)
    except NotFoundError:
        if not args.purge:
            raise
        return find_run(store, name, deleted=True)


def _confirm(found: list[RunSummary], args: argparse.Namespace, out: Output) -> None:
    running = [f"{one.project}/{one.id}" for one in found if one.state == "running"]
    if running:
        raise UsageError(
            f"A run must have ended before it is purged. Received: {', '.join(running)}, still running. Stop it first."
        )
    if args.yes:
        return
    names = ", ".join(f"{one.project}/{one.id}" for one in found)
    if out.as_json or not sys.stdin.isatty():
        raise UsageError(f"`--purge` must be confirmed. Received: {names}, and no terminal to ask at. Add --yes.")
    sys.stderr.write(f"Delete {names} for good? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("`--purge` must be confirmed. Received: no. Nothing was deleted.")


def _purge(paths: StorePaths, one: RunSummary) -> None:
    """Moves the run away in one step, so that it is whole or gone for every reader, then deletes it."""
    folder = paths.run(one.home, one.id)
    doomed = Path(paths.trash, f"{encode_name(one.project)}-{one.id}-{time.time_ns()}")
    try:
        paths.trash.mkdir(exist_ok=True)
        os.rename(folder, doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        raise StoreError(
            f"The run's folder must be writable. Received: {folder} ({error.strerror or error})."
        ) from error


def _report(found: list[RunSummary], args: argparse.Namespace, out: Output) -> None:
    done = "purged" if args.purge else "restored" if args.restore else "hidden"
    if out.as_json:
        out.json({"action": done, "runs": [{"project": one.project, "id": one.id} for one in found]})
        return
    for one in found:
        out.line(f"{one.project}/{one.id}  {one.name}  {done}")
    if done == "hidden":
        out.line("Undo with --restore; --purge deletes for good.")
    elif done == "purged":
        out.line("Images, files and models that nothing refers to any more are freed by `kerascope doctor --fix`.")
