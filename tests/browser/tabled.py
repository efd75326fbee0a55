"""Two runs that score the same examples and keep their weights, and a table of 200,000 rows, for the browser tests of tables and artifacts.

python -m tests.browser.tabled
"""

from __future__ import annotations

import numpy as np

import kerascope as wandb

PROJECT = "tables"
BIG = 200_000


def main() -> None:
    """Writes the runs: `after` got better on even examples and worse on odd ones."""
    for name, gain in {"before": 0.0, "after": 0.25}.items():
        with wandb.init(project=PROJECT, name=name) as run:
            table = wandb.Table(["example", "image", "label", "score"])
            for number in range(40):
                picture = np.full((4, 4), number * 6, np.uint8)
                score = 0.5 + (gain if number % 2 == 0 else -gain)
                table.add_data(number, wandb.Image(picture), "even" if number % 2 == 0 else "odd", score)
            run.log({"scores": table})
            evaluation = wandb.Artifact("evaluation", type="evaluation")
            evaluation.add(
                wandb.Table(["label", "right"], [["odd", gain > 0], ["odd", True], ["even", False]]), "answers"
            )
            run.log_artifact(evaluation).wait()
            keep_weights(run, name, gain)
    with wandb.init(project="checks", name="guest") as run:
        run.use_artifact(f"{PROJECT}/net:v1")
    with wandb.init(project=PROJECT, name="fewer") as run:
        # Examples 10 to 44: ten that `before` has are gone, five are new.
        run.log({"scores": wandb.Table(["example", "score"], [[number, 0.5] for number in range(10, 45)])})
    for name, gain in {"twin-a": 0.0, "twin-b": 0.5}.items():
        # An example is scored in two epochs: only both columns tell a row. The order differs.
        rows = [[example, epoch, example + epoch * gain] for example in range(10) for epoch in (1, 2)]
        with wandb.init(project=PROJECT, name=name) as run:
            run.log({"passes": wandb.Table(["example", "epoch", "score"], rows if gain else rows[::-1])})
    with wandb.init(project=PROJECT, name="large") as run:
        values = np.random.default_rng(0).random(BIG)
        run.log({"large": wandb.Table(["row", "value"], [[i, float(v)] for i, v in enumerate(values)])})


def keep_weights(run: wandb.Run, name: str, gain: float) -> None:
    """Logs a data set (the first run) or uses it, and a model of two layers, of which `gain` moves the second."""
    if name == "before":
        data = wandb.Artifact("pictures", type="dataset")
        data.add(wandb.Table(["row"], [[1]]), "rows")
        run.log_artifact(data).wait()
    else:
        run.use_artifact("pictures:v0")
    model = wandb.Artifact("net", type="model")
    with model.new_file("weights.npz", mode="wb") as file:
        np.savez(file, **{"first/kernel": np.ones((3, 2)), "second/kernel": np.ones(4) + gain})
    run.log_artifact(model, aliases=[name]).wait()


if __name__ == "__main__":
    main()
