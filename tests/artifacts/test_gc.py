"""Clean-up never takes what an alias, a run or another version needs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from kerascope.artifacts import Artifact, ArtifactStore, gc
from kerascope.artifacts.compare import diff, verify
from kerascope.artifacts.manifest import Manifest
from kerascope.artifacts.retention import Policy, read_policy, write_policy
from kerascope.errors import NotFoundError, StoreError
from kerascope.media.base import dump_json
from kerascope.media.image import Image
from kerascope.media.table import Table

NOISE = np.random.default_rng(3).integers(0, 256, 2 << 20, dtype=np.uint8).tobytes()


def put(store: ArtifactStore, data: bytes, *aliases: str, name: str = "model", file: str = "w.bin") -> Artifact:
    artifact = Artifact(name, "model")
    with artifact.new_file(file, "wb") as out:
        out.write(data)
    return store.commit(artifact, project="p", run_id="r", aliases=aliases)


def nobody(manifest: Manifest) -> bool:
    return False


def age_blobs(store: ArtifactStore) -> None:
    """Makes all blobs two days old."""
    old = time.time() - 2 * gc.DAY_S
    for path in store.paths.blobs.rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))


def clean(store: ArtifactStore, **policy: float) -> int:
    age_blobs(store)
    plan = gc.plan(store, nobody, policy=Policy(**policy) if policy else None)  # type: ignore[arg-type]
    return gc.apply(store, plan, nobody)


def test_without_a_policy_nothing_goes(store: ArtifactStore) -> None:
    for text in (b"a", b"b", b"c"):
        put(store, text)
    assert clean(store) == 0
    assert store.numbers("p", "model") == [0, 1, 2]


def test_planning_changes_nothing(store: ArtifactStore) -> None:
    for text in (b"a", b"b", b"c"):
        put(store, text)
    age_blobs(store)
    plan = gc.plan(store, nobody, policy=Policy(keep_last=1))
    assert [choice.version for choice in plan.removed] == [1, 0]
    assert plan.freed_bytes == 2
    assert store.numbers("p", "model") == [0, 1, 2]
    assert len(verify(store.blobs, [artifact_manifest(store, n) for n in (0, 1, 2)])) == 0


def test_what_lies_behind_a_link_is_needed_and_what_is_out_of_reach_stops_all(
    store: ArtifactStore, tmp_path: Path
) -> None:
    digest = put(store, b"weights").files()[0].digest
    here, there = store.paths.project("p"), tmp_path / "other disk"
    here.rename(there)
    here.symlink_to(there)
    assert clean(store) == 0
    there.rename(tmp_path / "unmounted")
    with pytest.raises(OSError, match="projects/p"):
        clean(store)
    assert store.blobs.has(digest)


def artifact_manifest(store: ArtifactStore, number: int, name: str = "model") -> Manifest:
    return store.manifest("p", name, number)


def test_aliases_users_and_the_newest_version_keep_versions(store: ArtifactStore) -> None:
    put(store, b"0", "best")
    for text in (b"1", b"2", b"3", b"4"):
        put(store, text)
    age_blobs(store)

    def is_used(manifest: Manifest) -> bool:
        return manifest.version == 2

    plan = gc.plan(store, is_used, policy=Policy(keep_days=0))
    assert {choice.version: choice.kept for choice in plan.choices} == {
        4: "alias latest",
        3: "",
        2: "used by a run",
        1: "",
        0: "alias best",
    }
    assert gc.apply(store, plan, is_used) == 2
    assert store.numbers("p", "model") == [0, 2, 4]
    assert put(store, b"5").version == "v5"


def test_an_alias_set_after_the_plan_keeps_the_version(store: ArtifactStore) -> None:
    put(store, b"0")
    put(store, b"1")
    age_blobs(store)
    plan = gc.plan(store, nobody, policy=Policy(keep_last=1))
    store.set_alias("p", "model", 0, "rescued")
    assert gc.apply(store, plan, nobody) == 0
    assert store.resolve("p", "model:rescued").get_entry("w.bin").read_bytes() == b"0"


def test_policies_count_and_age(store: ArtifactStore) -> None:
    for text in (b"0", b"1", b"2", b"3"):
        put(store, text)
    now = time.time()
    plan = gc.plan(store, nobody, policy=Policy(keep_last=2), now_s=now)
    assert [choice.kept for choice in plan.choices][1:] == ["one of the last 2", "", ""]
    plan = gc.plan(store, nobody, policy=Policy(keep_days=3), now_s=now + 2 * gc.DAY_S)
    assert plan.removed == ()
    plan = gc.plan(store, nobody, policy=Policy(keep_days=3), now_s=now + 4 * gc.DAY_S)
    assert len(plan.removed) == 3


def test_bytes_that_newer_versions_share_stay(store: ArtifactStore) -> None:
    put(store, NOISE)
    put(store, NOISE[:100] + b"changed" + NOISE[107:])
    put(store, NOISE + b"appended")
    clean(store, keep_last=1)
    assert store.numbers("p", "model") == [2]
    assert store.resolve("p", "model").get_entry("w.bin").read_bytes() == NOISE + b"appended"


def test_blobs_that_run_logs_name_stay_even_of_removed_runs(store: ArtifactStore) -> None:
    image = Image([[1, 2], [3, 4]])
    table = Table(["image"], [[image]]).to_value(store.blobs, "t", 0)
    lone = store.blobs.put_bytes(b"nobody needs this")
    trashed = store.blobs.put_bytes(b"a removed run needs this")
    log = store.paths.log("p", "abc") / "x.klog"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\x00" * ((1 << 20) - 30) + dump_json(table))  # the digest lies across two blocks
    trash = store.paths.trash / "some" / "y.klog"
    trash.parent.mkdir(parents=True)
    trash.write_bytes(b"\xd9\x40" + trashed.sha256.encode())
    assert clean(store) == len(b"nobody needs this")
    assert not store.blobs.has(lone.sha256)
    assert store.blobs.has(trashed.sha256)
    assert Table.from_value(table, store.blobs).data[0][0].pixels.tolist() == [[1, 2], [3, 4]]


def test_names_that_look_like_folders_of_the_store_hide_nothing(store: ArtifactStore) -> None:
    ref = store.blobs.put_bytes(b"needed")
    log = store.paths.log("files", "files") / "x.klog"
    log.parent.mkdir(parents=True)
    log.write_bytes(ref.sha256.encode())
    assert clean(store) == 0
    assert store.blobs.has(ref.sha256)


def test_young_blobs_stay(store: ArtifactStore) -> None:
    ref = store.blobs.put_bytes(b"being logged right now")
    assert gc.apply(store, gc.plan(store, nobody), nobody) == 0
    assert store.blobs.has(ref.sha256)


def test_policies_are_kept_per_name(store: ArtifactStore) -> None:
    put(store, b"0")
    put(store, b"1")
    put(store, b"0", name="other")
    put(store, b"1", name="other")
    write_policy(store, "p", "model", Policy(keep_last=1, keep_days=0.0))
    assert read_policy(store, "p", "model") == Policy(keep_last=1, keep_days=0.0)
    clean(store)
    assert (store.numbers("p", "model"), store.numbers("p", "other")) == ([1], [0, 1])
    write_policy(store, "p", "model", None)
    assert read_policy(store, "p", "model") is None
    with pytest.raises(NotFoundError):
        write_policy(store, "p", "nothing", Policy(keep_last=1))
    (store.paths.artifact("p", "model") / "policy.json").write_text("{}")
    with pytest.raises(StoreError, match=r"policy\.json"):
        read_policy(store, "p", "model")


@pytest.mark.parametrize("wrong", [{}, {"keep_last": 0}, {"keep_days": -1}, {"keep_days": float("nan")}])
def test_wrong_policies_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="Received"):
        Policy(**wrong)


def test_diff_names_what_changed(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name, text in (("same", "s"), ("gone", "g"), ("changed", "1")):
        (tmp_path / "a" / name).write_text(text)
    for change in (None, ("gone", None), ("changed", "22"), ("new", "n")):
        if change is not None:
            path = tmp_path / "a" / change[0]
            path.unlink() if change[1] is None else path.write_text(change[1])
        artifact = Artifact("tree", "dataset")
        artifact.add_dir(tmp_path / "a")
        store.commit(artifact, project="p")
    found = diff(artifact_manifest(store, 0, "tree"), artifact_manifest(store, 3, "tree"))
    assert (found.added, found.removed, found.changed, found.same) == (("new",), ("gone",), ("changed",), ("same",))
    assert found.same_bytes == 1


def test_verify_names_damaged_missing_and_moved_contents(store: ArtifactStore, tmp_path: Path) -> None:
    reference = tmp_path / "ref.txt"
    reference.write_text("x")
    artifact = Artifact("tree", "dataset")
    for name in ("good", "bad", "lost"):
        with artifact.new_file(name) as file:
            file.write(name)
    artifact.add_reference(reference.as_uri())
    artifact = store.commit(artifact, project="p")
    assert verify(store.blobs, [artifact_manifest(store, 0, "tree")]) == []
    bad, lost = (store.blobs.path(artifact.get_entry(name).digest) for name in ("bad", "lost"))
    bad.chmod(0o644)
    bad.write_text("BAD")
    lost.unlink()
    reference.unlink()
    damage = verify(store.blobs, [artifact_manifest(store, 0, "tree")])
    assert [one.path for one in damage] == ["bad", "lost", "ref.txt"]
