"""Laws of requests about many runs: bulk edits, comparison, and views kept by name."""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec

from kerascope.query import records as query_records
from tests.server.conftest import serving
from tests.server.stores import wait_for, write_runs
from tests.server.test_routes import get, get_as

FACES = "/api/projects/faces"


def bulk(client: httpx.Client, **body: object) -> query_records.BulkResult:
    answer = client.post(f"{FACES}/bulk", json=body)
    assert answer.status_code == 200, answer.text
    return msgspec.convert(answer.json(), query_records.BulkResult)


def test_one_request_edits_deletes_and_restores_many_runs(tmp_path: Path) -> None:
    with serving(write_runs(tmp_path)) as client:
        wait_for(lambda: client.get("/api/health").json()["run_count"] == 3)
        done = bulk(
            client,
            runs=["aaa", "bbb", "none"],
            action="edit",
            set={"group": "g"},
            add_tags=["new"],
            remove_tags=["test"],
        )
        assert (done.changed, done.missing) == (("aaa", "bbb"), ("none",))
        runs = get(client, f"{FACES}/runs")["runs"]
        assert [(run["group"], run["tags"]) for run in runs] == [("g", ["new"])] * 2
        bulk(client, runs=["bbb", "aaa"], action="delete")
        assert get(client, f"{FACES}/runs")["total"] == 0
        bulk(client, runs=["bbb", "aaa"], action="restore")
        assert get(client, f"{FACES}/runs")["total"] == 2


def test_runs_move_to_another_project_and_back(tmp_path: Path) -> None:
    with serving(write_runs(tmp_path)) as client:
        wait_for(lambda: client.get("/api/health").json()["run_count"] == 3)
        done = bulk(client, runs=["aaa", "none"], action="move", project="best")
        assert (done.changed, done.missing) == (("aaa",), ("none",))
        assert [run["id"] for run in get(client, f"{FACES}/runs")["runs"]] == ["bbb"]
        (there,) = get(client, "/api/projects/best/runs")["runs"]
        assert (there["id"], there["project"], there["home"]) == ("aaa", "best", "faces")
        for address in (FACES, "/api/projects/best"):
            assert get(client, f"{address}/runs/aaa")["project"] == "best"
            assert client.patch(f"{address}/runs/aaa", json={"notes": address}).json()["notes"] == address
        back = {"runs": ["aaa"], "action": "move", "project": "faces"}
        assert client.post("/api/projects/best/bulk", json=back).status_code == 200
        assert get(client, f"{FACES}/runs")["total"] == 2
        for wrong in ({"action": "move"}, {"action": "delete", "project": "b"}, {"action": "move", "project": ""}):
            assert client.post(f"{FACES}/bulk", json={"runs": ["bbb"], **wrong}).status_code == 400


def test_runs_are_compared_value_by_value_what_differs_first(client: httpx.Client) -> None:
    found = get_as(client, query_records.Comparison, f"{FACES}/compare", runs="bbb,aaa")
    assert [run.id for run in found.runs] == ["bbb", "aaa"]
    config = {row.name: row for row in found.config}
    assert (config["lr"].values, config["lr"].differs) == ((0.1, 0.01), True)
    assert (config["opt.name"].values, config["opt.name"].present) == ((None, "adam"), (False, True))
    assert all(row.differs for row in found.config)
    assert "page" not in {row.name for row in found.summary}


def test_a_view_holds_any_json_by_kind_and_name(tmp_path: Path) -> None:
    data = {"sections": [{"name": "loss/a b", "open": True, "panels": [1, 2.5, None, "x"]}]}
    with serving(write_runs(tmp_path)) as client:
        for kind, name in (("panels", "default"), ("report", "Why it failed / part 1"), ("workspace", "mine")):
            assert client.put(f"{FACES}/views/{kind}/{name}", json={"data": data}).status_code == 204
        view = get_as(client, query_records.View, f"{FACES}/views/report/Why it failed / part 1")
        assert (view.kind, view.name, view.data) == ("report", "Why it failed / part 1", data)
        assert [view["name"] for view in get(client, f"{FACES}/views", kind="panels")["views"]] == ["default"]
        assert client.delete(f"{FACES}/views/panels/default").status_code == 204
        assert client.get(f"{FACES}/views/panels/default").status_code == 404
