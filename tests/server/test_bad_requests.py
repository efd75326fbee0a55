"""Law: whatever is wrong with a request, the answer is 4xx in the one shape, and never a traceback."""

from __future__ import annotations

import http.client
import json
from typing import Any

import httpx
import pytest

RUN = "/api/projects/faces/runs/aaa"
SERIES = {"project": "faces", "run": "aaa", "key": "loss"}

# method, address, query, JSON body, status, field to blame (None: any)
BAD: list[tuple[str, str, dict[str, Any], Any, int, str | None]] = [
    *[
        ("GET", "/api/projects/faces/runs", query, None, 400, field)
        for query, field in [
            ({"limit": "0"}, "limit"),
            ({"limit": "10001"}, "limit"),
            ({"limit": "many"}, "limit"),
            ({"limit": "1.5"}, "limit"),
            ({"limit": "٣"}, "limit"),
            ({"limit": ""}, "limit"),
            ({"limit": "9" * 5000}, "limit"),
            ({"offset": "-1"}, "offset"),
            ({"deleted": "yes"}, "deleted"),
            ({"archived": "1"}, "archived"),
            ({"filter": "{"}, "filter"),
            ({"filter": "[" * 3000}, "filter"),
            ({"filter": "3"}, None),
            ({"filter": '{"nothing": 1}'}, None),
            ({"filter": '{"name": {"$bad": 1}}'}, None),
            ({"filter": '{"name": {"$regex": "("}}'}, None),
            ({"order": "nothing"}, None),
            ({"columns": "nothing"}, None),
            ({"limt": "3"}, "limt"),
        ]
    ],
    *[
        ("GET", "/api/projects/faces/groups", query, None, 400, field)
        for query, field in [
            ({}, None),
            ({"group_by": "nothing"}, None),
            ({"group_by": "name", "limit": "1001"}, "limit"),
            ({"group_by": "name", "in_group": "{"}, "in_group"),
            ({"group_by": "name", "in_group": "[1]"}, "in_group"),
            ({"group_by": "name", "in_group": '["a"]'}, None),
            ({"group_by": "name", "numbers": "name"}, "numbers"),
            ({"group_by": "name", "columns": "config.lr"}, "columns"),
        ]
    ],
    ("GET", "/api/projects/faces/runs", {"out_of_groups": '["a"]'}, None, 400, "out_of_groups"),
    ("GET", "/api/projects/faces/runs", {"in_group": '["a"]'}, None, 400, None),
    ("GET", "/api/projects?x=1&x=2", {}, None, 400, "x"),
    ("GET", "/api/projects/faces/runs?limit=1&limit=2", {}, None, 400, "limit"),
    ("GET", "/api/projects/fa%00ces/runs", {}, None, 400, "project"),
    ("GET", f"/api/projects/{'x' * 200}/runs", {}, None, 400, "project"),
    ("GET", "/api/projects/faces/runs/a.b", {}, None, 400, "id"),
    ("GET", "/api/projects/faces/runs/none", {}, None, 404, None),
    ("GET", "/api/projects/none/runs/aaa", {}, None, 404, None),
    ("GET", "/api/projects/faces/keys", {"runs": "aaa,none"}, None, 404, None),
    ("GET", "/api/projects/faces/keys", {"runs": "a b"}, None, 400, "id"),
    ("GET", f"{RUN}/history", {"min_step": "x"}, None, 400, "min_step"),
    ("GET", f"{RUN}/history", {"limit": "-3"}, None, 400, "limit"),
    ("GET", f"{RUN}/cells", {}, None, 400, "key"),
    ("GET", f"{RUN}/cells", {"key": "note", "last": "maybe"}, None, 400, "last"),
    ("GET", f"{RUN}/console", {"after": "-2"}, None, 400, "after"),
    ("GET", f"{RUN}/console", {"before": "x"}, None, 400, "before"),
    ("GET", f"{RUN}/files/none.txt", {}, None, 404, None),
    ("GET", f"{RUN}/export", {"format": "xml"}, None, 400, "format"),
    ("GET", "/api/blobs/xyz", {}, None, 400, "sha256"),
    ("GET", f"/api/blobs/{'A' * 64}", {}, None, 400, "sha256"),
    ("GET", f"/api/blobs/{'0' * 64}", {}, None, 404, None),
    ("GET", f"/api/blobs/{'0' * 64}", {"type": "text/javascript"}, None, 400, "type"),
    ("GET", "/api/projects/faces/artifacts/none", {}, None, 404, None),
    ("GET", "/api/projects/faces/artifacts/none/latest", {}, None, 404, None),
    ("GET", "/api/live", {"project": "a/b"}, None, 400, "project"),
    ("GET", "/api/live", {"run": "a b"}, None, 400, "id"),
    ("GET", "/api/live", {"runs": "a"}, None, 400, "runs"),
    ("GET", "/api/none", {}, None, 404, None),
    ("GET", "/api/", {}, None, 404, None),
    ("POST", "/api/health", {}, {}, 405, None),
    ("GET", "/api/series", {}, None, 405, None),
    *[
        ("POST", "/api/series", {}, body, status, field)
        for body, status, field in [
            ({}, 400, "series"),
            ([], 400, None),
            ({"series": [{}]}, 400, None),
            ({"series": [SERIES], "buckets": 0}, 400, "buckets"),
            ({"series": [SERIES], "buckets": 10**7}, 400, "buckets"),
            ({"series": [SERIES], "buckets": 1.5}, 400, "buckets"),
            ({"series": [SERIES], "buckets": True}, 400, "buckets"),
            ({"series": [SERIES], "x": 3}, 400, "x"),
            ({"series": [SERIES], "x_min": "NaN"}, 400, "x_min"),
            ({"series": [SERIES], "y": 3}, 400, "y"),
            ({"series": [SERIES] * 2001}, 400, "series"),
            ({"series": [SERIES | {"run": "none"}]}, 404, None),
            ({"series": [SERIES | {"run": "../aaa"}]}, 400, "id"),
            ({"series": [SERIES | {"project": "../faces"}]}, 400, "project"),
        ]
    ],
    *[
        ("PATCH", RUN, {}, body, 400, field)
        for body, field in [
            ({"name": ""}, "name"),
            ({"name": None}, "name"),
            ({"tags": "a"}, "tags"),
            ({"tags": [1]}, "tags"),
            ({"archived": "true"}, "archived"),
            ({"state": "finished"}, "state"),
            (7, None),
        ]
    ],
    *[
        ("POST", "/api/projects/faces/bulk", {}, body, 400, field)
        for body, field in [
            ({"runs": ["aaa"]}, "action"),
            ({"runs": [], "action": "delete"}, "runs"),
            ({"runs": ["a b"], "action": "delete"}, "id"),
            ({"runs": ["aaa"], "action": "purge"}, "action"),
            ({"runs": ["aaa"], "action": "delete", "set": {"name": "x"}}, None),
            ({"runs": ["aaa"], "action": "edit", "set": {"name": ""}}, "name"),
            ({"runs": ["aaa"], "action": "edit", "add_tags": [""]}, "tags"),
            ({"runs": ["aaa"], "action": "edit", "add_tags": ["a"], "set": {"tags": []}}, "add_tags"),
        ]
    ],
    ("GET", "/api/projects/faces/compare", {}, None, 400, "runs"),
    ("GET", "/api/projects/faces/compare", {"runs": "aaa"}, None, 400, "runs"),
    ("GET", "/api/projects/faces/compare", {"runs": "aaa,aaa"}, None, 400, "runs"),
    ("GET", "/api/projects/faces/compare", {"runs": "aaa,none"}, None, 404, None),
    ("GET", "/api/projects/faces/views/panels/none", {}, None, 404, None),
    ("GET", f"{RUN}/cells", {"key": "note", "sample": "0"}, None, 400, "sample"),
    ("PATCH", "/api/projects/faces/runs/none", {}, {"name": "x"}, 404, None),
    ("DELETE", "/api/projects/faces/runs/none", {}, None, 404, None),
    ("POST", "/api/projects/faces/runs/none/restore", {}, None, 404, None),
    ("PUT", "/api/projects/faces/views/panels/x", {}, {}, 400, "data"),
    ("PUT", "/api/projects/faces/views/panels/x", {}, {"data": None}, 400, "data"),
    ("PUT", f"/api/projects/faces/views/{'k' * 300}/x", {}, {"data": 1}, 400, "kind"),
]


