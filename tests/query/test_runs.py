"""Laws of pages of runs: order, columns, search, state, and what they cost."""

import os
import socket
import time

import psutil
import pytest
from sqlalchemy import text

from kerascope.errors import NotFoundError, UsageError
from kerascope.events import types as ev
from kerascope.query import filters, runs
from kerascope.query.state import Alive
from tests.index.logs import START_S, EditLog, Log, reading, store


@pytest.fixture
def paths(tmp_path):
    return store(tmp_path)


def ids(page):
    return [run.id for run in page.runs]


def test_runs_without_the_value_come_last_in_both_directions(paths):
    for number, value in enumerate([3, None, float("nan"), "text", 1.5, None]):
        log = Log(paths, f"r{number}", time_s=START_S + number).row(0, other=1)
        if value is not None:
            log.say(ev.Config({"lr": value}))
    with reading(paths) as db:
        assert ids(runs.page(db, "faces", order="config.lr")) == ["r4", "r0", "r2", "r3", "r5", "r1"]
        assert ids(runs.page(db, "faces", order="-config.lr")) == ["r0", "r4", "r3", "r2", "r5", "r1"]
        assert ids(runs.page(db, "faces", order="-config.lr", offset=1, limit=2)) == ["r4", "r3"]
        assert ids(runs.page(db, "faces", order="-created_s", limit=2)) == ["r5", "r4"]
        assert ids(runs.page(db, "faces", order="state,-id", limit=1)) == ["r5"]
        for order in ("unknown", "config.", "--"):
            with pytest.raises(UsageError):
                runs.page(db, "faces", order=order)


def test_columns_choose_what_is_given(paths):
    config = {"lr": 0.1, "opt": {"name": "adam", "beta": 0.9}, "long": "x" * 5000, "many": list(range(100))}
    Log(paths, "r1").say(ev.Config(config)).row(0, loss=1.0, img={"_type": "image-file", "sha256": "0" * 64}).finish()
    with reading(paths) as db:
        (small,) = runs.page(db, "faces").runs
        assert small.config == {"lr": 0.1, "opt": {"name": "adam", "beta": 0.9}}
        assert small.summary["loss"] == 1.0
        assert "img" not in small.summary
        (some,) = runs.page(db, "faces", columns=["config.opt.name", "summary_metrics.loss"]).runs
        assert (some.config, some.summary) == ({"opt": {"name": "adam"}}, {"loss": 1.0})
        (whole,) = runs.page(db, "faces", whole=True).runs
        assert whole.config == config
        columns = {column.name: (column.kind, column.run_count) for column in runs.columns(db, "faces")}
        assert columns["config.opt.name"] == ("text", 1)
        assert columns["config.many"] == ("other", 1)
        assert columns["summary.loss"] == ("number", 1)


def test_search_finds_words_in_any_case(paths):
    Log(paths, "r1").say(ev.RunInfo(name="Quiet River", tags=("baseline",)))
    Log(paths, "r2").say(ev.RunInfo(name="loud sea", notes="QUIET after all", tags=("Größe",)))
    with reading(paths) as db:
        assert sorted(ids(runs.page(db, "faces", search="quiet"))) == ["r1", "r2"]
        assert ids(runs.page(db, "faces", search=" river BASE ")) == ["r1"]
        assert ids(runs.page(db, "faces", search="%")) == []
        assert ids(runs.page(db, "faces", search="LOUD GRÖ")) == ["r2"]


def test_state_tells_the_living_from_the_dead(paths):
    now, host = time.time(), socket.gethostname()
    me = psutil.Process()
    here = {"host": host, "pid": os.getpid(), "pid_start_s": me.create_time()}
    Log(paths, "living", time_s=now, **here).row(0, a=1)
    Log(paths, "far", time_s=now).row(0, a=1)
    Log(paths, "reused", time_s=now, **(here | {"pid_start_s": me.create_time() - 1000})).row(0, a=1)
    Log(paths, "dead", time_s=now, **(here | {"pid": 2**22 + 1})).row(0, a=1)
    Log(paths, "silent", time_s=now - 3600).row(0, a=1)
    Log(paths, "failed", time_s=now).finish("failed", 3, after_s=1)
    Log(paths, "ranks", time_s=now, rank=0).finish(after_s=1)
    Log(paths, "ranks", time_s=now, rank=1).row(0, a=1)
    Log(paths, "again", time_s=now - 500).finish("failed", 1, after_s=1)
    Log(paths, "again", time_s=now, attempt=1).row(0, a=1)
    with reading(paths) as db:
        states = {run.id: run.state for run in runs.page(db, "faces").runs}
        assert states == {
            "living": "running", "far": "running", "reused": "crashed", "dead": "crashed", "silent": "crashed",
            "failed": "failed", "ranks": "running", "again": "running",
        }  # fmt: skip
        assert len(ids(runs.page(db, "faces", filter={"state": "running"}))) == 4
        attempts = runs.detail(db, "faces", "again").attempts
        assert [attempt.state for attempt in attempts] == ["failed", "running"]
        (project,) = runs.projects(db)
        assert (project.run_count, project.running_count) == (8, 4)


