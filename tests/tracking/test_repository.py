from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from kerascope.blobs.store import BlobStore
from kerascope.tracking import repository


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "source"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.py").write_text("x = 1\n")
    git(folder, "add", "a.py")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def described(folder: Path, blobs: BlobStore) -> dict[str, Any]:
    found: dict[str, Any] = repository.describe(folder, blobs)["git"]
    return found


def test_a_clean_commit_is_told_from_one_with_changes(work: Path, blobs: BlobStore) -> None:
    found = described(work, blobs)
    assert (found["dirty"], found["untracked"], "diff" in found) == (False, [], False)
    (work / "a.py").write_text("x = 2\n")
    found = described(work, blobs)
    assert found["dirty"] is True
    assert b"+x = 2" in blobs.read(found["diff"]["sha256"])


def test_files_that_no_commit_has_are_named_from_any_folder_inside(work: Path, blobs: BlobStore) -> None:
    (work / "deep").mkdir()
    (work / "deep" / "ü model.py").write_text("")
    (work / ".gitignore").write_text("*.log\n")
    (work / "noise.log").write_text("")
    found = described(work / "deep", blobs)
    assert (found["dirty"], found["untracked"], found["untracked_count"]) == (False, [".gitignore", "deep/"], 2)


def test_of_many_unknown_files_the_first_are_named_and_all_counted(work: Path, blobs: BlobStore) -> None:
    for number in range(repository.MAX_UNTRACKED + 5):
        (work / f"{number:03}.txt").write_text("")
    found = described(work, blobs)
    assert (len(found["untracked"]), found["untracked_count"]) == (repository.MAX_UNTRACKED, 105)


def test_a_folder_is_not_called_clean_when_nothing_tells(tmp_path: Path, blobs: BlobStore) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    assert described(tmp_path, blobs) == {
        "root": str(tmp_path),
        "branch": "main",
        "diff_left_out": "there is no commit yet",
    }


def test_a_diff_that_git_cannot_make_is_left_out_with_the_reason(work: Path, blobs: BlobStore) -> None:
    (work / ".git" / "index").write_bytes(b"DIRC broken")
    found = described(work, blobs)
    assert "dirty" not in found
    assert found["diff_left_out"].startswith("git said: ")


def test_a_folder_outside_any_repository_is_told_from_one_that_git_will_not_read(
    tmp_path: Path, work: Path, blobs: BlobStore
) -> None:
    assert repository.describe(tmp_path, blobs) == {"git_left_out": "no repository"}
    (work / ".git" / "config").write_text("[core\n")
    assert repository.describe(work, blobs)["git_left_out"].startswith("git said: ")


def test_without_a_git_command_nothing_fails(
    work: Path, blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert repository.describe(work, blobs) == {"git_left_out": "no git command was found"}


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("https://user:pass@host/x.git", "https://host/x.git"),
        ("https://host/x.git", "https://host/x.git"),
        ("git@host:x.git", "git@host:x.git"),
        ("ssh://git@host/x.git", "ssh://host/x.git"),
    ],
)
def test_remotes_lose_their_passwords(remote: str, shown: str) -> None:
    assert repository.public_address(remote) == shown
