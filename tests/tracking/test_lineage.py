from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import kerascope
from kerascope.errors import NotFoundError, UsageError
from kerascope.events.types import Notice
from tests.tracking.conftest import Store


def model(text: str = "weights", name: str = "net") -> kerascope.Artifact:
    path = Path("model.keras")
    path.write_text(text)
    artifact = kerascope.Artifact(name, type="model", metadata={"epoch": 1})
    artifact.add_file(str(path))
    return artifact


def test_logged_artifacts_are_versions_and_part_of_the_runs_log(store: Store) -> None:
    run = kerascope.init(project="faces")
    first = run.log_artifact(model("a"), aliases=["best"])
    second = run.log_artifact(model("b"))
    assert (first.version, second.version) == ("v0", "v1")
    assert second.aliases == ["latest"]
    logged = store.state(run.id, "faces").artifacts_logged
    assert [(event.name, event.type, event.version) for event in logged] == [("net", "model", 0), ("net", "model", 1)]
    assert logged[0].digest == first.digest
    assert "best" in logged[0].aliases


def test_used_artifacts_are_part_of_the_runs_log(store: Store) -> None:
    with kerascope.init() as maker:
        maker.log_artifact(model())
    run = kerascope.init()
    used = run.use_artifact("net:latest", type="model", use_as="init")
    assert Path(used.download(), "model.keras").read_text() == "weights"
    (event,) = store.state(run.id).artifacts_used
    assert (event.name, event.version, event.use_as) == ("net", 0, "init")
    assert run.use_artifact("local/uncategorized/net:v0").version == "v0"


def test_an_artifact_knows_the_runs_that_made_and_used_it_without_an_index() -> None:
    with kerascope.init() as maker:
        made = maker.log_artifact(model())
        other = maker.log_artifact(model("other"))
    users = []
    for project in ("uncategorized", "faces & more"):
        with kerascope.init(project=project) as run:
            used = run.use_artifact("uncategorized/net:v0")
            run.use_artifact("uncategorized/net:v0")
            users.append((run.project, run.id))
    for artifact in (made, used):
        assert artifact.logged_by().id == maker.id
        assert [(user.project, user.id) for user in artifact.used_by()] == users
    assert other.used_by() == []


def test_a_draft_that_is_used_is_logged_first(store: Store) -> None:
    run = kerascope.init()
    used = run.use_artifact(model())
    assert used.version == "v0"
    state = store.state(run.id)
    assert len(state.artifacts_logged) == len(state.artifacts_used) == 1


def test_saving_a_draft_logs_it_to_the_current_run(store: Store) -> None:
    run = kerascope.init()
    model().save()
    assert store.state(run.id).artifacts_logged[0].name == "net"


def test_paths_become_artifacts(store: Store) -> None:
    run = kerascope.init(id="abc")
    Path("data").mkdir()
    Path("data/x.txt").write_text("x")
    assert run.log_artifact("data", name="dataset", type="dataset").name == "dataset"
    assert run.log_artifact("data/x.txt").name == "run-abc-x.txt"
    with pytest.raises(UsageError, match="must exist"):
        run.log_artifact("missing")
    with pytest.raises(UsageError, match="Artifact or a path"):
        run.log_artifact(3)


def test_an_alias_that_cannot_be_written_is_told_of_and_stops_nothing(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    run = kerascope.init(id="abc")
    artifact = run.log_artifact(model())
    (store.paths.artifact("uncategorized", "net") / "aliases").write_text("in the way")
    assert run.link_artifact(artifact, "registry/x", aliases=["good"]) is artifact
    assert "linking artifact net failed: FileExistsError" in capsys.readouterr().err


def test_models_are_logged_used_and_linked() -> None:
    run = kerascope.init(id="abc")
    Path("m.keras").write_text("weights")
    assert run.log_model("m.keras").name == "run_abc_model"
    assert Path(run.use_model("run_abc_model:latest")).read_text() == "weights"
    run.link_artifact(run.use_artifact("run_abc_model:v0"), "registry/x", aliases=["good"])
    assert run.use_artifact("run_abc_model:good").version == "v0"
    assert run.link_model("m.keras", "registered").name == "registered"


def test_each_version_of_a_model_has_a_path_of_its_own() -> None:
    paths, run = [], kerascope.init(project="faces")
    for project in ("faces", "birds"):
        with kerascope.init(project=project, reinit="create_new") as other:
            for weights in ("first", "second"):
                Path("m.keras").write_text(f"{weights} of {project}")
                other.log_model("m.keras", "net")
        paths += [run.use_model(f"{project}/net:{version}") for version in ("v0", "v1")]
    kept = [Path(path).read_text() for path in paths]
    assert kept == ["first of faces", "second of faces", "first of birds", "second of birds"]


def test_code_is_kept_as_an_artifact() -> None:
    run = kerascope.init(project="faces")
    Path("a.py").write_text("x = 1")
    Path("b.txt").write_text("text")
    Path(".hidden.py").write_text("no")
    artifact = run.log_code()
    assert artifact.type == "code"
    assert list(artifact.manifest.entries) == ["a.py"]
    assert list(run.log_code(include_fn=lambda path: path.endswith(".txt")).manifest.entries) == ["b.txt"]
    assert run.log_code(exclude_fn=lambda path, root: path.endswith(".py")) is None


def test_a_folder_of_code_that_cannot_be_read_is_named_and_hidden_ones_are_not_looked_into(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kerascope.init(project="faces")
    for name in ("a.py", "closed/b.py", ".venv/c.py", "node_modules/d.py", "package/e.py"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("x = 1")
    scan, looked = os.scandir, []

    def look(path: Any) -> Any:
        looked.append(Path(path).name)
        if looked[-1] == "closed":  # root may read anything
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", look)
    assert list(run.log_code(".").manifest.entries) == ["a.py", "package/e.py"]
    assert not {".venv", "node_modules"} & set(looked)
    notices = [event.text for event in store.events(run.id, "faces") if isinstance(event, Notice)]
    assert [("closed" in text) for text in notices] == [True]


def test_missing_artifacts_and_wrong_types_are_refused() -> None:
    run = kerascope.init()
    run.log_artifact(model())
    with pytest.raises(NotFoundError):
        run.use_artifact("other:latest")
    with pytest.raises(ValueError, match="another type"):
        run.use_artifact("net:latest", type="dataset")
    with pytest.raises(TypeError, match="Artifact or text"):
        run.use_artifact(3)


@pytest.mark.parametrize("key", ["eval/preds", "a//b", "../x", "/", "ä b"])
def test_a_table_is_kept_whatever_its_key(store: Store, key: str) -> None:
    run = kerascope.init(project="faces")
    run.log({key: kerascope.Table(columns=["a"], data=[[1]])})
    run.finish()
    assert [event.type for event in store.state(run.id, "faces").artifacts_logged] == ["run_table"]
