"""`kerascope ls`: the projects of the store, or the runs of a project."""

from __future__ import annotations

import argparse
import difflib
from typing import Any

import msgspec

from kerascope.cli.output import Output, duration, flatten, number, when
from kerascope.cli.parser import whole_number
from kerascope.cli.store import OpenStore, open_store
from kerascope.errors import NotFoundError, UsageError
from kerascope.query import runs
from kerascope.query.records import RunSummary

_SHOWN_BY_DEFAULT = 3


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `ls`."""
    parser.add_argument(
        "project", nargs="?", metavar="PROJECT", help="list the runs of this project (default: list projects)"
    )
    parser.add_argument(
        "--filter", metavar="JSON", help="""only runs that fit, such as '{"config.lr": {"$gt": 0.01}}'"""
    )
    parser.add_argument(
        "--search", metavar="WORDS", help="only runs with these words in name, id, notes, tags or group"
    )
    parser.add_argument(
        "--sort", metavar="FIELDS", default="-created_s", help="comma list, - for descending (default -created_s)"
    )
    parser.add_argument("--columns", metavar="NAMES", help="comma list such as config.lr,summary.val_loss")
    parser.add_argument(
        "--limit", type=whole_number(1, runs.MAX_LIMIT), default=50, help="so many runs at most (default 50)"
    )
    parser.add_argument("--deleted", action="store_true", help="list hidden runs instead")
    parser.add_argument("--archived", action="store_true", help="list archived runs too")


def run(args: argparse.Namespace, out: Output) -> int:
    """Lists projects or runs."""
    with open_store(args, out) as store:
        if args.project is None:
            _projects(args, store, out)
        else:
            _runs(args, store, out)
    return 0


def _projects(args: argparse.Namespace, store: OpenStore, out: Output) -> None:
    given = [f"--{name}" for name in ("filter", "search", "columns", "deleted", "archived") if getattr(args, name)]
    if given:
        raise UsageError(
            f"Options that choose runs need a PROJECT. Received: {' '.join(given)} alone. Use `kerascope ls PROJECT ...`."
        )
    found = runs.projects(store.db)
    if out.as_json:
        out.json({"projects": found})
    elif not found:
        out.line(f"There are no runs in {store.paths.root} yet. `kerascope demo` makes some.")
    else:
        rows = [
            [one.name, str(one.run_count), str(one.running_count or ""), when(one.last_activity_s)] for one in found
        ]
        out.table(["project", "runs", "running", "last activity"], rows, right=["runs", "running"])


def _runs(args: argparse.Namespace, store: OpenStore, out: Output) -> None:
    columns = None if args.columns is None else [name for name in args.columns.split(",") if name]
    page = runs.page(
        store.db,
        args.project,
        filter=_parse_filter(args.filter),
        search=args.search,
        order=args.sort,
        limit=args.limit,
        columns=columns,
        deleted=args.deleted,
        archived=args.archived,
    )
    if not page.total:
        _check_project(store, args.project)
    if out.as_json:
        out.json(page)
        return
    shown = columns if columns is not None else _telling_columns(page.runs)
    heads = ["run", "name", "state", "started", "took", "steps", *(name.partition(".")[2] or name for name in shown)]
    out.table(heads, [_row(one, shown) for one in page.runs], right=["took", "steps", *heads[6:]])
    if page.total > len(page.runs):
        out.line(f"{len(page.runs)} of {page.total} runs; --limit shows more.")
    elif not page.total:
        out.line("No run fits.")


def _row(one: RunSummary, shown: list[str]) -> list[str]:
    steps = "" if one.last_step is None else str(one.last_step + 1)
    return [one.id, one.name, one.state, when(one.created_s), duration(one.duration_s), steps] + [
        number(value_at(one, name)) for name in shown
    ]


def value_at(one: RunSummary, name: str) -> Any:
    """Returns the value of a column such as `config.lr`, None if the run has none."""
    part, _, path = name.partition(".")
    return dict(flatten({"config": one.config, "summary": one.summary}.get(part, {}))).get(path)


def _telling_columns(found: tuple[RunSummary, ...]) -> list[str]:
    """A few config values in which the runs differ, and a few values of the summary: measured ones before counters such as `epoch`."""
    seen: dict[str, list[Any]] = {}
    for one in found:
        for part, tree in (("config", one.config), ("summary", one.summary)):
            for path, value in flatten(tree):
                if isinstance(value, int | float | str) and not path.startswith("_") and len(str(value)) <= 24:
                    seen.setdefault(f"{part}.{path}", []).append(value)
    config = [name for name, values in seen.items() if name.startswith("config.") and len(set(map(str, values))) > 1]
    summary = [name for name in seen if name.startswith("summary.")]
    config.sort(key=lambda name: -len(seen[name]))
    summary.sort(
        key=lambda name: (-len(seen[name]), not name.startswith("summary.val_"), not isinstance(seen[name][0], float))
    )
    return config[:_SHOWN_BY_DEFAULT] + summary[:_SHOWN_BY_DEFAULT]


def _parse_filter(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"`--filter` must be JSON. Received: {text!r} ({error}). Put it in single quotes.") from None


def _check_project(store: OpenStore, project: str) -> None:
    """Refuses a project of which the store knows nothing."""
    from kerascope.cli.runs import project_names

    names = project_names(store)
    if project in names:
        return
    near = difflib.get_close_matches(project, names, 1, 0.5)
    way_out = f"Did you mean {near[0]!r}?" if near else "`kerascope ls` lists them."
    raise NotFoundError(f"PROJECT must be one of the store's. Received: {project!r}. {way_out}")
