from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from kerascope.artifacts.files import create_file
from kerascope.disk import files_below, name_new, sync_folder, write_whole
from kerascope.paths import StorePaths
from kerascope.sweeps import store


def test_readers_see_the_old_text_or_the_new_one_whole(tmp_path: Path) -> None:
    path, texts = tmp_path / "note.json", {"a" * 100_000, "b" * 50_000, "ä€"}
    write_whole(path, "ä€")

    def write(text: str) -> None:
        for _ in range(50):
            write_whole(path, text)

    writers = [threading.Thread(target=write, args=(text,)) for text in texts]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert path.read_text(encoding="utf-8") in texts
    assert [one.name for one in tmp_path.iterdir()] == ["note.json"]


def test_what_cannot_be_written_leaves_the_old_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["note.json"]


def test_a_missing_folder_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        write_whole(tmp_path / "gone" / "note", "text")
    with pytest.raises(OSError, match="gone"):
        sync_folder(tmp_path / "gone")


def names_below(folder: Path, *left_out: str) -> list[str]:
    found = files_below(folder, lambda parts: "/".join(parts) in left_out)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_files_are_found_behind_links_too_and_in_circles_once(tmp_path: Path) -> None:
    write(tmp_path / "here/a/one")
    write(tmp_path / "elsewhere/two")
    (tmp_path / "here/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "here/a/back").symlink_to(tmp_path / "here")
    assert names_below(tmp_path / "here") == ["a/one", "b/two"]
    assert names_below(tmp_path / "here", "b") == ["a/one"]
    assert names_below(tmp_path / "missing") == []


@pytest.mark.parametrize("target", ["unmounted", "here/link"])
def test_a_link_that_leads_nowhere_is_not_taken_for_empty(tmp_path: Path, target: str) -> None:
    write(tmp_path / "here/a/one")
    (tmp_path / "here/link").symlink_to(tmp_path / target)
    with pytest.raises(OSError, match="here/link"):
        names_below(tmp_path / "here")


def test_a_folder_that_cannot_be_read_is_not_taken_for_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = write(tmp_path / "here/closed/one").parent
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may read anything
    with pytest.raises(PermissionError, match="closed"):
        names_below(tmp_path / "here")


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system with hard links, and one without."""

    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted", str(source))

    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("links")
def test_of_those_who_want_a_name_one_gets_it_with_all_its_contents(tmp_path: Path) -> None:
    won: list[str] = []

    def take(text: str) -> None:
        written = tmp_path / f".{text[0]}"
        written.write_text(text)
        try:
            name_new(written, tmp_path / "name")
        except FileExistsError:
            return
        won.append(text)

    takers = [threading.Thread(target=take, args=(letter * 100_000,)) for letter in "abcdefgh"]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert [(tmp_path / "name").read_text()] == won


@pytest.mark.usefixtures("links")
def test_artifacts_and_sweeps_need_no_hard_links(tmp_path: Path) -> None:
    paths = StorePaths(tmp_path)
    assert create_file(tmp_path / "versions" / "v0.json", b"{}")
    assert not create_file(tmp_path / "versions" / "v0.json", b"other")
    assert (tmp_path / "versions" / "v0.json").read_bytes() == b"{}"
    sweep = store.create(paths, "p", {"method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    trials = [sweep.claim(), sweep.claim()]
    assert [trial and trial.name for trial in trials] == ["trial-000000.json", "trial-000001.json"]
    assert [one.name for one in sorted(sweep.folder.iterdir())] == [
        "sweep.json",
        "trial-000000.json",
        "trial-000001.json",
    ]
