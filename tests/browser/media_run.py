"""One run with media of every kind, small, for the tests of pages that stand alone.

    python -m tests.browser.media_run

It writes to the store that KERASCOPE_DIR names. Everything is computed from fixed seeds.
"""

from __future__ import annotations

import json

import numpy as np

import kerascope as wandb
from kerascope import plot

PROJECT = "media"
CLASSES = {1: "left", 2: "right"}


def main() -> None:
    """Logs everything at two steps, the large picture at one."""
    random = np.random.default_rng(0)
    with wandb.init(project=PROJECT, name="pictured", config={"lr": 0.1}) as run:
        for step in range(2):
            mask = np.ones((16, 16), np.uint8)
            mask[:, 8:] = 2
            picture = wandb.Image(
                random.integers(0, 255, (16, 16, 3), np.uint8),
                caption=f"picture {step}",
                masks={"halves": {"mask_data": mask, "class_labels": CLASSES}},
            )
            table = wandb.Table(["id", "image", "score"])
            for row in range(30):
                table.add_data(f"row-{row}", wandb.Image(np.full((4, 4), 8 * row, np.uint8)), (row * 7) % 30 + step)
            figure = {"data": [{"type": "scatter", "x": [0, 1, 2], "y": [3, 1, 2], "name": "a"}]}
            run.log(
                {
                    "loss": 1.0 - step / 2,
                    "pictures": [picture],
                    "weights": wandb.Histogram(random.normal(size=300)),
                    "rows": table,
                    "curve": plot.line(wandb.Table(["x", "y"], [[0, 1], [1, 3]]), "x", "y", title="A line"),
                    "figure": wandb.Plotly(json.dumps(figure)),
                    "cloud": wandb.Object3D(random.normal(size=(50, 3))),
                    "tone": wandb.Audio(np.sin(np.arange(800) / 5), sample_rate=8000),
                    "page": wandb.Html("<p id=said>a logged page</p><script>said.textContent += ', alive'</script>"),
                    "words": "some words",
                }
            )
        run.log({"noise": wandb.Image(random.integers(0, 255, (1200, 1200, 3), np.uint8))})


if __name__ == "__main__":
    main()
