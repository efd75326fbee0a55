"""The data of the dashboard benchmark, written for other dashboards with what each offers for much data at once.

    python benchmarks/_rival_data.py trackio a FOLDER 180

prints how much was written, as JSON. Cases are those of `dashboard.py`: (a) a run of 1,000,000 points x 10 metrics, (b) 100 runs x 10,000
points, (c) 10,000 runs, (d) 300 histogram series x 200 steps, (e) 500 pictures; the values are the same for all. A writer stops after the
given seconds: what is there by then is what its dashboard shows. Not for: `kerascope` itself (`dashboard.py`).
"""

from __future__ import annotations

import io
import json
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import _store
import numpy as np

HISTOGRAMS, HISTOGRAM_STEPS, BINS, IMAGES, SIDE = 300, 200, 64, 500, 64
_CHUNK = 5000

Rows = list[tuple[int, dict[str, float]]]
Work = Iterator[int]  # gives how many values were written since the last


class Lines(NamedTuple):
    """Runs of numbers: how many, how long, under which names."""

    runs: int
    points: int
    keys: tuple[str, ...]


LINES = {
    "a": Lines(1, 1_000_000, tuple(f"m{number}" for number in range(10))),
    "b": Lines(100, 10_000, ("loss",)),
    "c": Lines(10_000, 5, ("loss", "accuracy", "val_loss", "val_accuracy", "epoch", "lr")),
}
VALUES = {case: lines.runs * lines.points * len(lines.keys) for case, lines in LINES.items()} | {
    "d": HISTOGRAMS * HISTOGRAM_STEPS,
    "e": IMAGES,
}


def name_of(run: int) -> str:
    return f"quiet-river-{run}"


def chunks(lines: Lines, run: int) -> Iterator[Rows]:
    """The rows of a run, some at a time, with the values that `_store.write_run` gives it."""
    rng = random.Random(run)
    for first in range(0, lines.points, _CHUNK):
        steps = range(first, min(first + _CHUNK, lines.points))
        yield [(step, {key: math.exp(-step / lines.points) + rng.random() for key in lines.keys}) for step in steps]


def counts(step: int) -> list[int]:
    """The counts of every histogram at a step, in bins of equal width from -1 to 1."""
    return [(step + 7 * number) % 50 for number in range(BINS)]


def histogram_names() -> list[str]:
    return [f"parameters/layer{number:03d}.weights" for number in range(HISTOGRAMS)]


def pictures() -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (SIDE, SIDE, 3), np.uint8) for _ in range(IMAGES)]


def tensorboard(case: str, folder: Path) -> Work:
    """Through its own protocol buffers and record writer."""
    from PIL import Image
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.plugins.histogram import metadata as of_histograms
    from tensorboard.plugins.image import metadata as of_images
    from tensorboard.summary.writer.record_writer import RecordWriter
    from tensorboard.util import tensor_util

    @contextmanager
    def opened(run: int) -> Iterator[Callable[[int, list[Any]], None]]:
        path = folder / name_of(run)
        path.mkdir(parents=True)
        with open(path / "events.out.tfevents.1790000000.host", "wb") as file:
            writer = RecordWriter(file)
            writer.write(Event(wall_time=_store.START_S, file_version="brain.Event:2").SerializeToString())

            def write(step: int, values: list[Any]) -> None:
                event = Event(wall_time=_store.START_S + step * 0.01, step=step, summary=Summary(value=values))
                writer.write(event.SerializeToString())

            yield write

    if case in LINES:
        for run in range(LINES[case].runs):
            with opened(run) as write:
                for rows in chunks(LINES[case], run):
                    for step, row in rows:
                        write(step, [Summary.Value(tag=key, simple_value=value) for key, value in row.items()])
                    yield len(rows) * len(LINES[case].keys)
    elif case == "d":
        known, edges = of_histograms.create_summary_metadata(None, None), np.linspace(-1, 1, BINS + 1)
        with opened(0) as write:
            for step in range(HISTOGRAM_STEPS):
                table = np.stack([edges[:-1], edges[1:], np.array(counts(step), np.float64)], axis=1)
                tensor = tensor_util.make_tensor_proto(table, np.float64)
                write(step, [Summary.Value(tag=name, tensor=tensor, metadata=known) for name in histogram_names()])
                yield HISTOGRAMS
    else:
        size = str(SIDE).encode()
        tensor = TensorProto(dtype=7, string_val=[size, size])
        for picture in pictures():
            file = io.BytesIO()
            Image.fromarray(picture).save(file, "PNG")
            tensor.string_val.append(file.getvalue())
        tensor.tensor_shape.dim.add(size=len(tensor.string_val))
        known = of_images.create_summary_metadata(None, None)
        with opened(0) as write:
            write(0, [Summary.Value(tag="images", tensor=tensor, metadata=known)])
        yield IMAGES


