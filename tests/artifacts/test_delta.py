"""Versions that share bytes with the one before store only what is new, and come back byte for byte."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.artifacts.layout import parts_of
from tests.lean import LEAN

MIB = 1 << 20
NOISE = np.random.default_rng(7).integers(0, 256, 8 * MIB, dtype=np.uint8).tobytes()


def commit(store: ArtifactStore, path: Path, name: str | None = None) -> Artifact:
    artifact = Artifact("model", "model")
    artifact.add_file(path, name=name)
    return store.commit(artifact, project="p")


def stored_bytes(store: ArtifactStore) -> int:
    return sum(path.stat().st_size for path in store.paths.blobs.rglob("*") if path.is_file())


def grown_by(store: ArtifactStore, path: Path, name: str | None = None) -> int:
    """Commits the file, checks that it comes back whole, and returns how many bytes the store grew."""
    before = stored_bytes(store)
    artifact = commit(store, path, name)
    assert artifact.get_entry(name or path.name).read_bytes() == path.read_bytes()
    return stored_bytes(store) - before


def write_hdf5(path: Path, head: int, order: tuple[str, ...] = ("backbone", "head")) -> Path:
    values = {
        "backbone": np.frombuffer(NOISE, np.float32)[: MIB // 2],
        "head": np.full(1000, head, np.float32),
    }
    with h5py.File(path, "w") as file:
        for name in order:
            file.create_dataset(f"layers/{name}/vars/0", data=values[name])
    return path


def write_keras(path: Path, head: int, note: str) -> Path:
    inner = write_hdf5(path.with_suffix(".h5"), head)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", note)
        archive.writestr("config.json", "{}")
        archive.write(inner, "model.weights.h5")
    return path


def test_frozen_backbone_in_hdf5_is_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    commit(store, write_hdf5(tmp_path / "m.h5", 1))
    for head in (2, 3):
        path = write_hdf5(tmp_path / "m.h5", head)
        assert grown_by(store, path) < 0.01 * path.stat().st_size


def test_moved_datasets_are_found_by_name(store: ArtifactStore, tmp_path: Path) -> None:
    commit(store, write_hdf5(tmp_path / "m.h5", 1))
    path = write_hdf5(tmp_path / "m.h5", 2, order=("head", "backbone"))
    assert grown_by(store, path) < 0.01 * path.stat().st_size


def test_frozen_backbone_in_keras_files_is_stored_once_though_everything_shifts(
    store: ArtifactStore, tmp_path: Path
) -> None:
    commit(store, write_keras(tmp_path / "m.keras", 1, "short"))
    for head, note in ((2, "a longer note"), (3, "x")):
        path = write_keras(tmp_path / "m.keras", head, note)
        assert grown_by(store, path) < 0.01 * path.stat().st_size


def test_file_of_another_name_is_compared_with_the_nearest_of_its_kind(store: ArtifactStore, tmp_path: Path) -> None:
    commit(store, write_keras(tmp_path / "m_01.keras", 1, "one"))
    path = write_keras(tmp_path / "m_02.keras", 2, "two")
    assert grown_by(store, path) < 0.01 * path.stat().st_size


def test_headers_of_many_small_datasets_are_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    for head in (1, 2):
        with h5py.File(path, "w") as file:
            for number in range(200):
                file.create_dataset(f"layers/conv_{number}/vars/0", data=np.full(2000, number, np.float32))
            file.create_dataset("layers/head/vars/0", data=np.full(100, head, np.float32))
        if head == 1:
            commit(store, path)
    assert grown_by(store, path) < 0.002 * path.stat().st_size


def test_a_part_that_grew_is_compared_from_its_start(store: ArtifactStore, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for number in (1, 2):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", NOISE[:MIB] + b"x" * number)
            archive.writestr("weights", NOISE[MIB : 3 * MIB])
        if number == 1:
            commit(store, path)
    assert grown_by(store, path) < 0.01 * path.stat().st_size


TRAINING = """
import sys, keras, numpy as np
model = keras.Sequential([keras.Input((600,)), keras.layers.Dense(1000, trainable=False), keras.layers.Dense(3)])
model.compile("adam", "mse")
model.save(sys.argv[1])
model.fit(np.ones((8, 600)), np.ones((8, 3)), verbose=0)
model.save(sys.argv[2])
"""


def test_real_keras_checkpoints_share_their_frozen_layers(store: ArtifactStore, tmp_path: Path) -> None:
    first, second = tmp_path / "1.keras", tmp_path / "2.keras"
    subprocess.run(
        [sys.executable, "-c", LEAN + TRAINING, str(first), str(second)],
        check=True,
        timeout=300,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    commit(store, first, "m.keras")
    assert (
        grown_by(store, second, "m.keras") < 0.03 * second.stat().st_size
    )  # the head and its optimizer state are 1.5 %


def test_npz_members_are_found_by_name(store: ArtifactStore, tmp_path: Path) -> None:
    big = np.frombuffer(NOISE, np.uint8)[: 2 * MIB]
    np.savez(tmp_path / "a.npz", small=np.zeros(10), big=big)
    commit(store, tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", small=np.zeros(5000), big=big)
    assert grown_by(store, tmp_path / "a.npz") < 0.05 * 2 * MIB


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "appended": lambda data: data + b"more",
    "prepended": lambda data: b"more" + data,
    "inserted": lambda data: data[: 3 * MIB] + b"more" + data[3 * MIB :],
    "removed": lambda data: data[: 3 * MIB] + data[3 * MIB + 1000 :],
    "changed": lambda data: data[:MIB] + bytes(10) + data[MIB + 10 :],
    "cut": lambda data: data[: 5 * MIB],
}


@pytest.mark.parametrize("edit", EDITS)
def test_one_edit_in_any_file_stores_little(store: ArtifactStore, tmp_path: Path, edit: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(NOISE)
    commit(store, path)
    path.write_bytes(EDITS[edit](NOISE))
    assert grown_by(store, path) < 0.03 * len(NOISE)


def test_other_contents_are_stored_whole_as_one_blob(store: ArtifactStore, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(NOISE)
    commit(store, path)
    path.write_bytes(random.Random(1).randbytes(2 * MIB))
    assert grown_by(store, path) == 2 * MIB
    assert store.manifest("p", "model", 1).entries[0].chunks == ()


def test_chains_of_versions_refer_to_blobs_never_to_versions(store: ArtifactStore, tmp_path: Path) -> None:
    path, data = tmp_path / "a.bin", NOISE
    path.write_bytes(data)
    commit(store, path)
    for number in range(6):
        data = data[: number * MIB] + os.urandom(100) + data[number * MIB :]
        path.write_bytes(data)
        assert grown_by(store, path) < 0.1 * len(NOISE)
    for entry in store.manifest("p", "model", 6).entries:
        assert all(store.blobs.has(piece.sha256) for piece in entry.pieces)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 2 * MIB), st.integers(0, MIB), st.binary(max_size=40)), min_size=1, max_size=4
    )
)
def test_any_edits_come_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, cuts: list) -> None:
    folder = tmp_path_factory.mktemp("delta")
    from kerascope.paths import StorePaths

    store = ArtifactStore(StorePaths(folder / "store"))
    data, path = NOISE[: 2 * MIB], folder / "a.bin"
    path.write_bytes(data)
    commit(store, path)
    for offset, removed, inserted in cuts:
        data = data[:offset] + inserted + data[offset + removed :]
        path.write_bytes(data)
        grown_by(store, path)


def test_damaged_containers_have_no_parts(tmp_path: Path) -> None:
    whole = write_keras(tmp_path / "m.keras", 1, "x").read_bytes()
    for name, data in (("a.zip", whole[:1000]), ("b.h5", b"\x89HDF\r\n\x1a\n" + bytes(100)), ("c", b"")):
        (tmp_path / name).write_bytes(data)
        assert parts_of(tmp_path / name) == []
