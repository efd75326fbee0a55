from __future__ import annotations

import math

import pytest

import kerascope
from kerascope.tracking import printer
from tests.tracking.conftest import Store


def test_sparklines_show_the_course() -> None:
    assert printer.sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert printer.sparkline([1.0]) == ""
    assert printer.sparkline([1.0, math.nan, 3.0]) == "▁ █"
    assert printer.sparkline([math.nan, math.inf]) == ""
    assert len(printer.sparkline(list(range(1000)))) == printer.WIDTH
    assert printer.sparkline([-1e308, 1e308, 0.0])


@pytest.mark.parametrize(("seconds", "text"), [(1.25, "1.2 s"), (250, "4 min 10 s"), (7380, "2 h 03 min")])
def test_durations_are_readable(seconds: float, text: str) -> None:
    assert printer.duration_text(seconds) == text


def test_start_and_end_are_shown_in_a_few_lines(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    run = kerascope.init(project="faces", name="calm-sea-1")
    for i in range(4):
        run.log({"loss": 1.0 / (i + 1), "epoch": i})
    run.finish()
    text = capfd.readouterr().err
    assert f"kerascope: Tracking run calm-sea-1 (faces/{run.id}). Look at it with: kerascope ui" in text
    assert "Run calm-sea-1 finished: 4 rows" in text
    assert "loss   █▃▂▁  0.25" in text
    assert len(text.splitlines()) == 4


def test_quiet_and_silent_show_nothing_and_silent_keeps_messages(
    store: Store, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kerascope.init(settings={"quiet": True}).finish()
    assert capfd.readouterr().err == ""
    monkeypatch.setenv("WANDB_SILENT", "true")
    run = kerascope.init()
    kerascope.termwarn("watch out")
    run.finish()
    assert capfd.readouterr().err == ""
    kept = (store.paths.run("uncategorized", run.id) / "messages.log").read_text()
    assert "WARNING watch out" in kept
    assert "Tracking run" in kept