def check(answer: httpx.Response, status: int, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field"}
    assert "Traceback" not in answer.text
    assert len(body["error"]["message"]) > 10
    if field is not None:
        assert body["error"]["field"] == field, body


@pytest.mark.parametrize(("method", "address", "query", "body", "status", "field"), BAD)
def test_bad_input_is_refused_in_the_one_shape(
    client: httpx.Client, method: str, address: str, query: dict[str, Any], body: Any, status: int, field: str | None
) -> None:
    options: dict[str, Any] = {"json": body} if body is not None else {}
    if query:
        options["params"] = query
    check(client.request(method, address, **options), status, field)


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("text/plain", b"{}", 415),
        ("application/x-www-form-urlencoded", b"a=b", 415),
        ("", b"{}", 415),
        ("application/json", b"", 400),
        ("application/json", b"{", 400),
        ("application/json", b"\xff\xfe", 400),
        ("application/json", b"[" * 50_000, 400),
        ("application/json", b'{"series": [{"project": "\\ud800"}]}', 400),
        ("application/json", b" " * (8 << 20) + b"{}", 413),
    ],
)
def test_only_json_of_a_sane_size_is_read(client: httpx.Client, content_type: str, content: bytes, status: int) -> None:
    check(client.post("/api/series", content=content, headers={"Content-Type": content_type}), status)


ESCAPES = [
    "../../../store.json",
    "..%2f..%2f..%2fstore.json",
    "%2e%2e/%2e%2e/log",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "sub dir/../../log",
    "..\\..\\x",
    "a%00b",
    ".",
    "",
    "sub dir",
]


def get_raw(client: httpx.Client, path: str) -> tuple[int, str, bytes]:
    """GETs a path as it stands: httpx would take `..` out of it."""
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 80, timeout=60)
    try:
        connection.putrequest("GET", path.replace(" ", "%20"))
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ESCAPES)
def test_no_path_leads_out_of_the_folder_of_a_runs_files(client: httpx.Client, path: str) -> None:
    status, content_type, content = get_raw(client, f"{RUN}/files/{path}")
    assert (status, content_type) == (404, "application/json")
    assert json.loads(content)["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/assets/..%2f..%2fapp.py", "/%00"])
def test_no_path_leads_out_of_the_dashboards_folder(client: httpx.Client, path: str) -> None:
    status, content_type, content = get_raw(client, path)
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert b"root:" not in content
    assert b"import" not in content
