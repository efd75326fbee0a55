"""Laws of runs that were moved: every question finds them at the new place, old addresses stay true, and files stay where they are."""

import pytest

from kerascope.api import Api
from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import UsageError
from kerascope.events import types as ev
from kerascope.query import bulk, changes, files, history, lineage, runs
from kerascope.query.edits import Editor
from kerascope.query.lineage_graph import graph
from kerascope.server.watch import Watcher
from tests.index.logs import START_S, Log, reading, store


@pytest.fixture
def paths(tmp_path):
    """A run `maker` of `faces` with a metric, a file and an artifact that `user` used."""
    paths = store(tmp_path / "store")
    log = Log(paths, "maker").say(ev.Config({"lr": 0.1})).row(0, loss=1.0).row(1, loss=0.5)
    paths.files("faces", "maker").mkdir(parents=True)
    (paths.files("faces", "maker") / "notes.txt").write_text("kept")
    (tmp_path / "model.txt").write_text("weights")
    draft = Artifact("model", "model")
    draft.add_file(tmp_path / "model.txt")
    done = ArtifactStore(paths).commit(draft, project="faces", run_id="maker")
    log.say(ev.ArtifactLogged("model", "model", 0, done.digest, (), START_S)).finish()
    used = ev.ArtifactUsed("model", "model", 0, done.digest, "", START_S + 6)
    Log(paths, "user", time_s=START_S + 5).say(used).finish()
    return paths


def move(paths, project, run_ids, target):
    with reading(paths) as db, Editor(paths) as editor:
        return bulk.move_many(db, editor, project, run_ids, target)


def test_a_moved_run_is_listed_counted_and_read_at_its_new_place(paths):
    done = move(paths, "faces", ["maker", "none"], "best ones")
    assert (done.changed, done.missing) == (("maker",), ("none",))
    with reading(paths) as db:
        assert {one.name: one.run_count for one in runs.projects(db)} == {"faces": 1, "best ones": 1}
        assert [one.id for one in runs.page(db, "faces").runs] == ["user"]
        (listed,) = runs.page(db, "best ones", {"config.lr": 0.1}).runs
        assert (listed.project, listed.home, listed.id) == ("best ones", "faces", "maker")
        assert "loss" in [key.key for key in history.keys(db, "best ones")]
        assert {"config.lr", "summary.loss"} <= {column.name for column in runs.columns(db, "best ones")}
        for address in ("best ones", "faces"):
            assert runs.detail(db, address, "maker").project == "best ones"
            assert [row["loss"] for row in history.rows(db, address, "maker").rows] == [1.0, 0.5]
            assert [file.path for file in files.listing(db, paths, address, "maker")] == ["notes.txt"]
            assert files.locate(db, paths, address, "maker", "notes.txt").read_text() == "kept"


def test_artifacts_stay_and_name_their_run_at_its_new_place(paths):
    move(paths, "faces", ["maker"], "best ones")
    with reading(paths) as db:
        assert lineage.artifact(db, paths, "faces", "model").versions[0].run.project == "best ones"
        assert lineage.manifest(db, paths, "faces", "model", "v0").logged_by.project == "best ones"
        drawn = graph(db, paths, lineage.find(paths, "faces", "model", "v0"))
        assert {node.id for node in drawn.nodes} == {
            "artifact:faces/model:v0",
            "run:best ones/maker",
            "run:faces/user",
        }


def test_a_move_is_undone_by_moving_back_and_edits_go_with_the_run(paths):
    move(paths, "faces", ["maker"], "b")
    with reading(paths) as db, Editor(paths) as editor:
        bulk.edit_many(db, editor, "b", ["maker"], {"group": "g"}, add_tags=["x"])
        bulk.delete_many(db, editor, "b", ["maker"])
    with reading(paths) as db, Editor(paths) as editor:
        assert runs.page(db, "b").total == 0
        bulk.restore_many(db, editor, "b", ["maker"])
    move(paths, "b", ["maker"], "c")
    move(paths, "c", ["maker"], "faces")
    with reading(paths) as db:
        run = runs.detail(db, "faces", "maker")
        assert (run.project, run.home, run.group, run.tags) == ("faces", "faces", "g", ("x",))
        assert [one.name for one in runs.projects(db)] == ["faces"]


def test_nothing_moves_if_one_of_the_places_is_taken(paths):
    Log(paths, "user", project="b").row(0, a=1.0).finish()
    with pytest.raises(UsageError, match="user"):
        move(paths, "faces", ["maker", "user"], "b")
    move(paths, "b", ["user"], "c")
    with pytest.raises(UsageError, match="user"):  # it may come home at any time
        move(paths, "faces", ["user"], "b")
    with reading(paths) as db:
        assert runs.page(db, "faces").total == 2


def test_the_api_reads_and_moves_runs_wherever_they_are(paths):
    api = Api(paths.root)
    run = api.run("faces/maker")
    run.move("b")
    assert (run.project, run.path[1:]) == ("b", ["b", "maker"])
    for address in ("b/maker", "faces/maker"):
        found = api.run(address)
        assert found.project == "b"
        assert [row["loss"] for row in found.scan_history()] == [1.0, 0.5]
        assert found.file("notes.txt").path.read_text() == "kept"
        assert [one.name for one in found.logged_artifacts()] == ["model"]
    assert [one.id for one in api.runs("b")] == ["maker"]
    api.run("b/maker").delete()
    assert list(api.runs("b")) == []
    run.restore()
    Log(paths, "maker", project="d").row(0, a=1.0).finish()
    with pytest.raises(UsageError, match="maker"):
        run.move("d")


def test_listeners_of_both_projects_hear_of_a_move(paths):
    watcher = Watcher()
    with reading(paths) as db:
        watcher.look(db)
        cursor = changes.since(db, None).cursor
    move(paths, "faces", ["maker"], "b")
    with reading(paths) as db:
        (change,) = changes.since(db, cursor).runs
        assert (change.home, change.project, change.run) == ("faces", "b", "maker")
        told = watcher.look(db)
        assert told.projects == ("b", "faces")
        assert [(run.project, run.run) for run in told.runs] == [("b", "maker")]
