"""Laws of exports: what is read back is what was logged."""

import csv
import io
import json
import math

import pytest

from kerascope.errors import UsageError
from kerascope.events import types as ev
from kerascope.query import export
from tests.index.logs import START_S, Log, reading, store

IMAGE = {"_type": "image-file", "sha256": "0" * 64, "size": 1, "path": "x.png"}


@pytest.fixture
def db(tmp_path):
    paths = store(tmp_path / "store")
    log = Log(paths, "r1").say(ev.Config({"lr": math.inf, "x": [1, 2]}))
    log.row(0, loss=0.5, epoch=0, ok=True).row(1, loss=math.nan, epoch=1, note='a "quoted", text', img=IMAGE).finish()
    Log(paths, "r2", time_s=START_S + 9).rows({"loss": i, "other": float(i)} for i in range(3)).finish()
    with reading(paths) as connection:
        yield connection


def test_csv_has_a_column_per_key(db):
    out = io.BytesIO()
    export.export_run(db, "faces", "r1", "csv", out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert list(rows[0]) == ["_step", "_timestamp", "_runtime", "loss", "epoch", "ok", "note", "img"]
    assert (rows[0]["loss"], rows[0]["epoch"], rows[0]["ok"], rows[0]["note"]) == ("0.5", "0", "true", "")
    assert (rows[1]["loss"], rows[1]["note"], json.loads(rows[1]["img"])) == ("nan", 'a "quoted", text', IMAGE)


def test_json_holds_everything_of_a_run(db, tmp_path):
    export.export_run(db, "faces", "r1", "json", tmp_path / "run.json")
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["id"], run["state"], run["config"]) == ("r1", "finished", {"lr": "Infinity", "x": [1, 2]})
    assert [row["loss"] for row in run["history"]] == [0.5, "NaN"]
    assert run["history"][1]["img"] == IMAGE


def test_parquet_keeps_the_kinds_of_values(db, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    export.export_run(db, "faces", "r1", "parquet", tmp_path / "run.parquet")
    table = parquet.read_table(tmp_path / "run.parquet")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["loss"] == "double"
    assert (kinds["epoch"], kinds["ok"], kinds["note"], kinds["_step"]) == ("int64", "bool", "string", "int64")
    assert table.column("epoch").to_pylist() == [0, 1]
    assert table.column("ok").to_pylist() == [True, None]
    assert json.loads(table.schema.metadata[b"kerascope.run"])["id"] == "r1"


def test_a_project_is_one_table_with_the_run_of_each_row(db, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    export.export_project(db, "faces", "parquet", tmp_path / "all.parquet")
    table = parquet.read_table(tmp_path / "all.parquet")
    assert table.column("run").to_pylist() == ["r1", "r1", "r2", "r2", "r2"]
    assert table.column("loss").to_pylist()[2:] == [0.0, 1.0, 2.0]
    out = io.BytesIO()
    export.export_project(db, "faces", "json", out, ["r2"])
    assert [run["id"] for run in json.loads(out.getvalue())] == ["r2"]
    out = io.BytesIO()
    export.export_project(db, "faces", "csv", out)
    assert out.getvalue().count(b"\n") == 6


def test_unknown_formats_are_named(db):
    with pytest.raises(UsageError, match="format='xml'"):
        export.export_run(db, "faces", "r1", "xml", io.BytesIO())


def test_parquet_without_pyarrow_says_what_to_install(db, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"kerascope\[parquet\]"):
        export.export_run(db, "faces", "r1", "parquet", io.BytesIO())
