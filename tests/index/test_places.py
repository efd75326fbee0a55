"""Laws of moved runs: each is shown in one project, whatever order logs and edits are read in."""

import itertools

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from kerascope.events import types as ev
from kerascope.index import db, migrate
from kerascope.index.build import open_index
from tests.index.logs import START_S, EditLog, Log, dump, reading, store


def moved(home, target, run_id="r1", after_s=0.0):
    return ev.EditRun(home, run_id, {"project": target}, (), START_S + after_s)


def shown(paths):
    with reading(paths) as connection:
        rows = connection.execute(text("SELECT home, id, project FROM run ORDER BY home, id"))
        return {(home, run_id): project for home, run_id, project in rows}


def test_a_moved_run_is_shown_elsewhere_and_grows_there(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").row(0, a=1.0)
    assert shown(paths) == {("faces", "r1"): "faces"}
    edits = EditLog(paths).say(moved("faces", "animals"))
    assert shown(paths) == {("faces", "r1"): "animals"}
    log.row(1, a=2.0).finish()
    assert shown(paths) == {("faces", "r1"): "animals"}
    with reading(paths) as connection:
        assert connection.execute(text("SELECT row_count, ended FROM run")).all() == [(2, "finished")]
    edits.say(moved("faces", "faces", after_s=1))
    assert shown(paths) == {("faces", "r1"): "faces"}


def test_a_place_is_for_the_run_that_has_its_home_there(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    EditLog(paths).say(moved("faces", "animals"))
    assert shown(paths) == {("faces", "r1"): "animals"}
    born = Log(paths, "r1", project="animals").row(0, a=1.0).finish()
    assert shown(paths) == {("animals", "r1"): "animals", ("faces", "r1"): "faces"}
    born.writer.path.unlink()
    assert shown(paths) == {("faces", "r1"): "animals"}


def test_of_two_runs_moved_to_one_place_the_first_by_home_has_it_in_every_order(tmp_path):
    acts = ("log of cats", "log of dogs", "move cats", "move dogs")
    for number, order in enumerate(itertools.permutations(acts)):
        paths = store(tmp_path / str(number))
        edits = EditLog(paths)
        with open_index(paths) as index:
            for what, _, name in (act.rpartition(" ") for act in order):
                if what == "move":
                    edits.say(moved(name, "animals"))
                else:
                    Log(paths, "r1", project=name).row(0, a=1.0).finish()
                assert index.refresh()
            grown = dump(paths)
            index.rebuild()
        edits.close()
        assert dump(paths) == grown
        assert shown(paths) == {("cats", "r1"): "animals", ("dogs", "r1"): "dogs"}


def test_an_index_from_before_runs_could_move_is_upgraded_with_its_rows(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").row(0, a=1.0).finish()
    with open_index(paths) as index:
        assert index.refresh()
    before = dump(paths)
    engine = db.writer(paths.index)
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    assert not db.is_sound(engine)
    assert migrate.upgrade(engine)
    engine.dispose()
    assert dump(paths) == before
