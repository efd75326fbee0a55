# ruff: noqa
"""wandb 0.8: a run for each fold with reinit and join, then the runs of the group read back and exported."""
from __future__ import print_function
import sys
import numpy as np
import wandb
from keras.layers.core import Dense
from keras.models import Sequential
from wandb.keras import WandbCallback


def create_model():
    model = Sequential()
    model.add(Dense(4, input_dim=3, activation="relu", kernel_initializer="uniform"))
    model.add(Dense(np.prod((1, 2)), activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["acc"])
    return model


x, y = np.random.rand(16, 3), np.arange(16) % 2
group = "experiment-" + wandb.util.generate_id()
scores = []
for i, (train, test) in enumerate([(slice(0, 8), slice(8, 16)), (slice(8, 16), slice(0, 8))]):
    run = wandb.init(project="cross", group=group, job_type="fold", name="fold_{}".format(i), reinit=True)
    wandb.config.fold = i
    model = create_model()
    model.fit(x[train], y[train], validation_data=(x[test], y[test]), epochs=1, verbose=0, callbacks=[WandbCallback(save_model=False)])
    wandb.log({"fold_acc": model.evaluate(x[test], y[test], verbose=0)[1]})
    scores.append(wandb.run.summary["fold_acc"])
    wandb.join()
with wandb.init(project="cross", group=group, job_type="summary", reinit=True):
    wandb.run.summary["mean"] = np.mean(scores)
    wandb.log({"scores": wandb.Histogram(scores)})

api = wandb.Api()
runs = api.runs("cross", {"group": group})
rows = [dict(run.summary._json_dict, name=run.name, **{k: v for k, v in run.config.items() if not k.startswith("_")}) for run in runs]
assert {"fold_0", "fold_1"} < {row["name"] for row in rows} and len(rows) == 3, rows
assert all("val_acc" in row and row["fold"] in (0, 1) for row in rows if row["name"].startswith("fold")), rows
best = api.runs("cross", order="-summary_metrics.fold_acc")[0]
assert best.summary["fold_acc"] == max(scores)
assert len(best.history(stream="events")) >= 0 and best.lastHistoryStep == 1
for error in (wandb.CommError, wandb.errors.CommError, ValueError):
    try:
        api.run("cross/doesnotexist")
    except error as e:
        print(e)
    else:
        sys.exit("a missing run must raise")
