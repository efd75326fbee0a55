from __future__ import annotations

import io
import sys

import pytest

from kerascope.tracking import console
from kerascope.tracking.console import Console, collapse


class Screen(io.StringIO):
    """A stream as the interpreter's: it can be written to and takes attributes."""


Captured = tuple[Screen, Screen, list[tuple[str, str]], pytest.MonkeyPatch]


@pytest.fixture
def captured(monkeypatch: pytest.MonkeyPatch) -> Captured:
    return Screen(), Screen(), [], monkeypatch


def start(captured: Captured) -> Console:
    """Captures from here on. The streams are replaced now, since pytest sets its own between fixture and test."""
    captured[3].setattr(sys, "stdout", captured[0])
    captured[3].setattr(sys, "stderr", captured[1])
    return Console(lambda stream, time_s, text: captured[2].append((stream, text)))


def test_whole_lines_are_handed_on_and_the_stream_still_gets_everything(captured: Captured) -> None:
    tap = start(captured)
    print("one\ntwo")
    assert sys.stdout.write("half") == 4
    tap.flush()
    assert captured[2] == [("stdout", "one\ntwo\n")]
    print(" done")
    tap.stop()
    assert captured[2][1:] == [("stdout", "half done\n")]
    assert captured[0].getvalue() == "one\ntwo\nhalf done\n"


def test_lines_of_both_streams_keep_their_order(captured: Captured) -> None:
    tap = start(captured)
    print("one")
    print("two", file=sys.stderr)
    print("three", end="")
    print("four", file=sys.stderr)
    print(" and a half")
    print("five")
    tap.flush()
    assert captured[2] == [
        ("stdout", "one\n"),
        ("stderr", "two\nfour\n"),
        ("stdout", "three and a half\nfive\n"),
    ]
    tap.stop()


def test_streams_get_their_own_write_back(captured: Captured) -> None:
    tap = start(captured)
    tap.stop()
    assert "write" not in captured[0].__dict__
    print("after")
    assert captured[2] == []


def test_a_wrapper_put_on_top_stays_and_nothing_more_is_captured(captured: Captured) -> None:
    tap = start(captured)
    ours = captured[0].write
    captured[0].write = lambda text: ours(text.upper())  # type: ignore[method-assign]
    print("a")
    tap.stop()
    print("b")
    assert captured[2] == [("stdout", "A\n")]
    assert captured[0].getvalue() == "A\nB\n"


def test_two_captures_end_in_any_order(captured: Captured) -> None:
    first, second = start(captured), start(captured)
    print("a")
    first.stop()
    print("b")
    second.stop()
    print("c")
    assert captured[0].getvalue() == "a\nb\nc\n"
    assert "".join(text for _, text in captured[2]).count("b") == 1


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain", "plain"),
        ("1/3\r2/3\r3/3", "3/3"),
        ("3/3\r", "3/3"),
        ("\b\b\b\r2/3 loss", "2/3 loss"),
        (" 9%\b\b\b10%\b\b\b11%", "11%"),
        ("loss 10.5\b\b\b\b9", "loss 90.5"),
        ("ab\b\b\b\bcd", "cd"),
        ("3/3\b\b\b\r", "3/3"),
        ("\x1b[1mbold\x1b[0m", "\x1b[1mbold\x1b[0m"),
        ("\r\r", ""),
    ],
)
def test_a_line_is_kept_in_its_last_state(line: str, shown: str) -> None:
    assert collapse(line) == shown


def test_long_lines_and_floods_are_cut_and_that_is_said(captured: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "MAX_LINE_CHARS", 15)
    monkeypatch.setattr(console, "MAX_WAITING_CHARS", 100)
    tap = start(captured)
    print("x" * 20)
    for _ in range(50):
        print("y" * 9)
    tap.stop()
    text = captured[2][0][1]
    assert "(5 characters left out)" in text
    assert "lines left out" in text


def test_what_is_no_text_raises_as_before(captured: Captured) -> None:
    tap = start(captured)
    with pytest.raises(TypeError):
        sys.stdout.write(3)  # type: ignore[arg-type]
    tap.stop()


def test_missing_streams_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    Console(lambda *args: None).stop()
