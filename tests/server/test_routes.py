"""Laws of the answers: every route of `docs/http_api.md`, read through a real server."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

from kerascope.artifacts.artifact import Artifact
from kerascope.artifacts.store import ArtifactStore
from kerascope.paths import StorePaths
from kerascope.query import records as query_records
from kerascope.query.artifact_records import ArtifactDetail
from kerascope.server import records
from kerascope.server.routes import api_routes
from kerascope.server.static_files import STATIC
from tests.server.conftest import serving
from tests.server.test_encode import parse

RUN = "/api/projects/faces/runs/aaa"


def get(client: httpx.Client, address: str, **query: Any) -> Any:
    answer = client.get(address, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def get_as(client: httpx.Client, kind: Any, address: str, **query: Any) -> Any:
    return msgspec.convert(get(client, address, **query), kind)


def test_every_route_is_in_the_docs_and_every_documented_route_exists() -> None:
    page = (Path(__file__).parents[2] / "docs" / "http_api.md").read_text()
    documented = set()
    for methods, address in re.findall(r"^\| ([A-Z, ]+) `/api([^`]*)` \|", page, re.MULTILINE):
        documented |= {(method, re.sub(r"\{[^}]*\}", "{}", address)) for method in methods.split(", ")}
    actual = {
        (method, re.sub(r"\{[^}]*\}", "{}", route.path))
        for route in api_routes()
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    assert documented == actual


def test_projects_are_listed_with_their_counts(client: httpx.Client) -> None:
    found = get_as(client, records.ProjectList, "/api/projects").projects
    assert {(one.name, one.run_count, one.running_count) for one in found} == {("faces", 2, 0), ("a b", 1, 0)}


def test_runs_come_in_pages_sorted_filtered_and_searched(client: httpx.Client) -> None:
    def ids(**query: Any) -> list[str]:
        page = get_as(client, query_records.RunPage, "/api/projects/faces/runs", **query)
        return [run.id for run in page.runs]

    assert ids() == ["bbb", "aaa"]
    assert ids(order="created_s") == ["aaa", "bbb"]
    assert ids(limit=1, offset=1) == ["aaa"]
    assert ids(filter=json.dumps({"config.lr": {"$gt": 0.05}})) == ["bbb"]
    assert ids(search="first") == ["aaa"]
    assert ids(deleted="true") == []
    page = get(client, "/api/projects/faces/runs", columns="config.lr", limit=1)
    assert page["total"] == 2
    assert (page["runs"][0]["config"], page["runs"][0]["summary"]) == ({"lr": 0.1}, {})


def test_runs_are_counted_in_groups_and_a_group_leads_to_its_runs(client: httpx.Client) -> None:
    asked = {"group_by": "state,config.lr", "order": "name", "numbers": "summary.loss,last_step"}
    found = get_as(client, query_records.GroupPage, "/api/projects/faces/groups", **asked)
    assert [(group.key, group.run_count, group.states) for group in found.groups] == [
        ("finished", 1, {"finished": 1}),
        ("failed", 1, {"failed": 1}),
    ]
    assert found.groups[1].numbers["summary.loss"] == query_records.Spread(1, 9.0, 9.0, 9.0)
    inner = get_as(client, query_records.GroupPage, "/api/projects/faces/groups", **asked, in_group='["failed"]')
    assert (inner.total, inner.run_total, inner.groups[0].key, inner.groups[0].value) == (1, 1, "0.1", 0.1)
    for limits, wanted in (({"in_group": '["failed","0.1"]'}, ["bbb"]), ({"out_of_groups": '[["failed"]]'}, ["aaa"])):
        page = get_as(client, query_records.RunPage, "/api/projects/faces/runs", group_by="state,config.lr", **limits)
        assert [run.id for run in page.runs] == wanted


def test_a_run_is_answered_in_full_and_numbers_that_json_lacks_as_text(client: httpx.Client) -> None:
    run = get(client, RUN)
    msgspec.convert(run, query_records.RunDetail)
    assert run["config"]["opt"] == {"name": "adam", "bad": "Infinity"}
    assert run["summary"]["best"] == "NaN"
    assert (run["state"], run["notices"][0]["key"], run["alerts"][0]["title"]) == ("finished", "x", "careful")
    assert run["environment"] == {"python": "3.11"}
    failed = get(client, "/api/projects/faces/runs/bbb")
    assert (failed["state"], failed["exit_code"]) == ("failed", 3)


def test_project_names_may_hold_spaces(client: httpx.Client) -> None:
    assert get(client, "/api/projects/a%20b/runs/ccc")["project"] == "a b"


def test_columns_and_keys_are_listed(client: httpx.Client) -> None:
    columns = get_as(client, records.ColumnList, "/api/projects/faces/columns").columns
    assert ("config.lr", "number", 2) in {(one.name, one.kind, one.run_count) for one in columns}
    keys = {one.key: one for one in get_as(client, records.KeyList, "/api/projects/faces/keys", runs="aaa").keys}
    assert (keys["loss"].kind, keys["note"].kind, keys["page"].kind) == ("number", "text", "html-file")
    assert keys["loss"].run_count == 1


def test_history_cells_and_console_come_in_pages(client: httpx.Client) -> None:
    rows = get(client, f"{RUN}/history", keys="loss,spike", min_step=49, limit=2)
    assert rows == {
        "rows": [{"_step": 49, "loss": 1 / 50, "spike": 0.0}, {"_step": 50, "loss": 1 / 51, "spike": "NaN"}],
        "next_step": 51,
    }
    cells = get_as(client, query_records.CellPage, f"{RUN}/cells", key="note", last="true", limit=5)
    assert [(cell.step, cell.value) for cell in cells.cells] == [(100, "hello")]
    lines = get_as(client, query_records.ConsolePage, f"{RUN}/console", after=0, limit=1)
    assert (lines.total, [line.text for line in lines.lines]) == (3, ["two"])


def series(client: httpx.Client, **body: Any) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    answer = client.post("/api/series", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.kerascope.series"
    assert struct.unpack_from("<I", answer.content)[0] < len(answer.content)
    return parse(answer.content)


def test_series_are_the_points_that_were_logged_or_buckets_of_them(client: httpx.Client) -> None:
    wanted = [
        {"project": "faces", "run": run, "key": key} for run, key in (("aaa", "loss"), ("bbb", "loss"), ("aaa", "none"))
    ]
    (first, (x, y)), (second, _), (third, _) = series(client, series=wanted)
    np.testing.assert_array_equal(x, np.arange(100.0))
    np.testing.assert_array_equal(y, 1 / np.arange(1.0, 101.0))
    assert (first["kind"], second["count"], third["count"]) == ("points", 10, 0)
    ((header, columns),) = series(client, series=wanted[:1], buckets=10, x_min=10, x_max=90)
    assert header["columns"] == ["x", "mean", "min", "max"]
    assert len(columns[0]) <= 10
    assert columns[2].min() == 1 / 91


def test_files_are_listed_and_sent_in_a_sandbox(client: httpx.Client) -> None:
    listed = get_as(client, records.FileList, f"{RUN}/files").files
    assert [one.path for one in listed] == ["notes.txt", "page.html", "sub dir/data.bin", "media/html/page_1.html"]
    for one in listed:
        answer = client.get(f"{RUN}/files/{one.path}")
        assert len(answer.content) == one.size_bytes
        assert answer.headers["content-security-policy"].startswith("sandbox")
        assert "allow-same-origin" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    plain = client.get(f"{RUN}/files/sub dir/data.bin")
    assert plain.headers["content-type"] == "application/octet-stream"
    assert plain.headers["content-disposition"].startswith("attachment")
    part = client.get(f"{RUN}/files/sub dir/data.bin", headers={"Range": "bytes=16-19"})
    assert (part.status_code, part.content) == (206, bytes(range(16, 20)))


def test_a_blob_is_sent_as_the_type_that_is_asked_for_and_else_as_a_download(client: httpx.Client) -> None:
    (cell,) = get(client, f"{RUN}/cells", key="page")["cells"]
    address = f"/api/blobs/{cell['value']['sha256']}"
    page = client.get(address, params={"type": "text/html"})
    assert page.text == "<script>alert(1)</script>"
    assert "immutable" in page.headers["cache-control"]
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")
    assert client.get(address).headers["content-disposition"].startswith("attachment")
    named = client.get(address, params={"type": "text/html", "name": 'my "page".html'})
    assert named.headers["content-disposition"] == "attachment; filename*=utf-8''my%20%22page%22.html"


def test_a_run_is_exported_as_a_download(client: httpx.Client) -> None:
    table = client.get(f"{RUN}/export", params={"format": "csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == 'attachment; filename="faces-aaa.csv"'
    assert len(table.text.splitlines()) == 102
    assert client.get(f"{RUN}/export", params={"format": "json"}).json()["id"] == "aaa"
    assert client.get(f"{RUN}/export", params={"format": "parquet"}).content[:4] == b"PAR1"
    assert client.get("/api/projects/a%20b/runs/ccc/export").headers["content-disposition"].endswith("a%20b-ccc.csv")


def test_a_run_is_exported_as_one_page_that_never_opens_inside_the_dashboard(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page").mkdir()
    for name in ("page.js", "page.css"):
        (tmp_path / "page" / name).write_text(f"/* {name} */")
    monkeypatch.setattr("kerascope.server.routes.export.STATIC", tmp_path)
    answer = client.get(f"{RUN}/export", params={"format": "html"})
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''faces-aaa.html"
    assert answer.text.startswith("<!doctype html>")
    assert "first try" in answer.text
    assert "/* page.js */" in answer.text


def test_artifacts_are_listed_with_versions_and_manifests(own_paths: StorePaths) -> None:
    store = ArtifactStore(own_paths)
    draft = Artifact("data", type="dataset", metadata={"bad": float("nan")})
    with draft.new_file("a.txt") as file:
        file.write("hello")
    store.commit(draft, project="faces", run_id=None, aliases=["best"])
    with serving(own_paths) as found:
        (listed,) = get_as(found, records.ArtifactList, "/api/projects/faces/artifacts").artifacts
        assert (listed.name, listed.type, listed.version_count) == ("data", "dataset", 1)
        detail = get_as(found, ArtifactDetail, "/api/projects/faces/artifacts/data")
        assert set(detail.versions[0].aliases) == {"latest", "best"}
        for version in ("v0", "latest", "best"):
            manifest = get(found, f"/api/projects/faces/artifacts/data/{version}")["manifest"]
            assert [entry["path"] for entry in manifest["entries"]] == ["a.txt"]


def test_every_address_outside_the_api_is_the_dashboard(client: httpx.Client) -> None:
    for address in ("/", "/projects/faces", "/projects/faces/runs/aaa/console", "/etc/passwd"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_figures_are_drawn_in_a_sandbox_that_loads_and_sends_nothing(client: httpx.Client) -> None:
    (frame,) = (STATIC / "assets").glob("figure-frame-*.html")
    answer = client.get(f"/assets/{frame.name}")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["sandbox"], policy["default-src"]) == ("allow-scripts allow-downloads", "'none'")
    assert not {"connect-src", "frame-src"} & policy.keys()
    assert not any("'self'" in rule or "http" in rule for name, rule in policy.items() if name != "frame-ancestors")
    assert "immutable" in answer.headers["cache-control"]


def test_an_empty_store_is_served(own_paths: StorePaths) -> None:
    with serving(own_paths) as found:
        assert get(found, "/api/projects") == {"projects": []}
        assert get(found, "/api/projects/none/runs")["total"] == 0
        assert get(found, "/api/health")["run_count"] == 0
