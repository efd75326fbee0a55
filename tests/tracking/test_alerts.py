from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import kerascope
from kerascope.events.types import Alert
from kerascope.tracking.alerts import Alerts
from tests.tracking.conftest import Store


def test_alerts_are_recorded_with_their_level(store: Store) -> None:
    run = kerascope.init()
    run.alert("low", "text")
    kerascope.alert(title="high", text="more", level=kerascope.AlertLevel.ERROR)
    run.alert("mid", level="warn")
    found = store.state(run.id).alerts
    assert [(alert.title, alert.text, alert.level) for alert in found] == [
        ("low", "text", "INFO"),
        ("high", "more", "ERROR"),
        ("mid", "", "WARN"),
    ]


def test_alerts_of_one_title_are_held_back_and_counted() -> None:
    sent: list[Alert] = []
    now = [0.0]
    alerts = Alerts(sent.append, lambda: now[0])
    for now[0] in (0.0, 1.0, 2.0, 70.0):
        alerts.send("a", "t", None, None)
    alerts.send("b", "t", None, 0)
    alerts.send("b", "t", None, timedelta(0))
    assert [alert.title for alert in sent] == ["a", "a", "b", "b"]
    assert "2 alerts of this title were held back" in sent[1].text


@pytest.mark.parametrize(
    "arguments",
    [
        {"title": "a", "level": "LOUD"},
        {"title": "a", "level": 3},
        {"title": "a", "wait_duration": -1},
        {"title": "a", "wait_duration": "1 h"},
    ],
)
def test_wrong_levels_and_durations_raise_value_error(arguments: dict[str, Any]) -> None:
    run = kerascope.init()
    with pytest.raises(ValueError, match="Received"):
        run.alert(**arguments)


def test_a_title_that_is_no_text_raises_type_error() -> None:
    run = kerascope.init()
    with pytest.raises(TypeError, match="`title` and `text`"):
        run.alert(3)  # type: ignore[arg-type]
