"""Made-up stores for the benchmarks of the reading side, written in the format of the log without a training."""

from __future__ import annotations

import math
import random
from pathlib import Path

from kerascope.events import types as ev
from kerascope.events.codec import encode
from kerascope.paths import StorePaths
from kerascope.runlog.files import segment_name
from kerascope.runlog.format import MAGIC, frame

START_S = 1_790_000_000.0


def write_run(paths: StorePaths, number: int, rows: int, names: tuple[str, ...], config: dict[str, object]) -> None:
    """Writes one finished run of `rows` rows with a random float under each name."""
    rng = random.Random(number)
    run_id, begin = f"run{number:05d}", START_S + 60.0 * number
    events = [
        ev.Segment(1, "bench", run_id, "local", 0, 1, begin, "elsewhere", 1, 0.0, 0, False, 0, "0"),
        ev.RunInfo(name=f"quiet-river-{number}", tags=("baseline",) if number % 3 else ("best",)),
        ev.Config(config),
        ev.Keys(0, names),
    ]
    pieces = [MAGIC, *(frame(encode(event)) for event in events)]
    for step in range(rows):
        if step and step % 4096 == 0:
            pieces.append(frame(encode(events[3])))
        values = [math.exp(-step / rows) + rng.random() for _ in names]
        pieces.append(frame(encode(ev.Row(0, step, begin + step * 0.01, step * 0.01, values))))
    pieces.append(frame(encode(ev.Finish("finished", 0, begin + rows * 0.01))))
    folder = paths.log("bench", run_id)
    folder.mkdir(parents=True)
    (folder / segment_name(int(begin * 1e9), 0, f"{number:08x}")).write_bytes(b"".join(pieces))


def config(number: int) -> dict[str, object]:
    """A config as training scripts have them: a dozen values, some nested."""
    rng = random.Random(number)
    return {
        "lr": 10 ** rng.uniform(-5, -1),
        "batch_size": rng.choice([32, 64, 128]),
        "epochs": rng.randrange(5, 100),
        "optimizer": {"name": rng.choice(["adam", "sgd"]), "beta_1": 0.9, "beta_2": 0.999},
        "architecture": rng.choice(["cnn", "resnet", "vit"]),
        "augment": rng.random() < 0.5,
        "dropout": rng.random(),
        "layers": [32, 64, 64],
        "seed": number,
        "notes": "a line of text about this run",
    }


def folder(root: str) -> StorePaths:
    return StorePaths(Path(root))
