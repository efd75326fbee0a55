"""Laws of reading history: rows, keys, cells, console."""

import math

import pytest
from sqlalchemy import text

from kerascope.errors import NotFoundError, UsageError
from kerascope.events import types as ev
from kerascope.query import console, history
from tests.index.logs import START_S, Log, asked, reading, store


def test_rows_hold_all_values_of_a_step_as_they_were_logged(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1")
    log.row(0, loss=1.5, epoch=0, ok=True, note="first").row(1, loss=math.inf, epoch=1, ok=False)
    log.row(0, note="changed").row(1, extra=None).finish()
    with reading(paths) as db:
        page = history.rows(db, "faces", "r1", ["loss", "epoch", "ok"])
        assert page.rows == (
            {"_step": 0, "loss": 1.5, "epoch": 0, "ok": True},
            {"_step": 1, "loss": math.inf, "epoch": 1, "ok": False},
        )
        assert [type(v) for v in page.rows[0].values()] == [int, float, int, bool]
        assert page.next_step is None
        whole = history.rows(db, "faces", "r1").rows
        assert [row.get("note") for row in whole] == ["changed", None]
        assert whole[1]["extra"] is None
        assert whole[0]["_timestamp"] == START_S


def test_pages_of_rows_join_to_the_whole(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1")
    log.rows({"a": float(i)} | ({"b": i} if i % 7 == 0 else {}) for i in range(5000))
    log.rows(({"a": -1.0} for _ in range(10)), start=100).finish()
    with reading(paths) as db:
        for limit in (1, 999, 5000):
            found, at = [], 4000 if limit == 1 else 0
            while at is not None:
                page = history.rows(db, "faces", "r1", min_step=at, max_step=4010 if limit == 1 else None, limit=limit)
                assert len(page.rows) <= limit
                found += page.rows
                at = page.next_step
            assert [row["_step"] for row in found] == list(range(4000, 4011) if limit == 1 else range(5000))
        assert [row["a"] for row in found[99:111]] == [99.0] + [-1.0] * 10 + [110.0]
        both = history.rows(db, "faces", "r1", ["a", "b"], limit=10_000).rows
        assert [row["_step"] for row in both] == list(range(0, 5000, 7))


def test_a_page_of_heavy_values_ends_early_and_pages_join_to_the_whole(tmp_path):
    paths = store(tmp_path)
    lengths = [history.MAX_CELL_BYTES // 3] * 5 + [10, 2 * history.MAX_CELL_BYTES, 10]
    Log(paths, "r1").rows({"loss": float(step), "t": "x" * length} for step, length in enumerate(lengths)).finish()
    pages, at = [], 0
    with reading(paths) as db:
        while at is not None:
            page = history.rows(db, "faces", "r1", ["loss", "t"], min_step=at)
            pages.append([(row["_step"], row["loss"], len(row["t"])) for row in page.rows])
            at = page.next_step
        assert history.rows(db, "faces", "r1", ["loss"]).next_step is None
    assert [len(page) for page in pages] == [2, 2, 2, 1, 1]
    assert [row for page in pages for row in page] == [(step, step, length) for step, length in enumerate(lengths)]


def test_heavy_values_of_rows_that_are_not_given_are_not_read(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").rows({"loss": float(step), "t": f"v{step}", "u": [step]} for step in range(50)).finish()
    with reading(paths) as db, asked(db) as questions:
        first = history.rows(db, "faces", "r1", limit=3)
        sampled = history.sampled(db, "faces", "r1", ["t", "u"], samples=2)
    assert [(row["t"], row["u"], row["loss"]) for row in first.rows] == [(f"v{i}", [i], i) for i in range(3)]
    assert [(row["t"], row["u"]) for row in sampled] == [("v0", [0]), ("v49", [49])]
    # Two series, then the positions in them.
    assert [list(values[2:]) for text, values in questions if "value FROM cell" in text] == [[0, 1, 2], [0, 49]]


def test_keys_tell_kind_and_count(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").say(ev.Metric("val/*", step_metric="epoch", goal="minimize"))
    log.row(
        0,
        loss=1.0,
        note="x",
        **{"val/loss": 2.0, "img": {"_type": "image-file", "sha256": "0" * 64, "path": "p", "size": 1}},
    )
    log.say(ev.System(START_S + 1, 1.0, {"cpu": 5.0})).finish()
    Log(paths, "r2").row(3, loss=1.0).finish()
    with reading(paths) as db:
        keys = {key.key: key for key in history.keys(db, "faces")}
        assert {k: v.kind for k, v in keys.items()} == {
            "loss": "number", "note": "text", "val/loss": "number", "img": "image-file",
            "system/cpu": "number", "_timestamp": "number", "_runtime": "number",
        }  # fmt: skip
        assert (keys["loss"].run_count, keys["loss"].point_count, keys["loss"].last_step) == (2, 2, 3)
        assert (keys["val/loss"].step_metric, keys["val/loss"].goal) == ("epoch", "minimize")
        assert {key.key for key in history.keys(db, "faces", ["r2"])} == {"loss", "_timestamp", "_runtime"}


def test_console_lines_are_numbered_over_the_whole_run(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").say(ev.Console("stdout", 1.0, "a\nb\n"), ev.Console("stderr", 2.0, "Warning\n")).finish()
    Log(paths, "r1", attempt=1, time_s=START_S + 50).say(ev.Console("stdout", 3.0, "c\n\nd")).finish()
    with reading(paths) as db:
        page = console.lines(db, "faces", "r1")
        assert [(line.n, line.text) for line in page.lines] == list(enumerate(["a", "b", "Warning", "c", "", "d"]))
        assert page.total == 6
        assert [line.n for line in console.lines(db, "faces", "r1", after=1, limit=2).lines] == [2, 3]
        assert [line.n for line in console.lines(db, "faces", "r1", before=4, limit=2).lines] == [2, 3]
        found = console.lines(db, "faces", "r1", search="WARN")
        assert (found.total, found.lines[0].n) == (1, 2)


@pytest.mark.parametrize("search", ["ÜBUNG", "übung", "Übung 1"])
def test_console_lines_are_found_in_any_case_of_any_letters(tmp_path, search):
    paths = store(tmp_path)
    Log(paths, "r1").say(ev.Console("stdout", 1.0, "an exercise\nÜbung 1\n")).finish()
    with reading(paths) as db:
        assert [line.text for line in console.lines(db, "faces", "r1", search=search).lines] == ["Übung 1"]


def test_wrong_questions_are_refused(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1).finish()
    with reading(paths) as db:
        with pytest.raises(NotFoundError, match="r1"):
            history.rows(db, "faces", "r2")
        with pytest.raises(UsageError, match="limit=0"):
            history.rows(db, "faces", "r1", limit=0)
        with pytest.raises(UsageError, match="limit=-1"):
            console.lines(db, "faces", "r1", limit=-1)


def test_history_is_found_through_indexes(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1).finish()
    with reading(paths) as db:
        from kerascope.query import points

        plan = db.execute(
            text(f"EXPLAIN QUERY PLAN {points._WITH_DETAIL.text}"), {"run": 1, "key": "a", "first": 0, "last": 1}
        )
        assert all("SCAN" not in row.detail for row in plan)
