"""`kerascope artifacts`: what it prints and how it ends."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.cli.main import main


@pytest.fixture
def filled(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    monkeypatch.setenv("KERASCOPE_DIR", str(store.paths.root))
    for number in range(3):
        artifact = Artifact("model", "model", metadata={"epoch": number})
        for name, text in (("w.txt", f"weights {number}"), ("same.txt", "same")):
            with artifact.new_file(name) as file:
                file.write(text)
        store.commit(artifact, project="p", run_id="r1", aliases=["best"] if number == 1 else [])
    old = time.time() - 48 * 3600
    for path in store.paths.blobs.rglob("*"):
        os.utime(path, (old, old))
    return store


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main(["artifacts", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["artifacts", *words]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_ls_lists_artifacts_and_versions(filled: ArtifactStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert "model" in said(capsys, "ls")
    assert [one["name"] for one in answer(capsys, "ls", "p")["artifacts"]] == ["model"]
    text = said(capsys, "ls", "p/model")
    assert "latest" in text
    assert "p/r1" in text
    versions = answer(capsys, "ls", "p/model")["versions"]
    assert [(one["version"], one["aliases"]) for one in versions] == [("v2", ["latest"]), ("v1", ["best"]), ("v0", [])]


def test_ls_shows_the_tables_that_runs_log_only_when_asked(
    filled: ArtifactStore, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Artifact("run-r1-table", "run_table")
    with own.new_file("t.table.json") as file:
        file.write("{}")
    filled.commit(own, project="p", run_id="r1")
    assert [one["name"] for one in answer(capsys, "ls", "p")["artifacts"]] == ["model"]
    assert [one["name"] for one in answer(capsys, "ls", "p", "--all")["artifacts"]] == ["model", "run-r1-table"]
    assert "Not shown: 1 table that runs logged" in said(capsys, "ls")


def test_get_writes_the_files(filled: ArtifactStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "p/model:v1: 2 files" in said(capsys, "get", "p/model:best", "--to", str(tmp_path / "out"))
    assert (tmp_path / "out" / "w.txt").read_text() == "weights 1"


def test_diff_counts(filled: ArtifactStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert "~ w.txt" in said(capsys, "diff", "p/model:v0", ":v2")
    found = answer(capsys, "diff", "p/model:v0", "model:best")
    assert (found["new"], found["changed"], found["same"]) == ("p/model:v1", ["w.txt"], ["same.txt"])


def test_diff_of_layers_says_how_far_each_weight_moved(
    filled: ArtifactStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no file of weights" in said(capsys, "diff", "p/model:v0", ":v1", "--layers")
    for value in (1.0, 2.0):
        artifact = Artifact("net", "model")
        with artifact.new_file("net.npz", "wb") as file:
            np.savez(file, **{"head/kernel": np.full((2, 2), value)})
        filled.commit(artifact, project="p", run_id=None)
    assert "head/kernel" in said(capsys, "diff", "p/net:v0", ":v1", "--layers")
    (layer,) = answer(capsys, "diff", "p/net:v0", ":v1", "--layers")["files"][0]["layers"]
    assert (layer["status"], layer["change"], layer["relative"]) == ("changed", 2.0, 1.0)


def test_verify_ends_with_1_on_damage(filled: ArtifactStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no damaged files" in said(capsys, "verify")
    blob = filled.blobs.path(filled.resolve("p", "model:v0").get_entry("w.txt").digest)
    blob.chmod(0o644)
    blob.write_text("rotten !!")
    assert "p/model:v0 w.txt" in said(capsys, "verify", "p/model", code=1)
    assert answer(capsys, "verify", "p/model:v1")["damage"] == []


def test_gc_is_a_dry_run_unless_told(filled: ArtifactStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Would remove 1 version and" in said(capsys, "gc", "p/model", "--keep-last", "1")
    assert filled.numbers("p", "model") == [0, 1, 2]
    done = answer(capsys, "gc", "p/model", "--keep-last", "1", "--apply")
    assert (done["applied"], done["freed_bytes"]) == (True, len("weights 0"))
    assert [one["kept"] for one in done["versions"]] == ["alias latest", "alias best", ""]
    assert filled.numbers("p", "model") == [1, 2]


def test_policy_is_set_shown_used_and_cleared(filled: ArtifactStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no policy" in said(capsys, "policy", "p/model")
    assert "the last 1" in said(capsys, "policy", "p/model", "--keep-last", "1")
    assert len(answer(capsys, "gc")["versions"]) == 3
    assert answer(capsys, "policy", "p/model", "--clear")["policy"] is None
    assert answer(capsys, "gc")["versions"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("get", "p/nothing"),
        ("get", "p/model:v9"),
        ("get", "model"),
        ("ls", "p/nothing"),
        ("ls", "a/b/c/d"),
        ("diff", "p/model:v0", "q/x"),
        ("gc", "--keep-last", "1"),
        ("gc", "p/model", "--keep-last", "0"),
        ("gc", "p/nothing"),
        ("gc", "nowhere"),
        ("ls", "nowhere"),
        ("verify", "nowhere"),
        ("policy", "p"),
        ("policy", "p/model", "--clear", "--keep-last", "1"),
        ("bogus",),
        (),
    ],
)
def test_mistakes_end_with_2_and_one_sentence(
    filled: ArtifactStore, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    text = said(capsys, *words, code=2)
    assert "Traceback" not in text
    assert text.startswith("kerascope: ")
    assert text.count("\n") == 1
