"""Runs for the tests of charts: a hundred lines in one chart, configs with long names, values that cannot be drawn, maps.

    python -m tests.browser.chart_runs

It writes to the store that KERASCOPE_DIR names. Everything is computed.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import kerascope as wandb

RUNS = 100
STEPS = 6
MANY = 25
CROWD, AXES, EDGES, MEDIA = "crowd", "axes", "edges", "media"
AXIS_NAMES = (
    "optimizer.learning_rate",
    "optimizer.weight_decay",
    "data.batch_size",
    "data.augmentation_strength",
    "model.dropout_rate",
    "schedule.warmup_steps",
)
SHAPES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "a",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [0, 30], [30, 30], [30, 0], [0, 0]]]},
        }
    ],
}


def main() -> None:
    """Writes the four projects."""
    for number in range(RUNS):
        with started(CROWD, f"baseline-resnet50-imagenet-seed-{number:03d}") as run:
            for step in range(STEPS):
                run.log({"loss": loss_of(number, step)}, step=step)
    for number in range(10):
        config: dict[str, Any] = {}
        for place, name in enumerate(AXIS_NAMES):
            section, key = name.split(".")
            config.setdefault(section, {})[key] = (number * (place + 1)) % 10
        # A config value with the name of a result.
        with started(AXES, f"trial-{number}", config | {"val_loss": f"kind {number % 2}"}) as run:
            if number > 0:
                run.log({"val_loss": number / 10})
    with started(EDGES, "edges") as run:
        for step in range(STEPS):
            broken = {
                "all_nan": float("nan"),
                "negative": -1.0 - step,
                "half": float("nan") if step < 3 else 1.0 * step,
            }
            broken |= {"explodes": 10.0 ** (7 * step), "vanishes": 10.0 ** (-7 * step - 5)}
            run.log(broken | {"grows": float(step), "falls": float(STEPS - step), "back": float(-step)}, step=step)
        run.log({"single": 5.0, **{f"many/{number}": number for number in range(MANY)}}, step=STEPS)
        names = [f"class number {number}" for number in range(12)]
        matrix = wandb.plot.confusion_matrix(y_true=list(range(12)), preds=list(range(12)), class_names=names)
        run.log({"broken": wandb.Histogram([float("nan")] * 4), "matrix": matrix}, step=STEPS)
        density = wandb.Histogram(np_histogram=([0.1, 0.4, 0.2], [0, 1, 2, 3]))
        run.log({"density": density}, step=STEPS)
    with started(MEDIA, "pictures only") as run:
        run.log({"picture": wandb.Image(np.zeros((8, 8), "uint8")), "rows": wandb.Table(["a"], [[1]])})
        run.log({name: wandb.Plotly(json.dumps(figure)) for name, figure in maps().items()})


def started(project: str, name: str, config: dict[str, Any] | None = None) -> Any:
    """A run without console and system metrics."""
    settings = wandb.Settings(silent=True, console="off", _disable_stats=True)
    return wandb.init(project=project, name=name, config=config or {}, settings=settings)


def loss_of(number: int, step: int) -> float:
    """The loss of a run, different for each: the order of the runs turns round in the middle."""
    slope = 1 if step < STEPS / 2 else -1
    return round(5.0 + 0.01 * slope * number + 0.001 * number - 0.1 * step, 4)


def maps() -> dict[str, Any]:
    """Figures of Plotly that would fetch something."""
    return {
        "countries": {"data": [{"type": "choropleth", "locations": ["FRA", "ITA"], "z": [1, 2]}]},
        "shapes": {"data": [{"type": "choropleth", "geojson": SHAPES, "locations": ["a"], "z": [1]}]},
        "places": {"data": [{"type": "scattergeo", "lon": [2.3, 12.5], "lat": [48.9, 41.9], "mode": "markers"}]},
        "tiles": {"data": [{"type": "scattermapbox", "lon": [2.3], "lat": [48.9]}], "layout": {"mapbox": {"zoom": 3}}},
    }


if __name__ == "__main__":
    main()
