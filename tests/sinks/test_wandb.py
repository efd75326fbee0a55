"""What `init(sink="wandb")` sends on is read back from the file that the real package writes offline, value by value."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerascope
from kerascope.errors import UsageError

_BLOCK = 32768
_HEADER = 7


def records(path: Path) -> Iterator[Any]:
    """Reads the package's file: a log of blocks of 32 KiB, in the form of LevelDB, behind 7 bytes of its own."""
    from wandb.proto import wandb_internal_pb2

    data, place, whole = path.read_bytes(), _HEADER, b""
    assert data.startswith(b":W&B")
    while place + _HEADER <= len(data):
        if _BLOCK - place % _BLOCK < _HEADER:
            place += _BLOCK - place % _BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        whole += data[place + _HEADER : place + _HEADER + length]
        place += _HEADER + length
        if kind in (1, 4):
            yield wandb_internal_pb2.Record.FromString(whole)
            whole = b""


class Sent:
    """What arrived in the offline file of the one run below a folder."""

    def __init__(self, folder: Path) -> None:
        (path,) = folder.glob("wandb/offline-run-*/*.wandb")
        self.files = path.parent / "files"
        self.rows: dict[int, dict[str, Any]] = {}
        self.config: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}
        self.run: Any = None
        self.metrics: dict[str, Any] = {}
        self.alerts: list[Any] = []
        self.artifacts: list[Any] = []
        self.exit_code: int | None = None
        for record in records(path):
            self._take(record)

    def _take(self, record: Any) -> None:
        kind = record.WhichOneof("record_type")
        if kind == "run":
            self.run = record.run
            self._set(self.config, record.run.config.update)
        elif kind == "config":
            self._set(self.config, record.config.update)
        elif kind == "history":
            self._set(self.rows.setdefault(int(record.history.step.num), {}), record.history.item)
        elif kind == "summary":
            self._set(self.summary, record.summary.update)
        elif kind == "metric":
            self.metrics[record.metric.name or record.metric.glob_name] = record.metric
        elif kind == "alert":
            self.alerts.append(record.alert)
        elif kind == "artifact":
            self.artifacts.append(record.artifact)
        elif kind == "exit":
            self.exit_code = record.exit.exit_code

    def _set(self, into: dict[str, Any], items: Any) -> None:
        """Items carry a key, or the path of keys of a value inside maps."""
        for item in items:
            *outer, last = list(item.nested_key) or [item.key]
            place = into
            for key in outer:
                place = place.setdefault(key, {})
            place[last] = json.loads(item.value_json)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    for name, value in (("DIR", str(tmp_path / "store")), ("QUIET", "true"), ("PACKAGES", "false"), ("CONSOLE", "off")):
        monkeypatch.setenv(f"KERASCOPE_{name}", value)
    monkeypatch.setenv("WANDB_MODE", "offline")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)


