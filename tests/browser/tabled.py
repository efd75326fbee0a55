"""Two runs that score the same 2,000 examples, and a table of 200,000 rows, for the browser tests of tables.

python -m tests.browser.tabled
"""

from __future__ import annotations

import numpy as np

import kerascope as wandb

PROJECT = "tables"
BIG = 200_000


def main() -> None:
    """Writes both runs: `after` got better on even examples and worse on odd ones."""
    for name, gain in {"before": 0.0, "after": 0.25}.items():
        with wandb.init(project=PROJECT, name=name) as run:
            table = wandb.Table(["example", "image", "label", "score"])
            for number in range(40):
                picture = np.full((4, 4), number * 6, np.uint8)
                score = 0.5 + (gain if number % 2 == 0 else -gain)
                table.add_data(number, wandb.Image(picture), "even" if number % 2 == 0 else "odd", score)
            run.log({"scores": table})
    with wandb.init(project=PROJECT, name="large") as run:
        values = np.random.default_rng(0).random(BIG)
        run.log({"large": wandb.Table(["row", "value"], [[i, float(v)] for i, v in enumerate(values)])})


if __name__ == "__main__":
    main()
