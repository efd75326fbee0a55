"""Laws of the index as a whole: it holds what the logs say, however and whenever it was folded."""

import errno
import fcntl
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

import pytest
from sqlalchemy import event, text

from kerascope.errors import StoreError
from kerascope.events import types as ev
from kerascope.index import db
from kerascope.index.build import open_index
from kerascope.index.columns import unpack
from kerascope.index.db import FileLock
from kerascope.query import changes, runs
from kerascope.runlog.files import list_segments
from tests.index.logs import START_S, EditLog, Log, dump, reading, store


def test_a_run_becomes_rows(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").say(ev.Config({"lr": 0.1, "opt": {"name": "adam"}}))
    log.rows({"loss": 1.0 / (i + 1), "epoch": i} for i in range(10)).finish()
    with reading(paths) as db:
        run = db.execute(text("SELECT id, ended, last_step, row_count, duration_s FROM run")).one()
        assert tuple(run) == ("r1", "finished", 9, 10, 100.0)
        series = dict(db.execute(text("SELECT key, form FROM series")).all())
        assert series == {"loss": "float", "epoch": "int", "_timestamp": "float", "_runtime": "float"}
        steps, values = db.execute(
            text("SELECT steps, data FROM chunk JOIN series ON series.num = chunk.series WHERE key = 'loss'")
        ).one()
        points = unpack(steps, values)
        assert points.steps.tolist() == list(range(10))
        assert points.values.tolist() == [1.0 / (i + 1) for i in range(10)]
        found = db.execute(text("SELECT name, number FROM value WHERE kind = 'number' ORDER BY name")).all()
        assert ("config.lr", 0.1) in [tuple(row) for row in found]


def test_a_second_refresh_with_nothing_new_writes_nothing(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, loss=1.0).finish()
    with open_index(paths) as index:
        assert index.refresh()
        before = dump(paths)
        assert index.refresh()
        assert index.lag_bytes() == 0
    assert dump(paths) == before


def busy_store(paths, seed, refresh):
    """Writes a store of many kinds of trouble, calling `refresh` at random moments."""
    rng = random.Random(seed)
    logs = [
        Log(paths, "plain"),
        Log(paths, "ranks", rank=0),
        Log(paths, "ranks", rank=1),
        Log(paths, "late", project="other faces"),
        Log(paths, "resumed"),
    ]
    edits = EditLog(paths)
    events = [
        lambda: ev.Config({"lr": rng.random(), "nested": {"a": [1, 2], "b": None}}, ()),
        lambda: ev.RunInfo(name=f"n{rng.random()}", tags=("x", "y")),
        lambda: ev.Summary({"best": rng.random()}, ("lr",)),
        lambda: ev.Metric("a*", summary=("min", "last"), goal="minimize"),
        lambda: ev.Console("stdout", START_S + 5, "one\ntwo\n"),
        lambda: ev.System(START_S + 1, rng.random() * 100, {"cpu": rng.random()}),
        lambda: ev.Notice("warning", "hm", "a", 1, START_S + 2),
        lambda: ev.Alert("t", "x", "INFO", START_S + 3),
        lambda: ev.File("notes.txt", "0" * 64, 5, "now"),
        lambda: ev.ArtifactLogged("model", "model", 0, "d", ("latest",), START_S + 4),
        lambda: ev.ArtifactUsed("data", "dataset", 1, "d", "", START_S + 4),
    ]
    said = [
        lambda: ev.EditRun(
            "faces", "plain", {"name": f"e{rng.random()}", "tags": ["z"]}, ("z",), START_S + rng.random()
        ),
        lambda: ev.EditRun("faces", "plain", {"project": rng.choice(["other faces", "faces", "new"])}, (), START_S + 1),
        lambda: ev.EditRun("other faces", "late", {"project": rng.choice(["faces", "new"])}, (), START_S + 2),
        lambda: ev.DeleteRun("faces", "late", START_S + rng.random()),
        lambda: ev.RestoreRun("faces", "ranks", START_S + rng.random()),
        lambda: ev.SaveView("faces", "layout", "main", {"a": rng.random()}, START_S + rng.random()),
    ]
    for _ in range(60):
        log = rng.choice(logs)
        start = rng.choice([0, 50, rng.randrange(9000)])
        image = {"_type": "image-file", "sha256": "1" * 64, "size": 3, "path": f"media/{start}.png"}
        for step in range(start, start + rng.choice([1, 5, 300])):
            log.row(step, a=rng.choice([1, 0.5, float("nan")]), b=step)
        log.row(start, time_s=START_S + start, img=image, text="word")
        log.say(rng.choice(events)())
        edits.say(rng.choice(said)())
        if rng.random() < 0.4:
            refresh()
    logs[4].finish("failed", 1)
    again = Log(paths, "resumed", attempt=1, time_s=START_S + 500).row(7, a=9.0, c=True)
    refresh()
    for log in (*logs[:4], again):
        log.finish()
    edits.close()
    refresh()


@pytest.mark.parametrize("seed", [1, 2])
def test_an_index_that_grew_equals_one_that_was_rebuilt(tmp_path, seed):
    paths = store(tmp_path)
    chance = random.Random(seed)
    with open_index(paths) as live:

        def refresh():
            if chance.random() < 0.5:  # as another process would: nothing is remembered
                with open_index(paths) as other:
                    assert other.refresh()
            else:
                assert live.refresh()

        busy_store(paths, seed, refresh)
        assert live.lag_bytes() == 0
    grown = dump(paths)
    with open_index(paths) as index:
        index.rebuild()
    rebuilt = dump(paths)
    for table in grown:
        assert rebuilt[table] == grown[table], table
    assert len(grown["chunk"]) > 20


def test_live_runs_are_not_read_back_from_the_index_with_every_look(tmp_path):
    paths = store(tmp_path)
    logs = [Log(paths, f"r{number:02}").row(0, loss=1.0) for number in range(24)]
    with open_index(paths) as index:
        index.refresh()
        for log in logs:
            log.row(1, loss=0.5)
        said = []
        event.listen(index._engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        index.refresh()
        assert any("INTO chunk" in statement for statement in said)
        assert not any("FROM chunk" in statement for statement in said)
    with reading(paths) as db:
        assert {run.summary["loss"] for run in runs.page(db, "faces").runs} == {0.5}


def test_a_torn_tail_is_folded_once_it_is_whole(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).row(1, a=2.0).close()
    (segment,) = list_segments(paths.log("faces", "r1"))
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-5])
    with open_index(paths) as index:
        assert index.refresh()
        with db.read(paths) as connection:
            assert runs.detail(connection, "faces", "r1").last_step == 0
        segment.write_bytes(whole)
        assert index.refresh()
    with db.read(paths) as connection:
        assert runs.detail(connection, "faces", "r1").last_step == 1


