"""Laws of the index as a whole: it holds what the logs say, however and whenever it was folded."""

from sqlalchemy import text

from kerascope.events import types as ev
from kerascope.index.build import open_index
from kerascope.index.columns import unpack
from tests.index.logs import Log, dump, reading, store


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
