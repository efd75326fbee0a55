"""Many short runs for the tests of the run table: a sweep over optimizers, widths and learning rates.

    python -m tests.browser.sweep COUNT

It writes to the project `sweep` of the store that KERASCOPE_DIR names. Run `sweep-<i>` has a known loss: `loss_of(i)`; the lowest is
that of run 0.
"""

from __future__ import annotations

import sys

import kerascope as wandb

PROJECT = "sweep"
OPTIMIZERS = ("adam", "sgd", "rmsprop")
WIDTHS = (16, 32, 64, 128)


def loss_of(index: int) -> float:
    """The final validation loss of run `index`: grows with it, and is different for each."""
    return round(0.1 + 0.001 * index, 4)


def main() -> None:
    """Makes the runs, one after the other."""
    for index in range(int(sys.argv[1])):
        config = {
            "optimizer": OPTIMIZERS[index % 3],
            "width": WIDTHS[index % 4],
            "learning_rate": 10.0 ** -(1 + index % 5),
            "augment": index % 2 == 0,
        }
        tags = ["baseline"] if index % 10 == 0 else []
        settings = wandb.Settings(silent=True, console="off", _disable_stats=True)
        with wandb.init(project=PROJECT, name=f"sweep-{index}", config=config, tags=tags, settings=settings) as run:
            for step in range(3):
                loss = loss_of(index) + 0.1 * (2 - step)
                run.log({"val_loss": loss, "val_accuracy": 1 - loss, "epoch": step})


if __name__ == "__main__":
    main()
