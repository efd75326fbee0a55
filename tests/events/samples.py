"""One event of every kind, with every field set: what the golden segment holds."""

from __future__ import annotations

from kerascope.events import types as t

RUN_EVENTS: tuple[t.RunEvent, ...] = (
    t.Segment(1, "faces", "abcd1234", "me", 0, 2, 1000.5, "host", 42, 999.5, 1, True, 7, "0.1.0"),
    t.RunInfo("quiet-river-3", "notes", ("a", "b"), "group", "train", "/faces/abcd1234", "sweep"),
    t.Config({"lr": 0.001, "layers": [64, 10], "nested": {"deep": None, "on": True}}, ("old",)),
    t.Keys(0, ("loss", "acc", "text", "hist")),
    t.Row(0, 7, 1001.0, 0.5, [0.25, 1, "ü", {"_type": "histogram", "values": [1, 2], "bins": [0.0, 0.5, 1.0]}]),
    t.Row(0, 8, 1002.0, 1.5, [float("inf"), float("-inf"), None, False]),
    t.Summary({"best_loss": 0.25}, ("gone",)),
    t.Metric("loss", "epoch", True, False, ("min", "last"), "minimize", True),
    t.Console("stderr", 1002.5, "line 1\nline 2\n"),
    t.System(1003.0, 2.5, {"cpu": 12.5, "memory": 3.0}),
    t.Heartbeat(1004.0),
    t.File("model-best.h5", "ab" * 32, 1234, "now"),
    t.Environment({"python": "3.11.7", "packages": {"keras": "3.15.1"}}),
    t.Alert("title", "text", "WARN", 1005.0),
    t.Notice("warning", "could not be stored", "image", 8, 1006.0),
    t.ArtifactLogged("model", "model", 3, "cd" * 32, ("latest", "best"), 1007.0),
    t.ArtifactUsed("data", "dataset", 0, "ef" * 32, "input", 1008.0),
    t.Finish("failed", 1, 1009.0, "ValueError: no"),
)
EDIT_EVENTS: tuple[t.EditEvent, ...] = (
    t.EditSegment(1, 1000.0, "host", 42, "0.1.0"),
    t.EditRun("faces", "abcd1234", {"name": "new", "tags": ["a"]}, ("b",), 1001.0),
    t.DeleteRun("faces", "abcd1234", 1002.0),
    t.RestoreRun("faces", "abcd1234", 1003.0),
    t.SaveView("faces", "view", "mine", {"panels": [1, 2]}, 1004.0),
)
