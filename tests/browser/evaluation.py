"""Runs without a training, for the browser tests and the screenshots: charts of `kerascope.plot`, and artifacts with lineage.

python -m tests.browser.evaluation

It writes to the store that KERASCOPE_DIR names. The run `scored` logs every kind of chart and makes two versions of a model; the run `served`
uses the first of them.
"""

from __future__ import annotations

import numpy as np

import kerascope as wandb
from kerascope import plot

PROJECT = "evaluation"
CLASSES = ["cat", "dog", "owl"]
STEPS = 3


def main() -> None:
    """Writes both runs, one after the other."""
    with wandb.init(project=PROJECT, name="scored") as run:
        for step in range(STEPS):
            run.log(charts(np.random.default_rng(step), skill=1.0 + step))
        for epoch in range(2):
            model = wandb.Artifact("pets", type="model", description="Tells pets apart.", metadata={"epoch": epoch})
            with model.new_file("weights.txt") as file:
                file.write(f"weights of epoch {epoch}\n" * (epoch + 1))
            with model.new_file("labels/names.json") as file:
                file.write('["cat", "dog", "owl"]')
            run.log_artifact(model, aliases=["best"] if epoch == 0 else ["candidate"]).wait()
    with wandb.init(project=PROJECT, name="served") as run:
        run.use_artifact("pets:v0")


def charts(random: np.random.Generator, skill: float) -> dict[str, plot.Chart]:
    """Returns one chart of each kind; scores are the better the higher `skill`."""
    truth = random.integers(0, len(CLASSES), 200)
    logits = random.normal(size=(200, len(CLASSES))) + skill * np.eye(len(CLASSES))[truth]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    points = wandb.Table(["size", "weight", "kind"])
    for kind, name in enumerate(CLASSES):
        for size in np.sort(random.uniform(1, 9, 20)):
            points.add_data(float(size), float(size * (kind + 1) + random.normal()), name)
    counts = wandb.Table(["pet", "count"], [[name, int((truth == kind).sum())] for kind, name in enumerate(CLASSES)])
    lines = [np.cumsum(random.normal(size=50)) for _ in range(3)]
    return {
        "confusion": plot.confusion_matrix(probs=scores, y_true=truth, class_names=CLASSES),
        "roc": plot.roc_curve(truth, scores, labels=CLASSES),
        "precision_recall": plot.pr_curve(truth, scores, labels=CLASSES),
        "weights_by_size": plot.scatter(points, "size", "weight", title="Weight by size"),
        "growth": plot.line(points, "size", "weight", stroke="kind", title="Growth"),
        "pets": plot.bar(counts, "pet", "count", title="Pets"),
        "sizes": plot.histogram(points, "weight", title="Weights"),
        "walks": plot.line_series(range(50), lines, keys=CLASSES, title="Walks", xname="day"),
        "own": plot.plot_table("someone/drawing", counts, {"what": "pet"}),
    }


if __name__ == "__main__":
    main()
