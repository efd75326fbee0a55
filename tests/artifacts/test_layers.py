"""Laws of comparing checkpoints: the numbers are those of numpy, for every file that Keras writes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.artifacts.layers import LayerChange, compare_layers
from kerascope.artifacts.manifest import Manifest
from kerascope.errors import StoreError

RNG = np.random.default_rng(0)
BACKBONE = RNG.normal(size=(1200, 1100)).astype(np.float32)  # more than one block, and more than the smallest delta
HEAD = RNG.normal(size=(30, 7)).astype(np.float32)
MOVED = HEAD + np.float32(0.5)


def hdf5(head: np.ndarray, **more: np.ndarray) -> bytes:
    """What `save_weights` writes."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        arrays = {
            "layers/dense/vars/0": BACKBONE,
            "layers/dense_1/vars/0": head,
            "optimizer/vars/0": np.int64(len(more)),
        }
        for name, array in (arrays | more).items():
            file[name] = array
        file["layers/dense_1/vars"].attrs["name"] = "head"
        file["layers/dense/vars"].attrs["name"] = "backbone"
    return buffer.getvalue()


def keras(head: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", hdf5(head))
    return buffer.getvalue()


def npz(head: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{"layers/dense/vars/0": BACKBONE, "layers/dense_1/vars/0": head})
    return buffer.getvalue()


def commit(store: ArtifactStore, name: str, content: bytes) -> Manifest:
    draft = Artifact("model", "model")
    with draft.new_file(name, "wb") as file:
        file.write(content)
    version = store.commit(draft, project="p", run_id=None).version or "v0"
    return store.manifest("p", "model", int(version[1:]))


def compared(store: ArtifactStore, old: Manifest, new: Manifest) -> dict[str, LayerChange]:
    (file,) = compare_layers(store.blobs, old, new)
    return {layer.name: layer for layer in file.layers}


@pytest.mark.parametrize(("name", "write"), [("m.weights.h5", hdf5), ("m.keras", keras), ("m.npz", npz)])
def test_changes_are_the_norms_of_the_differences(store: ArtifactStore, name: str, write: object) -> None:
    old, new = (commit(store, name, write(head)) for head in (HEAD, MOVED))  # type: ignore[operator]
    found = compared(store, old, new)
    same, moved = found["layers/dense/vars/0"], found["layers/dense_1/vars/0"]
    assert (same.status, same.change, same.relative, same.max) == ("same", 0.0, 0.0, 0.0)
    assert same.norm == pytest.approx(np.linalg.norm(BACKBONE.astype(np.float64)), rel=1e-12)
    difference = MOVED.astype(np.float64) - HEAD
    assert (moved.status, moved.shape, moved.size) == ("changed", (30, 7), 210)
    assert moved.change == pytest.approx(np.linalg.norm(difference), rel=1e-12)
    assert moved.relative == pytest.approx(
        np.linalg.norm(difference) / np.linalg.norm(HEAD.astype(np.float64)), rel=1e-9
    )
    assert moved.max == np.abs(difference).max()


def test_layers_have_the_names_that_the_user_gave_them(store: ArtifactStore) -> None:
    old, new = (commit(store, "m.keras", keras(head)) for head in (HEAD, MOVED))
    found = compared(store, old, new)
    assert [(one.layer, one.kind) for one in found.values()] == [
        ("backbone", "weight"),
        ("head", "weight"),
        ("optimizer", "optimizer"),
    ]


def test_what_cannot_be_subtracted_is_said(store: ArtifactStore) -> None:
    old = commit(store, "m.h5", hdf5(HEAD, a=np.ones(3)))
    nan = HEAD.copy()
    nan[3, 3] = np.nan
    new = commit(store, "m.h5", hdf5(nan, b=np.ones(3), c=np.ones(2)))
    found = compared(store, old, new)
    assert [found[name].status for name in "abc"] == ["removed", "added", "added"]
    assert (found["a"].change, found["a"].norm, found["a"].base_norm) == (None, None, pytest.approx(3**0.5))
    assert found["layers/dense_1/vars/0"].status == "changed"
    assert np.isnan(found["layers/dense_1/vars/0"].change)
    reshaped = compared(store, old, commit(store, "m.h5", hdf5(HEAD[:3])))["layers/dense_1/vars/0"]
    assert (reshaped.status, reshaped.change) == ("reshaped", None)


def test_files_of_other_names_belong_together_only_where_there_is_one(store: ArtifactStore, tmp_path: Path) -> None:
    old, new = commit(store, "epoch-1.h5", hdf5(HEAD)), commit(store, "epoch-2.h5", hdf5(MOVED))
    (file,) = compare_layers(store.blobs, old, new)
    assert (file.base_path, file.path) == ("epoch-1.h5", "epoch-2.h5")
    assert compare_layers(store.blobs, old, commit(store, "notes.txt", b"x")) == []


def test_damaged_weights_are_refused_by_name(store: ArtifactStore) -> None:
    old, new = commit(store, "m.keras", keras(HEAD)), commit(store, "m.keras", b"PK\x03\x04 nothing")
    with pytest.raises(StoreError, match=r"m\.keras"):
        compare_layers(store.blobs, old, new)


def test_damage_inside_a_dataset_is_refused_by_name_too(store: ArtifactStore) -> None:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        made = file.create_dataset("layers/dense/vars/0", data=HEAD, compression="gzip")
        place = made.id.get_chunk_info(0).byte_offset
    whole = buffer.getvalue()
    damaged = whole[:place] + bytes(16) + whole[place + 16 :]
    old, new = commit(store, "m.weights.h5", whole), commit(store, "m.weights.h5", damaged)
    with pytest.raises(StoreError, match=r"m\.weights\.h5"):
        compare_layers(store.blobs, old, new)
