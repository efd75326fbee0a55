"""What drafts take, what committed artifacts give back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.artifacts.manifest import content_digest
from kerascope.errors import NotFoundError, StoreError, UsageError
from kerascope.media.classes import Classes
from kerascope.media.image import Image
from kerascope.media.joined import JoinedTable, PartitionedTable
from kerascope.media.table import Table
from kerascope.paths import StorePaths


def commit(store: ArtifactStore, artifact: Artifact) -> Artifact:
    return store.commit(artifact, project="p", run_id="r")


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def folder_of(root: str | Path) -> dict[str, str]:
    root = Path(root)
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_download_gives_back_what_was_added(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset")
    artifact.add_file(write(tmp_path / "in" / "one.txt", "1"))
    artifact.add_file(write(tmp_path / "in" / "two.txt", "2"), name="sub/zwei.txt")
    write(tmp_path / "dir" / "deep" / "three.txt", "3")
    artifact.add_dir(tmp_path / "dir", name="tree")
    with artifact.new_file("new.txt") as file:
        file.write("4")
    commit(store, artifact)
    wanted = {"one.txt": "1", "sub/zwei.txt": "2", "tree/deep/three.txt": "3", "new.txt": "4"}
    again = store.resolve("p", "data")
    assert folder_of(again.download(tmp_path / "out")) == wanted
    assert again.download(tmp_path / "out") == str(tmp_path / "out")
    again.verify(tmp_path / "out")
    assert sorted(again.manifest.entries) == sorted(wanted)
    assert again.size == 4


def test_download_goes_to_a_folder_of_the_name_and_version(
    store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    artifact = Artifact("data", "dataset")
    artifact.add_file(write(tmp_path / "a.txt"))
    assert commit(store, artifact).download() == str(Path("artifacts/data:v0"))
    assert artifact.get_path("a.txt").download() == "artifacts/data:v0/a.txt"


def test_damaged_download_is_refused_and_mended_files_are_replaced(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset")
    artifact.add_file(write(tmp_path / "a.txt", "good"))
    commit(store, artifact)
    root = Path(artifact.download(tmp_path / "out"))
    (root / "a.txt").write_text("evil")
    with pytest.raises(StoreError, match=r"different a\.txt"):
        artifact.verify(root)
    artifact.download(root)
    assert (root / "a.txt").read_text() == "good"
    blob = store.blobs.path(artifact.get_entry("a.txt").digest)
    blob.chmod(0o644)
    blob.write_text("EVIL")
    with pytest.raises(StoreError, match="not what it was"):
        artifact.download(tmp_path / "other")
    assert folder_of(tmp_path / "other") == {}


def test_checkout_removes_what_is_not_part_of_it(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset")
    artifact.add_file(write(tmp_path / "a.txt"))
    commit(store, artifact)
    write(tmp_path / "out" / "old" / "stale.txt")
    assert folder_of(artifact.checkout(tmp_path / "out")) == {"a.txt": "x"}
    assert not (tmp_path / "out" / "old").exists()


def test_links_out_of_the_download_folder_are_not_followed(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset")
    path = write(tmp_path / "a.txt", "new")
    artifact.add_file(path, name="sub/a.txt")
    artifact.add_file(path, name="b.txt")
    commit(store, artifact)
    outside = write(tmp_path / "outside" / "a.txt", "precious")
    root = tmp_path / "out"
    root.mkdir()
    (root / "b.txt").symlink_to(outside)
    (root / "sub").symlink_to(outside.parent)
    with pytest.raises(StoreError, match="leads out"):
        artifact.download(root)
    assert outside.read_text() == "precious"
    assert (root / "b.txt").read_text() == "new"


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../b", "a//b", ".", "", "a\\b", "C:/x", "a\x00", "a/"])
def test_unsafe_names_are_refused(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    with pytest.raises(ValueError, match="Received"):
        Artifact("data", "dataset").add_file(path, name=name or "./")


def test_a_name_is_used_once_and_never_for_file_and_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    artifact = Artifact("data", "dataset")
    artifact.add_file(path, name="x/y")
    for name in ("x/y", "x", "x/y/z"):
        with pytest.raises(ValueError, match="Received"):
            artifact.add_file(path, name=name)


@pytest.mark.parametrize("name", ["", "sp ace", "a/b", "x" * 129, None, "ä"])
def test_wrong_artifact_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Received"):
        Artifact(name, "dataset")


def test_symbolic_links_in_folders_are_stored_as_contents(store: ArtifactStore, tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.txt", "real")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").symlink_to(tmp_path / "real" / "a.txt")
    (tree / "dir").symlink_to(tmp_path / "real")
    artifact = Artifact("data", "dataset")
    artifact.add_dir(tree)
    assert folder_of(commit(store, artifact).download(tmp_path / "out")) == {"file": "real", "dir/a.txt": "real"}


def test_circles_and_broken_links_are_refused(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "loop").symlink_to(tree)
    with pytest.raises(ValueError, match="leads into"):
        Artifact("data", "dataset").add_dir(tree)
    (tree / "loop").unlink()
    (tree / "broken").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="Only files"):
        Artifact("data", "dataset").add_dir(tree)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset")
    for call, path in ((artifact.add_file, tmp_path), (artifact.add_file, "no"), (artifact.add_dir, "no")):
        with pytest.raises(ValueError, match="Received"):
            call(path)


def test_a_file_that_changed_since_it_was_added_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    artifact = Artifact("data", "dataset")
    artifact.add_file(path)
    path.write_text("another length")
    with pytest.raises(UsageError, match="changed after"):
        commit(store, artifact)
    assert store.numbers("p", "data") == []


def test_remove_takes_files_folders_and_objects(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    artifact = Artifact("data", "dataset")
    for name in ("one", "dir/two", "dir/three"):
        artifact.add_file(path, name=name)
    artifact.add(Classes([{"id": 0, "name": "x"}]), "classes")
    artifact.remove("one")
    artifact.remove("dir")
    artifact.remove("classes")
    assert artifact.files() == []
    with pytest.raises(NotFoundError):
        artifact.remove("one")


def test_committed_artifacts_refuse_changes(store: ArtifactStore, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    artifact = Artifact("data", "dataset")
    artifact.add_file(path)
    commit(store, artifact)
    for change in (
        lambda: artifact.add_file(path, name="b"),
        lambda: artifact.remove("a.txt"),
        lambda: artifact.add(Classes([]), "c"),
        lambda: artifact.add_reference("s3://bucket/key"),
    ):
        with pytest.raises(UsageError, match="cannot change"):
            change()
    artifact.metadata["new"] = 1
    with pytest.raises(UsageError, match="cannot change"):
        artifact.save()


def test_drafts_say_what_they_cannot_do() -> None:
    artifact = Artifact("data", "dataset")
    assert (artifact.version, artifact.digest, artifact.is_draft) == (None, None, True)
    for call in (artifact.download, artifact.logged_by, artifact.used_by, lambda: artifact.get_entry("x")):
        with pytest.raises(UsageError, match="log"):
            call()


def test_file_in_an_unfinished_block_is_not_added() -> None:
    artifact = Artifact("data", "dataset")
    with pytest.raises(RuntimeError), artifact.new_file("a.txt"):
        raise RuntimeError
    assert artifact.files() == []


def test_two_files_can_be_written_at_once(store: ArtifactStore) -> None:
    artifact = Artifact("data", "dataset")
    with artifact.new_file("a") as first, artifact.new_file("b", "wb") as second:
        first.write("first")
        second.write(b"second")
    commit(store, artifact)
    assert [entry.read_bytes() for entry in artifact.files()] == [b"first", b"second"]


def test_an_object_that_is_damaged_is_named(store: ArtifactStore) -> None:
    artifact = Artifact("data", "dataset")
    artifact.add(Table(["a"], [[1]]), "table")
    path = store.blobs.path(commit(store, artifact).get_entry("table").digest)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(b"[" * len(content))
    loaded = store.resolve("p", "data:v0")
    with pytest.raises(StoreError, match=r"table.table.json"):
        loaded.get("table")


def test_what_was_written_for_a_draft_takes_no_place_beside_its_version(
    store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    artifact = Artifact("data", "dataset")
    with artifact.new_file("a.txt") as file:
        file.write("a")
    assert list(folder.iterdir())
    draft = commit(store, artifact).new_draft()
    with draft.new_file("b.txt") as file:
        file.write("b")
    commit(store, draft)
    assert list(folder.iterdir()) == []
    assert [entry.path for entry in draft.files()] == ["a.txt", "b.txt"]


def test_a_commit_that_failed_can_be_tried_again(store: ArtifactStore, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    artifact = Artifact("data", "dataset")
    artifact.add_file(path)
    hidden = path.rename(tmp_path / "b.txt")
    with pytest.raises(UsageError, match="removed"):
        commit(store, artifact)
    with pytest.raises(StoreError, match="could not be stored"):
        artifact.wait()
    artifact.remove("a.txt")
    artifact.add_file(hidden)
    assert commit(store, artifact).wait().version == "v0"


def test_objects_come_back(store: ArtifactStore) -> None:
    artifact = Artifact("data", "dataset")
    image = Image(
        [[0, 255]], caption="pixels", classes=[{"id": 0, "name": "sky"}], masks={"m": {"mask_data": [[0, 0]]}}
    )
    artifact.add(image, "pictures/one")
    artifact["names"] = Classes([{"id": 1, "name": "cat"}])
    assert artifact.get("pictures/one") is image
    commit(store, artifact)
    again = store.resolve("p", "data")
    assert again.get("pictures/one") == image
    assert again["names"].labels == {1: "cat"}
    assert again.get("nothing") is None
    paths = [entry.path for entry in again.files()]
    assert "pictures/one.image-file.json" in paths
    assert any(path.startswith("media/images/") and path.endswith(".png") for path in paths)
    assert any(path.startswith("media/images/mask/") for path in paths)
    assert again.get_entry("pictures/one").path == "pictures/one.image-file.json"


def test_images_with_layers_need_class_labels(store: ArtifactStore) -> None:
    with pytest.raises(ValueError, match="class labels"):
        Artifact("data", "dataset").add(Image([[0]], masks={"m": {"mask_data": [[0]]}}), "image")
    with pytest.raises(TypeError, match="media"):
        Artifact("data", "dataset").add("text", "image")


def test_references_keep_the_place_and_not_the_content(store: ArtifactStore, tmp_path: Path) -> None:
    path = write(tmp_path / "raw" / "a b.txt", "raw")
    artifact = Artifact("data", "dataset")
    artifact.add_reference(path.as_uri())
    artifact.add_reference((tmp_path / "raw").as_uri(), name="tree")
    artifact.add_reference("s3://bucket/far.csv")
    commit(store, artifact)
    again = store.resolve("p", "data")
    entries = again.manifest.entries
    assert sorted(entries) == ["a b.txt", "far.csv", "tree/a b.txt"]
    assert entries["far.csv"].ref_target() == "s3://bucket/far.csv"
    assert not store.blobs.has(entries["a b.txt"].digest)
    assert folder_of(again.download(tmp_path / "out")) == {"a b.txt": "raw", "tree/a b.txt": "raw"}
    again.verify(tmp_path / "out")
    path.write_text("changed")
    with pytest.raises(StoreError, match="not what it was"):
        again.download(tmp_path / "other")


@pytest.mark.parametrize("uri", ["no-scheme", "file:///nowhere/at/all", 3])
def test_wrong_references_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="Received"):
        Artifact("data", "dataset").add_reference(uri)


def test_immutable_files_are_linked_and_become_read_only(store: ArtifactStore, tmp_path: Path) -> None:
    path = write(tmp_path / "model.bin", "weights")
    artifact = Artifact("model", "model")
    artifact.add_file(path, policy="immutable")
    commit(store, artifact)
    assert store.blobs.path(artifact.get_entry("model.bin").digest).samefile(path)
    assert not path.stat().st_mode & 0o222


def test_mutable_files_are_never_shared_with_the_store(store: ArtifactStore, tmp_path: Path) -> None:
    path = write(tmp_path / "model.bin", "weights")
    artifact = Artifact("model", "model")
    artifact.add_file(path)
    commit(store, artifact)
    path.write_text("WEIGHTS")
    assert artifact.get_entry("model.bin").read_bytes() == b"weights"


def test_same_content_is_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset")
    for name in "abc":
        artifact.add_file(write(tmp_path / name, "same"))
    commit(store, artifact)
    blobs = [name for _, _, names in os.walk(store.paths.blobs) for name in names]
    assert len(blobs) == 1


def test_tables_keep_their_links_and_images(store: ArtifactStore) -> None:
    labels = Table(["label"], [["cat"], ["dog"]])
    images = Table(["image", "class"], [[Image([[n]]), labels.index_ref(n % 2)] for n in range(3)])
    artifact = Artifact("val", "dataset")
    artifact.add(Table(["row", "score"], [[images.index_ref(2), 0.5]]), "pred")
    commit(store, artifact)
    again = store.resolve("p", "val")
    row = again.get("pred").data[0][0].get_row()
    assert row["image"].image.size == (1, 1)
    assert row["class"].get_row() == {"label": "cat"}
    folders = sorted({entry.path.rpartition("/")[0] for entry in again.files()})
    assert folders == ["", "media/images", "media/tables"]
    assert len(again.files()) == 1 + 3 + 2


def test_joined_and_partitioned_tables_come_back(store: ArtifactStore) -> None:
    artifact = Artifact("val", "dataset")
    for number in range(3):
        artifact.add(Table(["n"], [[number], [number + 10]]), f"parts/{number}")
    artifact.add(PartitionedTable("parts"), "all")
    artifact.add(JoinedTable(Table(["k", "a"], [[1, 2]]), Table(["k", "b"], [[1, 3]]), "k"), "joined")
    commit(store, artifact)
    again = store.resolve("p", "val")
    assert [row for _, row in again.get("all").iterrows()] == [[0], [10], [1], [11], [2], [12]]
    assert again.get("joined").to_table().data == [[1, 2, 3]]
    with pytest.raises(UsageError, match="logged"):
        PartitionedTable("parts").parts  # noqa: B018


def test_golden_artifact_of_format_1_opens() -> None:
    root = Path(__file__).parent.parent / "golden" / "artifact_v1"
    artifact = ArtifactStore(StorePaths(root)).resolve("p", "data:best")
    assert (artifact.version, artifact.type, artifact.metadata) == ("v1", "dataset", {"rows": 2})
    assert artifact.digest == content_digest(ArtifactStore(StorePaths(root)).manifest("p", "data", 1).entries)
    assert artifact.get_entry("pieces.bin").read_bytes() == b"0123456789" * 2 + b"new"
    assert artifact.get("val").data == [[1, "x"]]
    assert artifact.get_entry("far.csv").ref_target() == "s3://bucket/far.csv"


def test_new_draft_goes_on_from_a_version_and_leaves_it_as_it_is(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("data", "dataset", "of cats", {"rows": 2})
    for name in ("one.txt", "two.txt"):
        artifact.add_file(write(tmp_path / name, name))
    artifact.add_reference("s3://bucket/far")
    assert (artifact.state, artifact.id) == ("PENDING", None)
    commit(store, artifact)
    assert (artifact.state, artifact.id) == ("COMMITTED", "p/data:v0")
    draft = artifact.new_draft()
    draft.remove("two.txt")
    draft.add_file(write(tmp_path / "three.txt", "3"))
    commit(store, draft)
    assert sorted(store.resolve("p", "data:v1").manifest.entries) == ["far", "one.txt", "three.txt"]
    assert sorted(store.resolve("p", "data:v0").manifest.entries) == ["far", "one.txt", "two.txt"]
    assert (draft.version, draft.description, draft.metadata) == ("v1", "of cats", {"rows": 2})


def test_file_is_the_only_one_of_an_artifact(store: ArtifactStore, tmp_path: Path) -> None:
    artifact = Artifact("model", "model")
    artifact.add_file(write(tmp_path / "weights.bin", "w"))
    commit(store, artifact)
    assert Path(artifact.file(tmp_path / "out")).read_text() == "w"
    draft = artifact.new_draft()
    draft.add_file(write(tmp_path / "more.bin"))
    commit(store, draft)
    with pytest.raises(ValueError, match="which has 2"):
        draft.file(tmp_path / "out")
