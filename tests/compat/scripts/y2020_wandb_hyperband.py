# ruff: noqa
"""wandb 0.10: a sweep with nested parameters whose worse trials Hyperband ends inside fit."""
import numpy as np
import tensorflow.keras as keras
import wandb
from tensorflow.keras.layers import Dense
from wandb.keras import WandbCallback

sweep_config = {
    "name": "my-sweep",
    "method": "grid",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "early_terminate": {"type": "hyperband", "min_iter": 1, "eta": 2},
    "parameters": {
        "offset": {"values": [0.0, 100.0]},
        "optim": {"parameters": {"name": {"value": "sgd"}, "momentum": {"value": 0.9}}},
        "epochs": {"value": 3},
    },
}
sweep_config["parameters"].update({"batch_size": {"value": 8}})
sweep_id = wandb.sweep(sweep_config, project="hyperband-demo")
x, y = np.random.rand(16, 3), np.random.rand(16, 1)
ended = []


def train(config=None):
    with wandb.init(config=config):
        config = wandb.config
        model = keras.Sequential([Dense(2, activation="relu", input_shape=(3,)), Dense(1)])
        model.compile(keras.optimizers.SGD(lr=1e-4, momentum=config.optim["momentum"]), "mse")
        try:
            model.fit(x, y + config.offset, epochs=config.epochs, batch_size=config.batch_size, verbose=0, validation_data=(x, y + config.offset), callbacks=[WandbCallback(save_model=False)])
            ended.append(config.offset)
        except Exception:
            raise SystemExit("what ends a trial is no Exception")


wandb.agent(sweep_id, train, count=5)
runs = wandb.Api().sweep("hyperband-demo/" + sweep_id).runs
assert ended == [0.0], ended
assert [len(run.history(pandas=False)) for run in runs] == [3, 1], runs
assert [run.state for run in runs] == ["finished", "finished"]
assert [run.tags for run in runs] == [[], ["stopped-early"]]
assert wandb.run is None
