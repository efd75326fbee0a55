"""Laws of artifacts over HTTP: what is listed, aliases, files in pieces."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest

from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import ArtifactStore
from kerascope.paths import StorePaths
from kerascope.query import artifact_records
from tests.server.conftest import serving
from tests.server.test_routes import get, get_as

DATA = "/api/projects/faces/artifacts/data"


def commit(store: ArtifactStore, name: str = "data", kind: str = "dataset", **files: bytes) -> Artifact:
    draft = Artifact(name, type=kind)
    for path, content in files.items():
        with draft.new_file(path.replace("__", "."), "wb") as file:
            file.write(content)
    return store.commit(draft, project="faces", run_id=None)


@pytest.fixture
def served(own_paths: StorePaths):
    """Two versions of `data`; `big.bin` of the second lies in pieces, with 100 bytes of its own."""
    store = ArtifactStore(own_paths)
    big = bytearray(np.random.default_rng(0).bytes(3 << 20))
    commit(store, big__bin=bytes(big), note__txt=b"one", page__html=b"<script>1</script>")
    big[1_000_000:1_000_100] = bytes(100)
    commit(store, big__bin=bytes(big), note__txt=b"two", page__html=b"<script>1</script>")
    commit(store, "run-x-table", "run_table", a__txt=b"table")
    with serving(own_paths) as client:
        yield client, bytes(big), store


def test_files_are_sent_whole_in_ranges_and_sandboxed(served: tuple[httpx.Client, bytes, ArtifactStore]) -> None:
    client, big, store = served
    entries = {entry.path: entry for entry in store.manifest("faces", "data", 1).entries}
    assert entries["big.bin"].chunks
    whole = client.get(f"{DATA}/v1/files/big.bin")
    assert whole.content == big
    assert whole.headers["content-length"] == str(len(big))
    assert whole.headers["content-disposition"].endswith("big.bin")
    for asked, start, end in (
        ("999990-1000110", 999_990, 1_000_111),
        ("3145700-", 3_145_700, len(big)),
        ("-5", -5, None),
    ):
        part = client.get(f"{DATA}/latest/files/big.bin", headers={"Range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, big[start:end])
    assert client.get(f"{DATA}/v1/files/big.bin", headers={"Range": "bytes=9999999-"}).status_code == 416
    text = client.get(f"{DATA}/v0/files/note.txt")
    assert (text.text, text.headers["content-type"]) == ("one", "text/plain; charset=utf-8")
    assert "content-disposition" not in text.headers
    assert "attachment" in client.get(f"{DATA}/v0/files/note.txt?download=true").headers["content-disposition"]
    assert client.get(f"{DATA}/v0/files/page.html").headers["content-security-policy"].startswith("sandbox")
    assert client.get(f"{DATA}/v0/files/none.txt").status_code == 404


def test_versions_say_what_they_added_to_the_disk(served: tuple[httpx.Client, bytes, ArtifactStore]) -> None:
    client, _, _ = served
    detail = get_as(client, artifact_records.ArtifactDetail, DATA)
    second, first = detail.versions
    assert first.new_bytes == first.size_bytes
    assert 100 < second.new_bytes < second.size_bytes / 20
    assert detail.stored_bytes == first.new_bytes + second.new_bytes


def test_tables_of_runs_are_hidden_unless_asked_for(served: tuple[httpx.Client, bytes, ArtifactStore]) -> None:
    client, _, _ = served
    listed = get(client, "/api/projects/faces/artifacts")
    assert ([one["name"] for one in listed["artifacts"]], listed["hidden_count"]) == (["data"], 1)
    assert len(get(client, "/api/projects/faces/artifacts", all="true")["artifacts"]) == 2


def test_aliases_can_be_changed(served: tuple[httpx.Client, bytes, ArtifactStore]) -> None:
    client, _, store = served
    answer = client.put(f"{DATA}/v0/aliases", json={"aliases": ["best", "latest"]})
    assert (answer.status_code, answer.json()["aliases"]) == (200, ["best"])
    assert client.put(f"{DATA}/latest/aliases", json={"aliases": ["best"]}).json()["aliases"] == ["latest", "best"]
    assert store.aliases_of("faces", "data", 0) == []
    assert client.put(f"{DATA}/v0/aliases", json={"aliases": ["a/b"]}).status_code == 400
    assert client.put(f"{DATA}/v9/aliases", json={"aliases": []}).status_code == 404


def test_versions_are_compared_file_by_file(served: tuple[httpx.Client, bytes, ArtifactStore]) -> None:
    client, _, _ = served
    found = get_as(client, artifact_records.ArtifactDifference, f"{DATA}/latest/diff")
    assert (found.base.version, [one.path for one in found.changed], found.same_count) == (
        0,
        ["big.bin", "note.txt"],
        1,
    )
    assert 103 <= found.new_bytes < 200_000
    back = get_as(client, artifact_records.ArtifactDifference, f"{DATA}/v0/diff", base="latest")
    assert back.base.version == 1
    other = get_as(client, artifact_records.ArtifactDifference, f"{DATA}/v0/diff", base_name="run-x-table")
    assert ([one.path for one in other.removed], len(other.added)) == (["a.txt"], 3)
    assert client.get(f"{DATA}/v0/diff").status_code == 400
    assert client.get(f"{DATA}/v1/diff?base=v7").status_code == 404


def test_layers_and_lineage_have_addresses(served: tuple[httpx.Client, bytes, ArtifactStore]) -> None:
    client, _, store = served
    for value in (0.0, 1.0):
        buffer = io.BytesIO()
        np.savez(buffer, kernel=np.full((2, 2), value, np.float32))
        commit(store, "model", "model", m__npz=buffer.getvalue())
    found = get_as(client, artifact_records.LayerComparison, "/api/projects/faces/artifacts/model/v1/layers")
    (layer,) = found.files[0].layers
    assert (layer.name, layer.status, layer.change, layer.relative, layer.max) == ("kernel", "changed", 2.0, None, 1.0)
    graph = get_as(client, artifact_records.LineageGraph, f"{DATA}/v0/lineage", depth=3)
    assert [node.id for node in graph.nodes] == ["artifact:faces/data:v0"]
    assert client.get(f"{DATA}/v0/lineage?depth=99").status_code == 400