def test_every_value_arrives_in_the_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    run = kerascope.init(
        project="faces",
        name="first",
        notes="a note",
        tags=["a", "b"],
        group="g",
        job_type="train",
        config={"lr": 0.1, "net": {"units": 3}},
        sink="wandb",
    )
    run.define_metric("val/*", step_metric="epoch", summary="min")
    for step in range(3):
        run.log(
            {
                "loss": 1.0 / (step + 1),
                "val/loss": float(step),
                "epoch": step,
                "text": "words",
                "flag": True,
                "nested": {"deep": step},
            }
        )
    run.log(
        {
            "picture": kerascope.Image(picture, caption="one"),
            "many": [kerascope.Image(picture)] * 2,
            "spread": kerascope.Histogram([1, 2, 2, 3]),
        }
    )
    run.log(
        {
            "table": kerascope.Table(
                columns=["x", "picture"], data=[[1, kerascope.Image(picture)], [2, kerascope.Image(picture)]]
            )
        }
    )
    run.config.update({"lr": 0.2}, allow_val_change=True)
    run.summary["best"] = 0.25
    run.alert("Low", "too low", "WARN")
    made = kerascope.Artifact("data", type="dataset", metadata={"n": 3})
    with made.new_file("x.txt") as file:
        file.write("hello")
    run.log_artifact(made, aliases=["good"])
    Path(run.dir, "kept.txt").write_text("kept")
    run.save(os.path.join(run.dir, "kept.txt"))
    run.finish()
    said = capsys.readouterr().err
    assert "not everything" not in said, Path(run.dir, "../sink-wandb.log").read_text()
    assert list((tmp_path / "tmp").glob("kerascope-sink-*")) == []

    sent = Sent(tmp_path)
    assert (sent.run.project, sent.run.run_id, sent.run.display_name, sent.run.notes) == (
        "faces",
        run.id,
        "first",
        "a note",
    )
    assert (list(sent.run.tags), sent.run.run_group, sent.run.job_type) == (["a", "b"], "g", "train")
    assert (sent.config["lr"], sent.config["net"]) == (0.2, {"units": 3})
    for step in range(3):
        row = sent.rows[step]
        assert (row["loss"], row["val/loss"], row["epoch"]) == (1.0 / (step + 1), float(step), step)
        assert (row["text"], row["flag"], row["nested.deep"]) == ("words", True, step)
    media = sent.rows[3]
    assert (media["picture"]["_type"], media["picture"]["caption"], media["many"]["count"]) == ("image-file", "one", 2)
    from PIL import Image

    assert np.array_equal(np.asarray(Image.open(sent.files / media["picture"]["path"])), picture)
    assert media["spread"]["values"] == kerascope.Histogram([1, 2, 2, 3]).histogram
    table = json.loads((sent.files / sent.rows[4]["table"]["path"]).read_text())
    assert (table["columns"], [row[0] for row in table["data"]]) == (["x", "picture"], [1, 2])
    assert sent.summary["best"] == 0.25
    assert sent.metrics["val/*"].step_metric == "epoch"
    assert sent.metrics["val/*"].summary.min
    assert [(one.title, one.text, one.level) for one in sent.alerts] == [("Low", "too low", "WARN")]
    (artifact,) = [one for one in sent.artifacts if one.type == "dataset"]
    assert (artifact.name, json.loads(artifact.metadata)) == ("data", {"n": 3})
    assert [one.path for one in artifact.manifest.contents] == ["x.txt"]
    assert (sent.files / "kept.txt").read_text() == "kept"
    assert sent.exit_code == 0


def test_death_of_the_training_ends_the_run_there_as_failed(tmp_path: Path) -> None:
    text = "import kerascope, os, signal\nrun = kerascope.init(sink='wandb')\nrun.log({'loss': 0.5})\nos.kill(os.getpid(), signal.SIGKILL)\n"
    subprocess.run([sys.executable, "-c", text], check=False, timeout=120)
    log = next((tmp_path / "store").glob("projects/*/runs/*/sink-wandb.log"))
    wait_for_end(log)
    sent = Sent(tmp_path)
    assert sent.rows[0]["loss"] == 0.5
    assert sent.exit_code == 255


def wait_for_end(log: Path) -> None:
    """Waits until no process has the sink's log open for writing."""
    import psutil

    deadline_s = 120.0
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "kerascope.sinks.wandb" in words and any(str(log.parent) in one for one in words):
            process.wait(deadline_s)


def test_failure_of_the_package_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken" / "wandb"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError('this package is broken')\n")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    run = kerascope.init(project="p", sink="wandb")
    run.log({"loss": 1.0})
    run.finish()
    assert "not everything was handed on to wandb" in capsys.readouterr().err
    assert kerascope.Api().run(f"p/{run.id}").summary["loss"] == 1.0


def test_sink_is_checked_when_the_run_begins() -> None:
    with pytest.raises(UsageError, match=r"`sink` must be one of 'wandb' or None\. Received: sink='mlflow'"):
        kerascope.init(sink="mlflow")
    kerascope.init(mode="disabled", sink="wandb").finish()
