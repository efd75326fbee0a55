"""The route of many histograms at once."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from kerascope.server.records import HistogramList

ADDRESS = "/api/projects/faces/runs/aaa/histograms"


def test_keys_are_answered_in_the_order_asked_for(client: httpx.Client) -> None:
    answer = client.post(ADDRESS, json={"keys": ["missing", "loss"], "sample": 3})
    found = msgspec.convert(answer.json(), HistogramList).series
    assert [(one.key, one.steps) for one in found] == [("missing", ()), ("loss", ())]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"keys": ["a"] * 501}, "keys"),
        ({"keys": [], "sample": 0}, "sample"),
        ({"keys": [], "rows": 1000}, "rows"),
        ({"keys": "a"}, "keys"),
        ({}, None),
    ],
)
def test_a_wrong_question_is_refused_and_the_field_is_named(
    client: httpx.Client, body: dict[str, Any], field: str | None
) -> None:
    answer = client.post(ADDRESS, json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "bad_request")
    assert field is None or error["field"] == field
