"""How long does it take to read what a chart draws? Budget: 5 ms for 1,000 buckets of a series of a million points, in the query layer."""

from __future__ import annotations

import tempfile

import _report
import _store

from kerascope.index import db
from kerascope.index.build import open_index
from kerascope.query import sample

ROWS = 1_000_000
SERIES = [("bench", "run00000", "loss")]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = _store.folder(folder)
        _store.write_run(paths, 0, ROWS, ("loss",), _store.config(0))
        with open_index(paths) as index:
            index.refresh()
        begin = _store.START_S

        def read(**asked: object) -> float:
            with db.read(paths) as connection:
                return _report.timed(lambda: sample.series(connection, SERIES, **asked))  # type: ignore[arg-type]

        cases = [
            ("over steps", {}, "at most 5 ms"),
            ("over time", {"x": "time"}, "at most 20 ms"),
            ("a tenth of the steps", {"x_min": 400_000, "x_max": 500_000}, "at most 10 ms"),
            ("a hundredth of the time", {"x": "time", "x_min": begin + 5000, "x_max": begin + 5100}, "at most 10 ms"),
        ]
        rows = [
            [
                what,
                _report.spread([s * 1e3 for s in _report.repeat(lambda asked=asked: read(**asked), 11)], 2, "ms"),
                budget,
            ]
            for what, asked, budget in cases
        ]
    text = (
        "How long does it take to read 1,000 buckets of a series of a million points? `python benchmarks/chart_read.py`"
    )
    _report.write("Reading a chart", text, ["what", "median (spread) of 11", "budget"], rows)


if __name__ == "__main__":
    main()
