"""`kerascope agent`: runs the program of a sweep, trial after trial."""

from __future__ import annotations

import argparse
import os

from kerascope.cli.output import Output
from kerascope.sweeps.agent import agent


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `agent`."""
    parser.add_argument("sweep", metavar="ID", help="a sweep: id, or project/id")
    parser.add_argument("--count", type=int, help="how many trials to run at most")
    parser.add_argument("--project", "-p", help="the project of the sweep")


def run(args: argparse.Namespace, out: Output) -> int:
    """Runs trials until there are no more."""
    if args.dir is not None:
        os.environ["KERASCOPE_DIR"] = args.dir
    agent(args.sweep, count=args.count, project=args.project)
    return 0
