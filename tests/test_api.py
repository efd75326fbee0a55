"""Laws of `Api`: what users read of runs, while these are written and after."""

import json
import threading

import pytest

from kerascope.api import Api
from kerascope.errors import CommError, NotFoundError, UsageError
from kerascope.events import types as ev
from kerascope.index.build import open_index
from tests.index.logs import START_S, Log, store


@pytest.fixture
def paths(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASCOPE_DIR", str(tmp_path))
    return store(tmp_path)


def trained(paths, run_id, lr=0.1, steps=10, **opening):
    log = Log(paths, run_id, **opening)
    log.say(ev.RunInfo(name=f"name-{run_id}", tags=("a",)), ev.Config({"lr": lr, "opt": {"name": "adam"}}))
    return log.rows({"loss": 1 / (i + 1), "epoch": i} for i in range(steps))


def test_a_run_is_read_as_it_was_logged(paths):
    trained(paths, "r1").finish()
    run = Api().run("ada/faces/r1")
    assert (run.id, run.name, run.state, run.project, run.entity) == ("r1", "name-r1", "finished", "faces", "ada")
    assert run.url == "http://127.0.0.1:7575/projects/faces/runs/r1"
    assert run.created_at == "2023-11-14T22:13:20Z"
    assert run.config == {"lr": 0.1, "opt": {"name": "adam"}}
    assert run.summary["loss"] == run.summary.get("loss") == run.summary.loss == 0.1
    assert run.summary.get("missing", 5) == 5
    assert json.loads(run.json_config)["lr"] == {"value": 0.1}
    assert run.lastHistoryStep == 9
    assert [row["loss"] for row in run.scan_history(page_size=3)] == [1 / (i + 1) for i in range(10)]
    assert [row["_step"] for row in run.scan_history(["loss"], min_step=2, max_step=5)] == [2, 3, 4]


def test_history_is_a_frame_and_samples_evenly(paths):
    trained(paths, "r1", steps=1000).finish()
    run = Api().run("faces/r1")
    frame = run.history(samples=11, keys=["loss", "epoch"])
    assert list(frame.columns) == ["_step", "loss", "epoch"]
    assert frame["_step"].tolist()[:2] == [0, 100]
    assert frame["_step"].tolist()[-1] == 999
    assert frame["epoch"].dtype.kind == "i"
    rows = run.history(keys=["loss"], x_axis="epoch", samples=5, pandas=False)
    assert [row["epoch"] for row in rows] == [0, 250, 500, 749, 999]
    assert len(run.history()) == 500
    assert len(run.history(stream="system")) == 0


def test_a_run_is_read_while_it_is_written(paths):
    log = trained(paths, "r1", steps=3)
    api = Api()
    run = api.run("faces/r1")
    assert len(run.history()) == 3
    log.row(3, loss=0.0)
    assert len(run.history()) == 4
    assert run.load().lastHistoryStep == 3
    log.finish()
    assert run.load().state == "finished"


def test_runs_are_filtered_sorted_and_read_page_by_page(paths):
    for i in range(7):
        trained(paths, f"r{i}", lr=i / 10, time_s=START_S + 1000 * i).finish()
    runs = Api().runs("faces", filters={"config.lr": {"$gte": 0.2}}, order="-config.lr", per_page=2)
    assert len(runs) == 5
    assert [run.id for run in runs] == ["r6", "r5", "r4", "r3", "r2"]
    assert (runs[0].id, runs[-1].id, [run.id for run in runs[1:3]]) == ("r6", "r2", ["r5", "r4"])
    assert [run.id for run in Api().runs("faces")][:2] == ["r6", "r5"]
    with pytest.raises(IndexError):
        runs[5]


def test_edits_hold_for_every_reader(paths):
    trained(paths, "r1").finish()
    run = Api().run("faces/r1")
    run.name, run.notes = "better", "look at this"
    run.tags.append("best")
    run.update()
    again = Api().run("faces/r1")
    assert (again.name, again.notes, again.tags) == ("better", "look at this", ["a", "best"])
    again.rename("best of all")
    assert run.load().name == "best of all"
    run.config["lr"] = 5
    with pytest.raises(UsageError, match="config"):
        run.update()
    with pytest.raises(UsageError, match="resume='must'"):
        run.summary["loss"] = 5


def test_a_deleted_run_is_hidden_and_comes_back(paths):
    trained(paths, "r1").finish()
    trained(paths, "r2").finish()
    run = Api().run("faces/r1")
    run.delete()
    assert [run.id for run in Api().runs("faces")] == ["r2"]
    run.restore()
    assert len(Api().runs("faces")) == 2


def test_files_are_listed_and_downloaded(paths, tmp_path):
    trained(paths, "r1").finish()
    folder = paths.files("faces", "r1")
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "notes.txt").write_text("hello")
    run = Api().run("faces/r1")
    assert [(file.name, file.size) for file in run.files()] == [("sub/notes.txt", 5)]
    with run.file("sub/notes.txt").download(tmp_path / "out") as copy:
        assert copy.read() == "hello"
    with pytest.raises(UsageError, match="replace=True"):
        run.file("sub/notes.txt").download(tmp_path / "out")
    for name in ("other", "../../log", "/etc/passwd"):
        with pytest.raises(NotFoundError, match=r"notes\.txt"):
            run.file(name)
    for name in ("./sub/notes.txt", "sub//notes.txt"):
        assert (run.file(name).size, run.file(name).path.read_text()) == (5, "hello")


