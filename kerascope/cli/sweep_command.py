"""`kerascope sweep`: makes a sweep from a YAML file, or stops one."""

from __future__ import annotations

import argparse
import os

from kerascope.cli.output import Output
from kerascope.paths import StorePaths
from kerascope.settings import load_settings
from kerascope.sweeps import store
from kerascope.sweeps.agent import sweep


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `sweep`."""
    parser.add_argument(
        "sweep", metavar="FILE", help="a YAML file with method, parameters, program; with --stop, an id"
    )
    parser.add_argument("--project", "-p", help="the project of its runs")
    parser.add_argument("--stop", action="store_true", help="give out no more trials of the sweep with this id")


def run(args: argparse.Namespace, out: Output) -> int:
    """Prints the id of the new sweep."""
    if args.dir is not None:
        os.environ["KERASCOPE_DIR"] = args.dir
    if args.stop:
        store.find(StorePaths(load_settings().root), args.sweep, args.project).stop()
        return 0
    made = sweep(args.sweep, project=args.project)
    if args.json:
        out.json({"sweep": made})
    else:
        out.line(made)
    return 0
