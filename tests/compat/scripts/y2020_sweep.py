# ruff: noqa
"""wandb 0.10: a sweep over a function, random and grid, with the callback inside."""
import numpy as np
import wandb
from wandb.keras import WandbCallback
from tensorflow.keras.layers import Dense, Dropout
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import Adam, SGD, Nadam

sweep_config = {
    "method": "random",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "parameters": {
        "epochs": {"value": 1},
        "units": {"values": [2, 4]},
        "learning_rate": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1},
        "dropout": {"min": 0.0, "max": 0.5},
        "optimizer": {"values": ["adam", "nadam", "sgd"]},
        "batch_size": {"distribution": "q_log_uniform_values", "q": 2, "min": 2, "max": 8},
    },
}
defaults = dict(units=3, learning_rate=0.01, dropout=0.1, optimizer="adam", batch_size=4, epochs=1, seed=42)
x, y = np.random.rand(16, 3), np.random.rand(16, 1)
seen = []


def train():
    wandb.init(config=defaults)
    config = wandb.config
    model = Sequential([Dense(config.units, activation="relu", input_shape=(3,)), Dropout(config.dropout), Dense(1)])
    opt = {"adam": Adam, "sgd": SGD, "nadam": Nadam}[config.optimizer](lr=config.learning_rate)
    model.compile(loss="mse", optimizer=opt)
    model.fit(x, y, epochs=config.epochs, batch_size=int(config.batch_size), validation_data=(x, y), verbose=0, callbacks=[WandbCallback(save_model=False)])
    seen.append(dict(config))
    assert wandb.run.sweep_id == sweep_id


sweep_id = wandb.sweep(sweep_config, entity="me", project="sweeps")
wandb.agent(sweep_id, function=train, count=2)
assert len(seen) == 2, seen
assert all(one["seed"] == 42 and one["units"] in (2, 4) and 1e-4 <= one["learning_rate"] <= 1e-1 for one in seen), seen

grid = wandb.sweep({"method": "grid", "parameters": {"a": {"values": [1, 2]}, "b": {"values": ["x", "y"]}}}, project="sweeps")
combos = []


def note():
    with wandb.init() as run:
        combos.append((run.config.a, run.config["b"]))
        run.log({"score": run.config.a})


wandb.agent(grid, note)
assert sorted(combos) == [(1, "x"), (1, "y"), (2, "x"), (2, "y")], combos
best = wandb.Api().sweep("sweeps/" + sweep_id).best_run()
assert best.summary["val_loss"] > 0
