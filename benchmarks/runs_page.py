"""How long does the first page of a project with 10,000 runs take? Budget: 100 ms in the query layer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

import _report
import _store
from sqlalchemy import Connection

from kerascope.index import db
from kerascope.index.build import open_index
from kerascope.query import history, runs

RUNS = 10_000
NAMES = ("loss", "accuracy", "val_loss", "val_accuracy", "epoch", "lr")
FILTER = {"config.lr": {"$gt": 0.01}, "config.optimizer.name": "adam"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = _store.folder(folder)
        for number in range(RUNS):
            _store.write_run(paths, number, 5, NAMES, _store.config(number))
        with open_index(paths) as index:
            index.refresh()

        def ask(question: Callable[[Connection], object]) -> float:
            with db.read(paths) as connection:
                return _report.timed(lambda: question(connection))

        cases: list[tuple[str, Callable[[Connection], object], str]] = [
            ("newest first", lambda c: runs.page(c, "bench"), "at most 100 ms"),
            ("sorted by summary.val_loss", lambda c: runs.page(c, "bench", order="summary.val_loss"), "at most 100 ms"),
            ("filtered by two config values", lambda c: runs.page(c, "bench", filter=FILTER), "at most 100 ms"),
            ("searched for a name", lambda c: runs.page(c, "bench", search="river-77"), "at most 100 ms"),
            ("columns of the project", lambda c: runs.columns(c, "bench"), "at most 500 ms"),
            ("history keys of the project", lambda c: history.keys(c, "bench"), "at most 500 ms"),
        ]
        rows = [
            [what, _report.spread([s * 1e3 for s in _report.repeat(lambda q=question: ask(q))], 1, "ms"), budget]
            for what, question, budget in cases
        ]
    text = (
        "How long does the first page (100 runs) of a project with 10,000 runs take? `python benchmarks/runs_page.py`"
    )
    _report.write("Page of runs", text, ["what", "median (spread) of 5", "budget"], rows)


if __name__ == "__main__":
    main()
