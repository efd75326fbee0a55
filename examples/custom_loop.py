"""A training loop of one's own: no callback, `kerascope.log` only. Fits a line to noisy points by gradient descent, with numpy alone.

python examples/custom_loop.py        then: kerascope ui
"""

import os

import numpy as np

import kerascope as wandb

STEPS = 25 * int(os.environ.get("EXAMPLE_EPOCHS", "8"))

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, 200)
y = 3 * x + 0.5 + rng.normal(0, 0.1, 200)

with wandb.init(project="examples", name="line", config={"rate": 0.1, "steps": STEPS}) as run:
    run.define_metric("loss", summary="min")
    slope = offset = 0.0
    for step in range(STEPS):
        error = slope * x + offset - y
        slope -= run.config.rate * 2 * (error * x).mean()
        offset -= run.config.rate * 2 * error.mean()
        row = {"loss": float((error**2).mean()), "slope": slope, "offset": offset}
        if step % 20 == 0:
            row["errors"] = wandb.Histogram(error)
        run.log(row)
    print(f"y = {slope:.2f} x + {offset:.2f}")