def test_damage_is_reported_and_the_rest_is_read(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").rows({"a": float(i)} for i in range(50)).finish()
    (segment,) = list_segments(paths.log("faces", "r1"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    with reading(paths) as connection:
        found = runs.detail(connection, "faces", "r1")
        assert found.row_count == 49
        assert found.state == "finished"
        (damage,) = found.attempts[0].damage
        assert damage.startswith("at byte ")


def test_a_run_whose_first_record_is_lost_is_still_listed(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).close()
    (segment,) = list_segments(paths.log("faces", "r1"))
    data = bytearray(segment.read_bytes())
    data[20] ^= 0xFF
    segment.write_bytes(data)
    with reading(paths) as connection:
        found = runs.detail(connection, "faces", "r1")
        assert (found.last_step, found.created_s) == (0, START_S)


def test_runs_that_were_taken_away_leave_the_index(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0, t="x").finish()
    Log(paths, "r2").row(0, a=1.0).say(ev.Console("stdout", 1.0, "x")).finish()
    with open_index(paths) as index:
        assert index.refresh()
        shutil.rmtree(paths.run("faces", "r2"))
        assert index.refresh()
    left = dump(paths)
    with open_index(paths) as index:
        index.rebuild()
    assert dump(paths) == left
    assert len(left["run"]) == 1


@pytest.mark.parametrize("harm", ["garbage", "truncated", "version", "state", "gone"])
def test_a_broken_index_is_made_anew(tmp_path, harm):
    paths = store(tmp_path)
    Log(paths, "r1").rows({"a": float(i)} for i in range(100)).finish()
    with open_index(paths) as index:
        assert index.refresh()
    good = dump(paths)
    Log(paths, "r2").row(0, a=1.0).finish()
    if harm == "garbage":
        paths.index.write_bytes(b"not a database" * 1000)
    elif harm == "truncated":
        paths.index.write_bytes(paths.index.read_bytes()[:10_000])
    elif harm == "version":
        engine = db.writer(paths.index)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
        engine.dispose()
    elif harm == "state":
        Log(paths, "r1", attempt=1, time_s=START_S + 500).row(200, a=1.0).finish()
        engine = db.writer(paths.index)
        with engine.begin() as connection:
            connection.execute(text("UPDATE segment SET state = x'c1'"))
        engine.dispose()
    else:
        paths.index.unlink()
    with open_index(paths) as index:
        assert index.refresh()
    now = dump(paths)
    assert [row for row in now["segment"] if row in good["segment"]] == good["segment"]
    assert len(now["run"]) == 2


def test_readers_see_an_unfinished_index_as_empty(tmp_path):
    paths = store(tmp_path)
    with db.read(paths) as connection:
        assert runs.projects(connection) == []
    paths.index.parent.mkdir(parents=True)
    paths.index.touch()
    with db.read(paths) as connection:
        assert runs.page(connection, "faces").total == 0


def test_an_index_that_cannot_be_looked_at_is_not_read_as_empty(tmp_path):
    paths = store(tmp_path)
    paths.index.parent.symlink_to(paths.index.parent)  # a circle, which no privilege can read
    with pytest.raises(StoreError, match=r"must be readable. Received: .*index.sqlite"), db.read(paths):
        pass


def test_a_reader_keeps_its_snapshot_while_the_writer_writes(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").row(0, a=1.0)
    with open_index(paths) as index:
        assert index.refresh()
        with db.read(paths) as connection:
            before = runs.detail(connection, "faces", "r1")
            log.row(1, a=2.0)
            assert index.refresh()
            assert runs.detail(connection, "faces", "r1") == before
        with db.read(paths) as connection:
            assert runs.detail(connection, "faces", "r1").last_step == 1


def test_a_reader_waits_for_the_process_that_holds_the_lock(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").row(0, a=1.0)
    with open_index(paths) as server, open_index(paths) as command:
        assert server.hold()
        assert server.refresh()
        assert command.refresh(timeout_s=0)  # nothing is missing
        log.row(1, a=2.0)
        assert not command.refresh(timeout_s=0.1)
        assert command.lag_bytes() > 0
        assert server.refresh()
        assert command.refresh(timeout_s=0)
        with pytest.raises(StoreError, match=f"process {os.getpid()}"):
            command.rebuild(timeout_s=0.1)


def _refresh_often(root, count):
    with open_index(store(root)) as index:
        for _ in range(count):
            assert index.refresh(timeout_s=60)


def test_two_processes_may_refresh_at_once(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1")
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_refresh_often, args=(tmp_path, 8)) for _ in range(2)]
    for other in others:
        other.start()
    step = 0
    while any(other.is_alive() for other in others):
        for _ in range(20):
            log.row(step, a=float(step), b=step)
            step += 1
        time.sleep(0.01)
    log.finish()
    assert [other.exitcode for other in others] == [0, 0]
    with open_index(paths) as index:
        assert index.refresh()
        grown = dump(paths)
        index.rebuild()
    assert dump(paths) == grown
    with db.read(paths) as connection:
        assert runs.detail(connection, "faces", "r1").row_count == step


def test_a_fold_that_is_killed_loses_nothing(tmp_path):
    paths = store(tmp_path)
    for number in range(40):
        Log(paths, f"r{number}").rows({"a": float(i), "b": i} for i in range(500)).finish()
    code = "import sys; from pathlib import Path; from kerascope.paths import StorePaths; from kerascope.index import folding\n"
    code += "from kerascope.index.build import open_index; folding._BATCH_RUNS = 1\n"
    code += "open_index(StorePaths(Path(sys.argv[1]))).refresh(progress=lambda done, total: print(done, flush=True))"
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    for _ in range(5):
        child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    with open_index(paths) as index:
        assert index.refresh()
        grown = dump(paths)
        index.rebuild()
    assert dump(paths) == grown
    assert len(grown["run"]) == 40


def test_the_lock_is_free_when_its_holder_is_gone(tmp_path):
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.try_take()
    assert not other.try_take()
    one.release()
    assert other.try_take()
    other.release()


def test_a_file_system_that_knows_no_locks_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    monkeypatch.setattr(fcntl, "flock", refuse)
    with open_index(paths) as index:
        for take in (index.refresh, index.rebuild, index.hold):
            with pytest.raises(StoreError, match="No locks available"):
                take()


def test_changes_are_told_once_by_cursor(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").row(0, a=1.0)
    Log(paths, "r2").row(0, a=1.0).finish()
    with open_index(paths) as index:

        def since(cursor):
            assert index.refresh()
            with db.read(paths) as connection:
                return changes.since(connection, cursor)

        first = since(None)
        assert (first.runs, first.reset) == ((), False)
        log.row(1, a=2.0)
        second = since(first.cursor)
        assert [(one.run, one.new_keys, one.console) for one in second.runs] == [("r1", False, False)]
        log.row(2, b=2.0).say(ev.Console("stdout", 1.0, "x"))
        third = since(second.cursor)
        assert [(one.run, one.new_keys, one.console) for one in third.runs] == [("r1", True, True)]
        assert since(third.cursor).runs == ()
        assert {one.run for one in since(first.cursor).runs} == {"r1"}
        index.rebuild()
        assert since(third.cursor).reset