def test_edits_apply_in_order_of_time_whatever_the_order_of_files(paths):
    Log(paths, "r1").say(ev.RunInfo(tags=("own", "old")))
    late, early = EditLog(paths), EditLog(paths, START_S + 1)
    late.say(ev.EditRun("faces", "r1", {"name": "late", "tags": ["a", "b"]}, (), START_S + 9))
    early.say(ev.EditRun("faces", "r1", {"name": "early", "group": "g"}, ("old",), START_S + 5))
    late.say(ev.EditRun("faces", "r1", {}, ("a",), START_S + 10))
    early.say(ev.DeleteRun("faces", "r1", START_S + 3), ev.RestoreRun("faces", "r1", START_S + 4))
    with reading(paths) as db:
        found = runs.detail(db, "faces", "r1")
        assert (found.name, found.group, found.tags) == ("late", "g", ("b",))
        assert runs.page(db, "faces").total == 1
    late.say(ev.DeleteRun("faces", "r1", START_S + 11))
    with reading(paths) as db:
        assert runs.page(db, "faces").total == 0
        assert ids(runs.page(db, "faces", deleted=True)) == ["r1"]
        assert runs.detail(db, "faces", "r1").name == "late"
        assert runs.projects(db) == []


def test_wrong_arguments_are_named(paths):
    Log(paths, "r1")
    with reading(paths) as db:
        for wrong, named in [
            ({"limit": 0}, "limit=0"), ({"limit": 10**6}, "limit="), ({"offset": -1}, "offset=-1"),
            ({"columns": ["lr"]}, "columns='lr'"), ({"order": "speed"}, "order='speed'"),
        ]:  # fmt: skip
            with pytest.raises(UsageError, match=named):
                runs.page(db, "faces", **wrong)
        with pytest.raises(NotFoundError, match="faces"):
            runs.detail(db, "face", "r1")


def test_a_page_is_found_through_indexes(paths):
    Log(paths, "r1").row(0, loss=1)
    with reading(paths) as db:
        sql = filters.Sql(Alive(frozenset()).sql())
        where = runs._condition(sql, "faces", filters.parse({"config.lr": 1}), None, False, False)
        joins, order = runs._order("-summary.loss", sql)
        query = f"EXPLAIN QUERY PLAN SELECT run.num FROM run {joins} WHERE {where} ORDER BY {order}"
        plan = [row.detail for row in db.execute(text(query), sql.values)]
        assert any("USING INDEX run_by" in line for line in plan), plan
        assert not any(line.startswith("SCAN") for line in plan), plan


def test_the_first_page_reads_only_its_own_runs(paths):
    Log(paths, "r1").row(0, loss=1)
    with reading(paths) as db:
        sql = filters.Sql(Alive(frozenset()).sql())
        where = runs._condition(sql, "faces", filters.EVERYTHING, None, False, False)
        _, order = runs._order("-created_s", sql)
        query = f"EXPLAIN QUERY PLAN SELECT run.num FROM run WHERE {where} ORDER BY {order} LIMIT 100"
        plan = " ".join(row.detail for row in db.execute(text(query), sql.values))
        assert "run_by_created (project=? AND deleted=? AND archived=?)" in plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan


def test_columns_count_the_runs_that_have_them_whatever_else_these_have(tmp_path):
    paths = store(tmp_path)
    for number in range(6):
        config = {"lr": 0.1 * number, "opt": {"name": "adam"}} | ({"extra": True} if number % 2 else {})
        config |= {"lr": "auto"} if number == 5 else {"lr": None} if number == 4 else {}
        Log(paths, f"r{number}").say(ev.Config(config)).finish()
    EditLog(paths).say(ev.DeleteRun("faces", "r0", START_S))
    with reading(paths) as db:
        found = {column.name: (column.kind, column.run_count) for column in runs.columns(db, "faces")}
    assert found == {"config.extra": ("bool", 3), "config.lr": ("number", 5), "config.opt.name": ("text", 5)}
