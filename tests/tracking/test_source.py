from __future__ import annotations

import sys
from pathlib import Path

import pytest

import kerascope
from kerascope.blobs.store import BlobStore
from kerascope.tracking import source
from tests.tracking.conftest import Script, Store
from tests.tracking.test_repository import git


def test_commit_branch_remote_diff_program_and_packages_are_kept(store: Store, tmp_path: Path, script: Script) -> None:
    work = tmp_path / "work"
    git(work, "init", "-q", "-b", "main")
    (work / "a.py").write_text("x = 1\n")
    git(work, "add", "a.py")
    git(work, "commit", "-q", "-m", "first")
    git(work, "remote", "add", "origin", "https://me:secret@example.org/repo.git")
    (work / "a.py").write_text("x = 2\n")
    done = script(
        "import kerascope\nkerascope.init(id='abc')\n",
        "--lr",
        "0.1",
        "--api-key",
        "hush",
        KERASCOPE_GIT="true",
        KERASCOPE_PACKAGES="true",
        KERASCOPE_SAVE_CODE="true",
    )
    assert done.returncode == 0, done.stderr
    found = store.state("abc").environment
    blobs = BlobStore(store.paths.blobs)
    assert len(found["git"]["commit"]) == 40
    assert found["git"]["branch"] == "main"
    assert found["git"]["remote"] == "https://example.org/repo.git"
    assert found["git"]["dirty"] is True
    assert b"+x = 2" in blobs.read(found["git"]["diff"]["sha256"])
    assert b"kerascope.init(id='abc')" in blobs.read(found["program_file"]["sha256"])
    assert found["argv"][1:] == ["--lr", "0.1", "--api-key", "***"]
    assert found["packages"]["keras"]
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["cwd"] == str(work)


def test_each_part_can_be_switched_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERASCOPE_COMMAND_LINE", "false")
    run = kerascope.init()
    run.finish()
    found = store.state(run.id).environment
    assert not {"argv", "git", "packages", "program_file"} & found.keys()
    assert found["git_left_out"] == "the setting `git` is off"
    assert found["host"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["a.py", "--token=abc", "--lr=1"], ["a.py", "--token=***", "--lr=1"]),
        (["--password", "abc", "x"], ["--password", "***", "x"]),
        (["--token", "--other"], ["--token", "--other"]),
        (["tokenizer", "abc"], ["tokenizer", "abc"]),
    ],
)
def test_secrets_on_the_command_line_are_hidden(given: list[str], shown: list[str]) -> None:
    assert source.hide_secrets(given) == shown
