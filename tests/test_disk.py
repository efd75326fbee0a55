from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kerascope.disk import sync_folder, write_whole


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
