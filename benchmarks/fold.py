"""How fast does the index fold a log? Budget: a million points a second (rows of 10 floats), and 10,000 small runs in a minute.

Fresh index each time; the log lies in the page cache. `_timestamp` and `_runtime` of each row are folded too and not counted.
"""

from __future__ import annotations

import shutil
import tempfile

import _report
import _store

from kerascope.index.build import open_index

ROWS = 100_000
SMALL_RUNS = 2_000
NAMES = tuple(f"metric_{i}" for i in range(10))


def fold_anew(paths: _store.StorePaths) -> float:
    shutil.rmtree(paths.index.parent, ignore_errors=True)
    with open_index(paths) as index:
        return _report.timed(index.refresh)


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        paths = _store.folder(folder)
        _store.write_run(paths, 0, ROWS, NAMES, _store.config(0))
        speeds = [ROWS * len(NAMES) / seconds / 1e6 for seconds in _report.repeat(lambda: fold_anew(paths))]
        rows.append(["one run of 100,000 rows x 10 floats", _report.spread(speeds, 2, "M points/s"), "at least 1"])
    with tempfile.TemporaryDirectory() as folder:
        paths = _store.folder(folder)
        for number in range(SMALL_RUNS):
            _store.write_run(paths, number, 20, NAMES[:6], _store.config(number))
        each = [seconds / SMALL_RUNS * 1e3 for seconds in _report.repeat(lambda: fold_anew(paths))]
        rows.append(["each of 2,000 runs of 20 rows x 6 floats", _report.spread(each, 2, "ms"), "at most 6"])
        with open_index(paths) as index:
            index.refresh()
            nothing = [seconds * 1e3 for seconds in _report.repeat(lambda: _report.timed(index.refresh))]
        rows.append(["refresh with nothing new, 2,000 runs", _report.spread(nothing, 1, "ms"), "at most 20"])
    text = "How fast does the index fold a log? `python benchmarks/fold.py`"
    _report.write("Folding", text, ["what", "median (spread) of 5", "budget"], rows)


if __name__ == "__main__":
    main()
