# ruff: noqa
"""wandb 0.12: artifacts from job to job, tables joined, models used again, the public API over it."""
import os
import numpy as np
import wandb
from tensorflow import keras
from tensorflow.keras import layers

PROJECT = "pipeline"


def preprocess():
    with wandb.init(project=PROJECT, job_type="data", config={"split": 0.8}) as run:
        raw = wandb.Artifact("mnist-raw", type="dataset", description="Raw", metadata={"source": "made", "sizes": [12, 4]})
        for name in ("training", "test"):
            with raw.new_file(name + ".npz", mode="wb") as file:
                np.savez(file, x=np.random.rand(12, 3), y=np.arange(12) % 2)
        os.makedirs("extra", exist_ok=True)
        open("extra/a.txt", "w").write("a")
        raw.add_dir("extra", name="more")
        raw.add_file("extra/a.txt", name="copy.txt")
        table = wandb.Table(columns=["i", "v"], data=[[i, float(i)] for i in range(4)])
        raw.add(table, "preview")
        run.log_artifact(raw, aliases=["best"])


def read(data_dir, split):
    data = np.load(os.path.join(data_dir, split + ".npz"))
    return data["x"], data["y"]


def train():
    with wandb.init(project=PROJECT, job_type="train", config={"epochs": 1}) as run:
        raw = run.use_artifact("mnist-raw:latest")
        data_dir = raw.download()
        assert sorted(raw.manifest.entries)[0] == "copy.txt" and raw.metadata["source"] == "made"
        x, y = read(data_dir, "training")
        assert raw.get("preview").data[2] == [2, 2.0]
        assert raw.get_path("copy.txt").download().endswith("copy.txt")
        model = keras.Sequential([layers.Dense(4, input_shape=(3,), activation="relu"), layers.Dense(1, activation="sigmoid")])
        model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
        model.fit(x, y, epochs=wandb.config.epochs, verbose=0, callbacks=[wandb.keras.WandbCallback(save_model=False)])
        art = wandb.Artifact("trained-model", type="model", metadata=dict(run.config))
        model.save("trained_model.keras")
        art.add_file("trained_model.keras")
        wandb.save("trained_model.keras")
        run.log_artifact(art)
        art.wait()
        return run.id


def evaluate():
    run = wandb.init(project=PROJECT, job_type="report", reinit=True)
    art = wandb.use_artifact("trained-model:v0", type="model")
    path = art.get_path("trained_model.keras").download()
    model = keras.models.load_model(path)
    assert model.predict(np.zeros((1, 3))).shape == (1, 1)
    run.summary.update({"loss": 0.5})
    run.finish()


preprocess()
run_id = train()
evaluate()
api = wandb.Api()
run = api.run(PROJECT + "/" + run_id)
assert run.config["epochs"] == 1 and run.state == "finished"
assert "loss" in run.history(pandas=False)[0]
assert len(list(api.runs(PROJECT, filters={"jobType": "report"}))) >= 1
assert api.artifact(PROJECT + "/mnist-raw:best").version == "v0"
