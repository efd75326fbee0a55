"""Versions, aliases, references and what happens when several processes, or dying ones, commit."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.errors import NotFoundError, StoreError, UsageError
from kerascope.paths import StorePaths


def put(store: ArtifactStore, text: str = "a", name: str = "data", **commit: object) -> Artifact:
    artifact = Artifact(name, "dataset")
    with artifact.new_file("a.txt") as file:
        file.write(text)
    return store.commit(artifact, project="p", **{"run_id": "r1", **commit})  # type: ignore[arg-type]


def test_versions_are_counted_from_zero(store: ArtifactStore) -> None:
    assert [put(store, text).version for text in "abc"] == ["v0", "v1", "v2"]


def test_same_contents_make_no_new_version_and_the_aliases_move(store: ArtifactStore) -> None:
    put(store, "a", aliases=["best"])
    first = put(store, "b")
    again = put(store, "b", aliases=["best"])
    assert (again.version, again.digest) == (first.version, first.digest)
    assert again.aliases == ["latest", "best"]
    assert store.resolve("p", "data:v0").aliases == []


def test_contents_of_an_older_version_make_a_new_one(store: ArtifactStore) -> None:
    assert [put(store, text).version for text in "aba"] == ["v0", "v1", "v2"]


def test_latest_is_always_the_newest_version(store: ArtifactStore) -> None:
    for text in "abc":
        put(store, text, aliases=["latest"])
    assert store.resolve("p", "data").version == "v2"
    assert store.resolve("p", "data:latest").aliases == ["latest"]


@pytest.mark.parametrize("reference", ["data:best", "p/data:best", "me/p/data:best", "data:v1"])
def test_reference_forms(store: ArtifactStore, reference: str) -> None:
    for text in "abc":
        put(store, text, aliases=["best"] if text == "b" else [])
    assert store.resolve("p", reference).version == "v1"


@pytest.mark.parametrize("reference", ["nothing", "data:v7", "data:nobody", "q/data"])
def test_unknown_references_are_named(store: ArtifactStore, reference: str) -> None:
    put(store)
    with pytest.raises(NotFoundError, match="Received"):
        store.resolve("p", reference)


@pytest.mark.parametrize("reference", ["a/b/c/d", "", "sp ace", "data:a/b", 3, None])
def test_malformed_references_are_refused(store: ArtifactStore, reference: object) -> None:
    with pytest.raises(ValueError, match="Received"):
        store.resolve("p", reference)  # type: ignore[arg-type]


@pytest.mark.parametrize("alias", ["", "a/b", "a:b", "v3", 3, "x" * 129])
def test_wrong_aliases_are_refused_before_anything_is_stored(store: ArtifactStore, alias: object) -> None:
    with pytest.raises((ValueError, TypeError), match="Received"):
        put(store, aliases=[alias])
    assert store.names("p") == []


def test_a_name_keeps_its_type(store: ArtifactStore) -> None:
    put(store)
    with pytest.raises(ValueError, match="one type"):
        store.commit(Artifact("data", "model"), project="p")


def test_manifest_is_what_the_format_page_says(store: ArtifactStore) -> None:
    made = put(store)
    content = json.loads((store.paths.artifact("p", "data") / "v0.json").read_text())
    assert content["format"] == 1
    assert content["run"] == {"project": "p", "id": "r1"}
    assert [entry["path"] for entry in content["entries"]] == ["a.txt"]
    assert content["digest"] == made.digest
    assert (store.paths.artifact("p", "data") / "aliases").exists() is False


def test_metadata_keeps_nonfinite_numbers_readable(store: ArtifactStore) -> None:
    artifact = Artifact("data", "dataset", metadata={"loss": float("nan"), "inner": [float("inf")]})
    store.commit(artifact, project="p")
    assert store.resolve("p", "data").metadata == {"loss": "NaN", "inner": ["Infinity"]}


def test_aliases_can_be_changed_and_saved(store: ArtifactStore) -> None:
    put(store, "a", aliases=["old", "kept"])
    artifact = put(store, "b")
    first = store.resolve("p", "data:v0")
    first.aliases = ["kept", "new"]
    first.save()
    assert store.resolve("p", "data:v0").aliases == ["kept", "new"]
    artifact.aliases.append("new")
    artifact.save()
    assert store.resolve("p", "data:new").version == "v1"
    assert store.resolve("p", "data:v0").aliases == ["kept"]


def test_logging_a_committed_artifact_again_adds_aliases(store: ArtifactStore) -> None:
    artifact = put(store)
    assert store.commit(artifact, project="p", aliases=["x"]).aliases == ["latest", "x"]
    with pytest.raises(UsageError, match="one project"):
        store.commit(artifact, project="other")


def test_list_shows_names_and_newest_versions(store: ArtifactStore) -> None:
    put(store, "abc")
    put(store, "x", name="other")
    collections = store.list("p")
    assert [(c.name, c.type, c.version_count, c.latest, c.size_bytes) for c in collections] == [
        ("data", "dataset", 1, "v0", 3),
        ("other", "dataset", 1, "v0", 1),
    ]
    assert store.projects() == ["p"]
    assert [artifact.version for artifact in store.versions("p", "data")] == ["v0"]
    assert store.list("nothing") == []


def test_a_version_that_a_crash_left_broken_stops_nothing(store: ArtifactStore) -> None:
    put(store, "a")
    (store.paths.artifact("p", "data") / "v1.json").write_text('{"format": 1, "na')
    assert put(store, "b").version == "v2"
    assert [(one.latest, one.version_count) for one in store.list("p")] == [("v2", 3)]
    with pytest.raises(StoreError, match=r"v1\.json"):
        store.resolve("p", "data:v1")


def test_a_newer_format_is_refused(store: ArtifactStore) -> None:
    put(store, "a")
    path = store.paths.artifact("p", "data") / "v0.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(StoreError, match="newer"):
        store.resolve("p", "data")


def test_file_systems_without_hard_links_work_too(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert [put(store, text).version for text in "ab"] == ["v0", "v1"]


def _commit_many(root: str, worker: int) -> None:
    store = ArtifactStore(StorePaths(Path(root)))
    for count in range(10):
        put(store, f"{worker}-{count}", aliases=[f"w{worker}"])


def test_processes_never_share_a_version_number(store: ArtifactStore) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_commit_many, args=(str(store.paths.root), n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    versions = store.versions("p", "data")
    assert [artifact.version for artifact in versions] == [f"v{n}" for n in reversed(range(40))]
    assert len({artifact.digest for artifact in versions}) == 40
    for worker in range(4):
        assert store.resolve("p", f"data:w{worker}").get_entry("a.txt").read_bytes() == f"{worker}-9".encode()


def _same_content(root: str) -> None:
    put(ArtifactStore(StorePaths(Path(root))), "same")


def test_processes_that_log_the_same_contents_make_one_version(store: ArtifactStore) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_same_content, args=(str(store.paths.root),)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    assert store.numbers("p", "data") == [0]


COMMITTER = """
import os, sys, pathlib
from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.paths import StorePaths
store = ArtifactStore(StorePaths(pathlib.Path(sys.argv[1])))
count = 0
while True:
    artifact = Artifact("data", "dataset")
    for part in range(3):
        with artifact.new_file(f"{part}.bin", "wb") as file:
            file.write(os.urandom(300_000))
    store.commit(artifact, project="p", aliases=["best"])
    print(count, flush=True)
    count += 1
"""


def test_killed_commits_leave_the_store_whole(store: ArtifactStore) -> None:
    for delay_ms in (0, 7, 13, 29):
        process = subprocess.Popen([sys.executable, "-c", COMMITTER, str(store.paths.root)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline()
        time.sleep(delay_ms / 1000)  # where in the next commit it dies
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        process.stdout.close()
    numbers = store.numbers("p", "data")
    assert numbers == list(range(len(numbers)))
    for artifact in store.versions("p", "data"):
        for entry in artifact.files():
            assert len(entry.read_bytes()) == 300_000
    assert store.resolve("p", "data:best").version in {f"v{number}" for number in numbers}
    put(store, "goes on")
    assert store.resolve("p", "data").version == f"v{len(numbers)}"


def test_a_folder_whose_name_is_no_text_is_neither_project_nor_artifact(store: ArtifactStore) -> None:
    put(store)
    os.mkdir(os.path.join(os.fsencode(store.paths.projects), b"caf\xe9"))
    os.mkdir(os.path.join(os.fsencode(store.paths.project("p")), b"artifacts", b"caf\xe9"))
    assert store.projects() == ["p"]
    assert [one.name for one in store.list("p")] == store.names("p") == ["data"]
