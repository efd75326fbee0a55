"""What tracking must not touch: the network, and the user's random generators."""

from __future__ import annotations

from tests.tracking.conftest import Script, Store

GUARD = """
import sys
allowed = {"socket.gethostname"}
def guard(event, args):
    if event.startswith("socket.") and event not in allowed:
        raise SystemExit(f"network touched: {event} {args}")
sys.addaudithook(guard)
"""

USE = """
import kerascope, numpy as np
run = kerascope.init(project="p", config={"lr": 1}, mode="online")
kerascope.login(key="x")
for i in range(5):
    run.log({"a": i, "h": np.arange(100.0), "img": kerascope.Image(np.zeros((4, 4)))})
run.summary["best"] = 1
run.alert("title", "text")
artifact = kerascope.Artifact("a", type="t")
with artifact.new_file("f.txt") as file:
    file.write("x")
run.log_artifact(artifact)
run.save(__file__)
run.finish()
"""


def test_nothing_touches_the_network(store: Store, script: Script) -> None:
    done = script(
        GUARD + USE,
        KERASCOPE_SYSTEM_METRICS="true",
        KERASCOPE_SYSTEM_INTERVAL_S="0.01",
        KERASCOPE_GIT="true",
        KERASCOPE_PACKAGES="true",
        KERASCOPE_SAVE_CODE="true",
        KERASCOPE_CONSOLE="wrap",
    )
    assert done.returncode == 0, done.stderr
    assert "network touched" not in done.stderr


def test_random_generators_of_the_user_are_left_alone(script: Script) -> None:
    check = """
import random
def states():
    return random.getstate(), [np.asarray(part).tolist() for part in np.random.get_state()]
before = states()
"""
    done = script("import numpy as np\n" + check + USE + "assert states() == before\n", KERASCOPE_SYSTEM_METRICS="true")
    assert done.returncode == 0, done.stderr
