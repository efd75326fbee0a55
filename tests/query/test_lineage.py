"""Laws of lineage: versions come from their files, their use from the logs."""

import pytest

from kerascope.api import Api
from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import NotFoundError
from kerascope.events import types as ev
from kerascope.query import lineage, runs
from kerascope.query.lineage_graph import graph
from kerascope.query.origins import artifacts_of
from tests.index.logs import START_S, EditLog, Log, reading, store


@pytest.fixture
def paths(tmp_path):
    """Two versions of a model made by `maker`, the first used by `user`."""
    paths = store(tmp_path / "store")
    maker = Log(paths, "maker").row(0, loss=1.0)
    for number in range(2):
        (tmp_path / "model.txt").write_text(f"weights {number}")
        draft = Artifact("model", "model", metadata={"number": number})
        draft.add_file(tmp_path / "model.txt")
        done = ArtifactStore(paths).commit(
            draft, project="faces", run_id="maker", aliases=["best"] if number else ["first"]
        )
        maker.say(ev.ArtifactLogged("model", "model", number, done.digest, (), START_S + number))
        if not number:
            user = Log(paths, "user", time_s=START_S + 5)
            user.say(ev.ArtifactUsed("model", "model", 0, done.digest, "", START_S + 6)).finish()
    maker.finish()
    return paths


def test_versions_know_who_made_and_used_them(paths):
    with reading(paths) as db:
        (listed,) = lineage.artifacts(paths, "faces")
        assert (listed.name, listed.type, listed.version_count, listed.latest) == ("model", "model", 2, 1)
        detail = lineage.artifact(db, paths, "faces", "model")
        assert [version.version for version in detail.versions] == [1, 0]
        assert [version.aliases for version in detail.versions] == [("latest", "best"), ("first",)]
        assert [[run.id for run in version.used_by] for version in detail.versions] == [[], ["user"]]
        assert {version.run.id for version in detail.versions} == {"maker"}
        for name in ("v1", "best", "latest"):
            manifest = lineage.manifest(db, paths, "faces", "model", name)
            assert manifest.manifest["version"] == 1
            assert manifest.logged_by.id == "maker"
        for name in ("v2", "worst", "v99999999999999999999"):
            with pytest.raises(NotFoundError, match="best"):
                lineage.manifest(db, paths, "faces", "model", name)
        with pytest.raises(NotFoundError, match="model"):
            lineage.artifact(db, paths, "faces", "modell")
    EditLog(paths).say(ev.DeleteRun("faces", "user", START_S + 9))
    with reading(paths) as db:
        assert lineage.artifact(db, paths, "faces", "model").versions[1].used_by == ()


def test_the_api_follows_artifacts_to_runs_and_back(paths):
    api = Api(paths.root, overrides={"project": "faces"})
    artifact = api.artifact("model:first", type="model")
    assert artifact.logged_by().id == "maker"
    assert [run.id for run in artifact.used_by()] == ["user"]
    assert [one.version for one in api.run("faces/maker").logged_artifacts()] == ["v0", "v1"]
    assert [one.version for one in api.run("user").used_artifacts()] == ["v0"]
    assert [one.version for one in api.artifact_versions("model", "faces/model")] == ["v1", "v0"]
    assert api.artifact_exists("faces/model:best")
    assert not api.artifact_exists("faces/model:best", type="dataset")
    assert not api.artifact_exists("faces/other")
    assert [one.name for one in api.artifact_collections("faces")] == ["model"]


def test_a_version_used_from_another_project_is_found_where_it_is(paths):
    digest = ArtifactStore(paths).manifest("faces", "model", 1).digest
    guest = Log(paths, "guest", project="checks", time_s=START_S + 7)
    guest.say(ev.ArtifactUsed("model", "model", 1, digest, "", START_S + 8))
    guest.say(ev.ArtifactUsed("model", "model", 1, "0" * 64, "", START_S + 9)).finish()
    stores = ArtifactStore(paths)
    with reading(paths) as db:
        used = artifacts_of(stores, runs.detail(db, "checks", "guest")).used
        assert [link.project for link in used] == ["faces", None]
        (user,) = lineage.artifact(db, paths, "faces", "model").versions[0].used_by
        assert (user.project, user.id, user.name) == ("checks", "guest", runs.detail(db, "checks", "guest").name)
        made = artifacts_of(stores, runs.detail(db, "faces", "maker")).logged
        assert [link.project for link in made] == ["faces", "faces"]


def test_the_api_gives_versions_of_other_projects_to_the_run_that_used_them(paths):
    digest = ArtifactStore(paths).manifest("faces", "model", 1).digest
    Log(paths, "guest", project="checks").say(ev.ArtifactUsed("model", "model", 1, digest, "", START_S)).finish()
    (used,) = Api(paths.root).run("checks/guest").used_artifacts()
    assert (used.project, used.version) == ("faces", "v1")


def test_the_graph_leads_from_data_to_models_and_back(paths, tmp_path):
    stores = ArtifactStore(paths)
    (tmp_path / "model.txt").write_text("distilled")
    draft = Artifact("small", "model")
    draft.add_file(tmp_path / "model.txt")
    small = stores.commit(draft, project="faces", run_id="user")
    more = Log(paths, "user", attempt=1, time_s=START_S + 50)
    more.say(ev.ArtifactLogged("small", "model", 0, small.digest, (), START_S + 60)).finish()
    with reading(paths) as db:
        first = lineage.find(paths, "faces", "model", "v0")
        found = graph(db, paths, first)
        assert [(node.id, node.distance) for node in found.nodes] == [
            ("run:faces/maker", -1),
            ("artifact:faces/model:v0", 0),
            ("run:faces/user", 1),
            ("artifact:faces/small:v0", 2),
        ]
        assert {(edge.source, edge.target) for edge in found.edges} == {
            ("run:faces/maker", "artifact:faces/model:v0"),
            ("artifact:faces/model:v0", "run:faces/user"),
            ("run:faces/user", "artifact:faces/small:v0"),
        }
        assert found.complete
        cut = graph(db, paths, first, depth=1)
        assert (len(cut.nodes), cut.complete) == (3, False)
        upstream = graph(db, paths, lineage.find(paths, "faces", "small", "latest"))
        assert {node.id: node.distance for node in upstream.nodes}["run:faces/maker"] == -3
