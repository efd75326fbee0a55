"""`kerascope mv`: shows runs in another project; their logs, files and artifacts stay where they are."""

from __future__ import annotations

import argparse

from kerascope.cli.output import Output
from kerascope.cli.runs import RUN_HELP, find_run
from kerascope.cli.store import OpenStore, open_store
from kerascope.query import bulk
from kerascope.query.edits import Editor
from kerascope.query.records import RunSummary


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `mv`."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help=RUN_HELP)
    parser.add_argument("project", metavar="PROJECT", help="the project that is to show them; it need not be there yet")


def run(args: argparse.Namespace, out: Output) -> int:
    """Moves; all runs are looked up before anything is done."""
    with open_store(args, out) as store:
        found = list({(one.home, one.id): one for one in (find_run(store, name) for name in args.runs)}.values())
        _move(store, found, args.project)
    with open_store(args, out):
        pass  # so that the index knows before the command returns
    if out.as_json:
        out.json({"project": args.project, "runs": [{"from": one.project, "id": one.id} for one in found]})
        return 0
    for one in found:
        out.line(f"{one.project}/{one.id}  {one.name}  is now {args.project}/{one.id}")
    return 0


def _move(store: OpenStore, found: list[RunSummary], target: str) -> None:
    by_project: dict[str, list[str]] = {}
    for one in found:
        by_project.setdefault(one.project, []).append(one.id)
    with Editor(store.paths) as editor:
        for project, run_ids in by_project.items():
            bulk.move_many(store.db, editor, project, run_ids, target)