def trackio(case: str, folder: Path) -> Work:
    """Through the bulk insert of its storage; pictures and histograms through its own media classes."""
    os.environ["TRACKIO_DIR"] = str(folder)
    from trackio import Histogram, Image
    from trackio.sqlite_storage import SQLiteStorage

    def write(run: int, steps: list[int], rows: list[dict[str, Any]]) -> None:
        SQLiteStorage.bulk_log("bench", name_of(run), rows, steps=steps)

    if case in LINES:
        for run in range(LINES[case].runs):
            for rows in chunks(LINES[case], run):
                write(run, [step for step, _ in rows], [row for _, row in rows])
                yield len(rows) * len(LINES[case].keys)
    elif case == "d":
        edges = np.linspace(-1, 1, BINS + 1)
        for step in range(HISTOGRAM_STEPS):
            value = Histogram(np_histogram=(counts(step), edges))._to_dict()
            write(0, [step], [dict.fromkeys(histogram_names(), value)])
            yield HISTOGRAMS
    else:
        row = {}
        for number, picture in enumerate(pictures()):
            image = Image(picture)
            image._save("bench", name_of(0), 0)
            row[f"images/{number:03d}"] = image._to_dict()
        write(0, [0], [row])
        yield IMAGES


def mlflow(case: str, folder: Path) -> Work:
    """Through its client with a SQLite store; pictures under one name each, as a name shows one picture a step."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow
    from mlflow.entities import Metric

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("bench", artifact_location=(folder / "artifacts").as_uri())

    def opened(run: int) -> str:
        start_ms = int(_store.START_S * 1000) + run
        return str(client.create_run(experiment, start_time=start_ms, run_name=name_of(run)).info.run_id)

    if case in LINES:
        most = 1000 // len(LINES[case].keys)
        for run in range(LINES[case].runs):
            run_id = opened(run)
            for rows in chunks(LINES[case], run):
                for first in range(0, len(rows), most):
                    some = rows[first : first + most]
                    metrics = [
                        Metric(key, value, int((_store.START_S + step * 0.01) * 1000), step)
                        for step, row in some
                        for key, value in row.items()
                    ]
                    client.log_batch(run_id, metrics)
                    yield len(metrics)
            client.set_terminated(run_id)
    else:
        run_id = opened(0)
        for number, picture in enumerate(pictures()):
            client.log_image(run_id, picture, key=f"image{number:03d}", step=0, synchronous=True)
            yield 1
        client.set_terminated(run_id)


def aim(case: str, folder: Path) -> Work:
    """Through its `Run`, without the machine's metrics."""
    os.environ["HOME"] = str(folder)  # its settings lie there
    from aim import Distribution, Image, Run

    def opened(run: int) -> Any:
        found = Run(repo=str(folder), experiment="bench", system_tracking_interval=None, log_system_params=False)
        found.name = name_of(run)
        return found

    if case in LINES:
        for number in range(LINES[case].runs):
            run = opened(number)
            for rows in chunks(LINES[case], number):
                for step, row in rows:
                    run.track(row, step=step)
                    yield len(row)
            run.close()
    elif case == "d":
        run = opened(0)
        for step in range(HISTOGRAM_STEPS):
            for name in histogram_names():
                run.track(Distribution.from_histogram(np.array(counts(step)), (-1, 1)), name=name, step=step)
            yield HISTOGRAMS
        run.close()
    else:
        run = opened(0)
        run.track([Image(picture) for picture in pictures()], name="images", step=0)
        run.close()
        yield IMAGES


WRITERS = {"tensorboard": tensorboard, "trackio": trackio, "mlflow": mlflow, "aim": aim}


def main() -> None:
    product, case, folder, limit_s = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    began, written = time.monotonic(), 0
    for count in WRITERS[product](case, Path(folder)):
        written += count
        if time.monotonic() - began > float(limit_s):
            break
    print(json.dumps({"written": written, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
