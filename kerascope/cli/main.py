"""The command `kerascope`: finds the subcommand, runs it and turns every way to end into an exit code.

Promises: 0 done, 1 something is wrong with the store, 2 a mistake of the user (one sentence on stderr, no traceback), 130 Ctrl-C,
141 the reader of a pipe went away. A subcommand is one module with `add(parser)` and `run(args, out) -> int`; only the one that is
asked for is imported.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from kerascope.cli.output import Output
from kerascope.cli.parser import Parser
from kerascope.errors import CommError, Error, NotFoundError, StoreError, UsageError
from kerascope.version import __version__

# Name of the subcommand: what it does. `log cat`, `index rebuild` and `artifacts ls` are subcommands of theirs.
COMMANDS = {
    "demo": "train a small network with the callbacks on, then look at it",
    "run": "run an old script for Keras 1 or 2 or wandb on today's packages",
    "upgrade": "write a script's old names as today's",
    "sweep": "make a sweep from a YAML file and print its id",
    "agent": "run the trials of a sweep",
    "ui": "serve the dashboard and open it in a browser",
    "ls": "list projects, or the runs of a project",
    "show": "show one run: config, summary, metrics, attempts, notices",
    "tail": "follow what a run logs, as it happens",
    "export": "write a run or a project to CSV, JSON or Parquet",
    "artifacts": "list, get, compare, verify and clean up artifact versions",
    "log": "read the log files that runs are made of",
    "index": "rebuild the index from the log files",
    "doctor": "check the store for damage and, with --fix, repair it",
    "mv": "show runs in another project",
    "rm": "hide runs, or delete them for good with --purge",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code.

    Args:
        argv: The arguments, by default those of the process.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        args, command = _parse(given)
        with Output(as_json=args.json) as out:
            code: int = command.run(args, out)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The interpreter flushes stdout once more at its end; that must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Error as error:
        _say(str(error))
        out_of_reach = isinstance(error, StoreError | CommError) and not isinstance(error, NotFoundError)
        return 1 if out_of_reach else 2
    except OSError as error:
        _say(f"The files of the store must be within reach. Received: {error}.")
        return 1


def _say(sentence: str) -> None:
    sys.stderr.write(f"kerascope: {sentence}\n")


def _parse(given: list[str]) -> tuple[argparse.Namespace, ModuleType]:
    """Returns the arguments and the module of the subcommand."""
    parser = Parser(prog="kerascope", description="See inside Keras training runs and keep what is worth keeping.")
    parser.add_argument("--version", action="version", version=f"kerascope {__version__}")
    _add_common(parser, top=True)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    modules: dict[str, ModuleType] = {}
    for name, purpose in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".")
        _add_common(subparser)
        if name in given:
            modules[name] = importlib.import_module(f"kerascope.cli.{name}_command")
            modules[name].add(subparser)
    _check_command(given)
    args = parser.parse(given)
    if args.command is None:
        raise UsageError(f"A command must be given. Received none. Use one of {', '.join(COMMANDS)}, or --help.")
    return args, modules[args.command]


def _add_common(parser: argparse.ArgumentParser, top: bool = False) -> None:
    """Adds what every command takes; before the command and after it, where the latter wins."""
    default = argparse.SUPPRESS
    parser.add_argument(
        "--dir",
        default=None if top else default,
        metavar="FOLDER",
        help="the store (default: KERASCOPE_DIR or ~/.kerascope)",
    )
    parser.add_argument("--json", action="store_true", default=False if top else default, help="print JSON")


def _check_command(given: list[str]) -> None:
    """Refuses a first word that is no command, with the nearest one."""
    words = (
        word for place, word in enumerate(given) if not word.startswith("-") and given[place - 1 : place] != ["--dir"]
    )
    word = next(words, None)
    if word is None or word in COMMANDS:
        return
    near = difflib.get_close_matches(word, COMMANDS, 1, 0.5)
    way_out = f"Did you mean {near[0]!r}?" if near else "See `kerascope --help`."
    raise UsageError(f"The command must be one of {', '.join(COMMANDS)}. Received: {word!r}. {way_out}")
