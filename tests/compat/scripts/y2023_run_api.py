# ruff: noqa
"""wandb of 2023: the run as an object, resumed by its id, files and code kept, logged models, errors of the package."""
import os
import random
import wandb

os.environ["WANDB_SILENT"] = "true"
os.environ.setdefault("WANDB_NOTEBOOK_NAME", "x")
wandb.require("core")
run = wandb.init(project="basic", config={"epochs": 3, "lr": 0.1}, id="abcd1234", resume="allow", settings=wandb.Settings(console="off", init_timeout=120))
offset = random.random() / 5
for epoch in range(2, run.config.epochs):
    acc = 1 - 2**-epoch - random.random() / epoch - offset
    run.log({"acc": acc, "loss": 1 - acc})
run.config.update({"lr": 0.2}, allow_val_change=True)
run.config.setdefaults({"extra": 5})
assert run.config.get("missing", 1) == 1 and "extra" in run.config and run.config.as_dict()["lr"] == 0.2
try:
    wandb.config.nothing_here
except AttributeError:
    pass
open("weights.bin", "wb").write(b"1" * 100)
run.log_model(path="weights.bin", name="weights")
run.log_artifact("weights.bin", name="raw", type="blob", aliases=["a"])
run.log_code(".", include_fn=lambda path: path.endswith(".py"))
run.mark_preempting()
table = wandb.Table(columns=["a"])
table.add_data(1)
run.log({"t": table})
run.define_metric("acc", summary="max", goal="maximize")
run.watch(None) if False else None
run.finish(exit_code=0)
try:
    run.log({"a": 1})
except wandb.errors.UsageError if hasattr(wandb.errors, "UsageError") else Exception:
    pass
else:
    raise SystemExit("log after finish must raise")
again = wandb.init(project="basic", id="abcd1234", resume="must")
assert again.resumed and again.step == 2, again.step
assert os.path.exists(again.use_model("weights")) if hasattr(again, "use_model") else True
wandb.finish()
try:
    wandb.log({"a": 1})
except wandb.Error as error:
    assert "init" in str(error)
with wandb.init(mode="disabled") as off:
    off.log({"x": 1})
from wandb.errors import CommError, UsageError
from wandb.sdk import wandb_run
import wandb.apis.public as public

try:
    wandb.Api().run("nobody/basic/missing1")
except (CommError, ValueError, wandb.Error) as error:
    print(error)
