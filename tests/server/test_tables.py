"""Laws of tables over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec

from kerascope.blobs.store import BlobStore
from kerascope.media.table import Table
from kerascope.paths import StorePaths
from kerascope.query.table_records import TablePage
from tests.server.conftest import serving


def test_pages_of_a_table_come_as_json_or_whole_as_csv(own_paths: StorePaths) -> None:
    table = Table(columns=["id", 7], data=[["a", 0.5], ["b", float("nan")], ["c", 1.5]])
    source = {"sha256": table.to_value(BlobStore(own_paths.blobs), "t", 0)["sha256"]}
    with serving(own_paths) as client:

        def ask(status: int = 200, **query: Any) -> Any:
            answer = client.post("/api/table", json={"source": source} | query)
            assert answer.status_code == status, answer.text
            return answer

        page = ask(order=["-7"], limit=2).json()
        assert (page["rows"], page["total"], page["row_numbers"]) == ([["c", 1.5], ["a", 0.5]], 3, [2, 0])
        msgspec.convert(page, TablePage)
        grouped = ask(group={"by": ["id"], "aggregates": [{"op": "mean", "column": "7"}]}, order=["id"]).json()
        assert grouped["rows"] == [["a", 0.5], ["b", None], ["c", 1.5]]
        csv = ask(filter={"7": {"$gt": 0}}, format="csv")
        assert (csv.text, csv.headers["content-type"]) == ("id,7\r\na,0.5\r\nc,1.5\r\n", "text/csv; charset=utf-8")
        for wrong in ({"limit": 0}, {"group": {"by": ["id"], "aggregates": [{"op": "mode"}]}}, {"sort": ["id"]}):
            assert ask(400, **wrong).json()["error"]["code"] == "bad_request"
        ask(404, source={"sha256": "0" * 64})
        ask(404, source={"project": "faces", "artifact": "x", "version": "v0", "path": "t.table.json"})
