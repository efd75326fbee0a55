# ruff: noqa
"""wandb 0.10: every kind of thing that is logged."""
import numpy as np
import wandb
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from PIL import Image

wandb.login(key="0" * 40, relogin=True) if False else wandb.login(anonymous="never")
with wandb.init(project="media", config={"a": 1, "nested": {"b": 2}}, settings=wandb.Settings(start_method="thread")) as run:
    px = np.random.randint(0, 255, (8, 8, 3), dtype=np.uint8)
    mask = np.random.randint(0, 2, (8, 8))
    wandb.log({"image": wandb.Image(px, caption="one", masks={"predictions": {"mask_data": mask, "class_labels": {0: "bg", 1: "cat"}}}, boxes={"boxes": {"box_data": [{"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6}, "class_id": 1, "box_caption": "cat 0.5", "scores": {"acc": 0.5}}], "class_labels": {1: "cat"}}})})
    wandb.log({"pil": wandb.Image(Image.fromarray(px)), "grey": wandb.Image(px[..., 0], mode="L"), "list": [wandb.Image(px) for _ in range(3)]})
    plt.plot([1, 2, 3])
    wandb.log({"chart": plt})
    wandb.log({"chart_image": wandb.Image(plt)})
    fig, ax = plt.subplots()
    ax.bar([1, 2], [3, 4])
    wandb.log({"figure": fig})
    plt.close("all")
    wandb.log({"audio": wandb.Audio(np.sin(np.arange(2000) / 10.0), caption="beep", sample_rate=8000)})
    wandb.log({"html": wandb.Html("<b>bold</b>", inject=False), "points": wandb.Object3D(np.random.rand(10, 3))})
    wandb.log({"hist": wandb.Histogram(np.random.randn(100)), "np_hist": wandb.Histogram(np_histogram=np.histogram(np.random.randn(50), bins=5))})
    wandb.log({"video": wandb.Video(np.random.randint(0, 255, (4, 3, 16, 16), dtype=np.uint8), fps=4, format="gif")})
    table = wandb.Table(columns=["id", "image", "truth", "guess"])
    for i in range(4):
        table.add_data(i, wandb.Image(px), i % 2, (i + 1) % 2)
    wandb.log({"table": table, "rows": wandb.Table(data=[[1, 2.5], [2, 3.5]], columns=["x", "y"])})
    xy = wandb.Table(data=[[float(i), float(i * i)] for i in range(5)], columns=["x", "y"])
    wandb.log({"line": wandb.plot.line(xy, "x", "y", title="Line"), "scatter": wandb.plot.scatter(xy, "x", "y"), "bar": wandb.plot.bar(wandb.Table(data=[["a", 1.0], ["b", 2.0]], columns=["l", "v"]), "l", "v", title="Bar"), "histo": wandb.plot.histogram(xy, "y", title="H")})
    wandb.log({"series": wandb.plot.line_series(xs=[0, 1, 2], ys=[[1, 2, 3], [3, 2, 1]], keys=["a", "b"], title="T", xname="step")})
    truth, scores = [0, 1, 1, 0], np.array([[0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.6, 0.4]])
    wandb.log({"roc": wandb.plot.roc_curve(truth, scores, labels=["n", "y"]), "pr": wandb.plot.pr_curve(truth, scores, labels=["n", "y"]), "cm": wandb.plot.confusion_matrix(y_true=truth, preds=[0, 1, 0, 0], class_names=["n", "y"])})
    wandb.define_metric("val/step")
    wandb.define_metric("val/*", step_metric="val/step", summary="min")
    for step in range(3):
        wandb.log({"val/loss": 1.0 / (step + 1), "val/step": step, "arr": np.arange(5), "t": np.float64(2.0), "flag": True, "text": "words"})
    wandb.alert(title="Low accuracy", text="below", level=wandb.AlertLevel.WARN, wait_duration=300)
    run.tags = run.tags + ("late",)
    run.notes = "noted"
    run.name = "renamed"
    wandb.run.summary["best"] = 3
    assert run.summary["val/loss"]["min"] < 0.4
    assert wandb.config["nested"]["b"] == 2 and wandb.config.a == 1
assert wandb.run is None
