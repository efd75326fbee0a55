from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kerascope import terminal


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    terminal.configure(silent=False)
    yield
    terminal.configure(silent=False)


def test_messages_go_to_stderr_with_their_prefix(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.termlog("one\ntwo")
    terminal.termwarn("careful")
    terminal.termerror("wrong", newline=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "kerascope: one\nkerascope: two\nkerascope: WARNING careful\nkerascope: ERROR wrong"


def test_repeat_false_shows_a_text_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        terminal.termwarn("only once, please", repeat=False)
    terminal.termlog("again")
    terminal.termlog("again")
    assert capsys.readouterr().err.splitlines() == ["kerascope: WARNING only once, please"] + ["kerascope: again"] * 2


def test_silent_messages_go_to_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.configure(silent=True)
    terminal.termlog("early")
    terminal.configure(silent=True, log_file=tmp_path / "messages.log")
    terminal.termlog("hello")
    assert terminal.is_silent()
    assert capsys.readouterr().err == ""
    assert (tmp_path / "messages.log").read_text() == "kerascope: early\nkerascope: hello\n"


def test_silence_ends_where_the_file_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.configure(silent=True, log_file=tmp_path / "missing" / "messages.log")
    terminal.termerror("the disk is full")
    terminal.termlog("later")
    assert capsys.readouterr().err == "kerascope: ERROR the disk is full\n"


def test_a_missing_or_closed_stderr_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    terminal.termlog("nobody")
    closed = (tmp_path / "x").open("w")
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    terminal.termlog("nobody")