def test_names_that_do_not_exist_are_answered_with_what_does(paths):
    trained(paths, "r1").finish()
    api = Api()
    assert [project.name for project in api.projects()] == ["faces"]
    with pytest.raises(NotFoundError, match="faces"):
        api.runs("face")
    with pytest.raises(NotFoundError, match="Did you mean r1"):
        api.run("faces/r2")
    with pytest.raises(NotFoundError, match="has the id r1"):
        api.run("faces/name-r1")
    with pytest.raises(NotFoundError, match="faces"):
        api.run("face/r1")
    with pytest.raises(NotFoundError):
        api.artifact("faces/model:latest")
    with pytest.raises(UsageError, match="path"):
        api.run("a/b/c/d")
    with pytest.raises(NotFoundError, match="root"):
        Api(root="/nonexistent/store")


@pytest.mark.parametrize("kind", [CommError, NotFoundError, ValueError])
def test_scripts_catch_a_missing_name_as_the_original_raises_it(paths, kind):
    trained(paths, "r1").finish()
    api = Api()
    for ask in (
        lambda: api.run("faces/r2"),
        lambda: api.runs("face"),
        lambda: api.project("face"),
        lambda: api.sweep("faces/none"),
        lambda: api.artifact("faces/model:latest"),
        lambda: api.artifact_versions("model", "faces/model"),
    ):
        with pytest.raises(kind):
            ask()
    assert (api.project("faces").run_count, api.settings["entity"]) == (1, api.default_entity)


def test_an_empty_store_has_no_projects(paths):
    assert Api().projects() == []
    assert not paths.index.exists()


def test_reading_works_while_a_server_holds_the_index(paths):
    log = trained(paths, "r1", steps=3)
    stop = threading.Event()
    holding = threading.Event()

    def serve():
        with open_index(paths) as index:
            assert index.hold()
            while not stop.is_set():
                index.refresh(quick=True)
                holding.set()
                stop.wait(0.05)

    server = threading.Thread(target=serve)
    server.start()
    try:
        assert holding.wait(30)
        run = Api(timeout=60).run("faces/r1")
        assert len(run.history()) == 3
        log.row(3, loss=0.0)
        assert len(run.history()) == 4
        run.rename("served")
        assert run.name == "served"
        trained(paths, "r2", time_s=START_S + 1).finish()
        assert len(Api(timeout=60).runs("faces")) == 2
    finally:
        stop.set()
        server.join()


def test_many_threads_may_ask_one_api(paths):
    for number in range(4):
        trained(paths, f"r{number}", steps=50).finish()
    api, failed = Api(), []

    def ask(number):
        try:
            assert len(api.run(f"faces/r{number}").history(pandas=False)) == 50
            assert len(api.runs("faces")) == 4
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number % 4,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
