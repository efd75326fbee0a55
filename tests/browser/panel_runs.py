"""Runs for the tests of panels: a small sweep whose loss follows from the learning rate, and one run with all kinds of media.

    python -m tests.browser.panel_runs

It writes to the store that KERASCOPE_DIR names. Everything is computed from fixed seeds.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import kerascope as wandb

PROJECT = "sweep"
RUNS = 8
STEPS = 40
IMAGE_STEPS = 310


def main() -> None:
    """Logs the sweep, and the media into its last run."""
    for number in range(RUNS):
        config = {
            "lr": 10.0 ** -(1 + number % 4),
            "optimizer": "sgd" if number % 2 else "adam",
            "seed": (number * 5) % 8,
        }
        with wandb.init(project=PROJECT, name=f"run-{number}", config=config) as run:
            log_metrics(run, number % 4, np.random.default_rng(number))
            if number == RUNS - 2:
                run.log({"pictures": [wandb.Image(np.full((8, 8), 200, "uint8"), caption="the other run")]}, step=120)
            if number == RUNS - 1:
                log_media(run)


def log_metrics(run: Any, slowness: int, random: np.random.Generator) -> None:
    """A falling loss with one outlier, an accuracy and an epoch."""
    for step in range(STEPS):
        loss = 0.1 + slowness + 2.0 * np.exp(-step / 8) + 0.01 * random.normal()
        run.log({"loss": loss, "val_loss": loss * 1.1, "accuracy": 1 / (1 + loss), "epoch": step // 10}, step=step)


def log_media(run: Any) -> None:
    """Histograms of healthy and sick layers, images with boxes, a cloud, figures, a page, a film."""
    random = np.random.default_rng(0)
    for step in range(6):
        row = {"parameters/good.kernel": wandb.Histogram(random.normal(0, 0.1, 500))}
        row["gradients/good/kernel.gradient"] = wandb.Histogram(random.normal(0, 0.01, 500))
        row["gradients/stuck/kernel.gradient"] = wandb.Histogram(np.zeros(500))
        row["gradients/wild/kernel.gradient"] = wandb.Histogram(random.normal(0, 0.01 * 10.0**step, 500))
        run.log(row, step=STEPS + step)
    boxes = {"truth": {"box_data": [box(1, 0.9), box(2, 0.2)], "class_labels": {1: "cat", 2: "dog"}}}
    for step in range(IMAGE_STEPS):
        run.log({"pictures": [wandb.Image(np.full((8, 8), step % 256, "uint8"), boxes=boxes)]}, step=100 + step)
    points = random.normal(size=(500, 3))
    lines = {"data": [{"type": "scatter", "x": [0, 1, 2], "y": [3, 1, 2], "name": "a"}, {"y": [1, 2, 3], "name": "b"}]}
    pie = {"data": [{"type": "pie", "labels": ["cat", "dog"], "values": [1, 3]}], "layout": {"title": "Who is seen"}}
    run.log(
        {
            "shown/cloud": wandb.Object3D(points, caption="dust"),
            "shown/lines": wandb.Plotly(json.dumps(lines)),
            "shown/pie": wandb.Plotly(json.dumps(pie)),
            "shown/page": wandb.Html("<p>a page of the run</p>"),
            "shown/tone": wandb.Audio(np.sin(np.arange(4000) / 5), sample_rate=8000, caption="a tone"),
            "shown/words": "said at the end",
            "shown/film": wandb.Video(random.integers(0, 255, (3, 3, 8, 8)).astype("uint8")),
        }
    )


def box(number: int, score: float) -> dict[str, Any]:
    """A box of a class with a score."""
    position = {"minX": 0.1 * number, "maxX": 0.5, "minY": 0.1, "maxY": 0.6}
    return {"position": position, "class_id": number, "scores": {"confidence": score}}


if __name__ == "__main__":
    main()
