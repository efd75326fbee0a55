# ruff: noqa
"""Code that looks at the package before it uses it, names the types of its insides, and takes artifacts one step on."""
from __future__ import annotations

import importlib.util
import os
from typing import Any, Dict, Optional

assert importlib.util.find_spec("wandb") is not None
import wandb
import wandb.apis.public as public_api
import wandb.wandb_run
from wandb.apis.public import Run as PublicRun
from wandb.data_types import WBValue
from wandb.errors import AuthenticationError, CommError, Error, UsageError
from wandb.sdk.artifacts.artifact import Artifact
from wandb.sdk.data_types.base_types.wb_value import WBValue as Value
from wandb.sdk.lib import RunDisabled
from wandb.sdk.lib.runid import generate_id
from wandb.sdk.wandb_run import Run
from wandb.sdk.wandb_settings import Settings
from wandb.util import make_artifact_name_safe

assert Value is WBValue and wandb.run is None
assert tuple(int(part) for part in wandb.__version__.split(".")[:2]) >= (0, 12)
wandb.ensure_configured()
available = wandb.api.api_key is not None and os.getenv("WANDB_MODE") != "disabled"
assert available and len(generate_id(6)) == 6


class Logger:
    run: Optional[Run] = None

    def __init__(self, project: str, config: Dict[str, Any], enabled: bool = True) -> None:
        try:
            self.run = wandb.init(project=project, config=config, mode="online" if enabled else "disabled", settings=Settings(start_method="fork", _disable_stats=True))
        except (UsageError, CommError, AuthenticationError) as error:
            raise SystemExit(str(error))
        if getattr(self.run, "define_metric", None):
            self.run.define_metric("trainer/global_step")
            self.run.define_metric("*", step_metric="trainer/global_step", step_sync=True)

    def scalars(self, step: int, **values: float) -> None:
        assert isinstance(self.run, (Run, RunDisabled))
        self.run.log(dict(values, **{"trainer/global_step": step}))

    def __enter__(self) -> "Logger":
        return self

    def __exit__(self, *_: Any) -> None:
        self.run.finish()


with Logger("library", {"a": {"b": [1, 2]}}) as logger:
    for step in range(3):
        logger.scalars(10 * step, loss=1 / (step + 1))
    assert wandb.run.config.a["b"] == [1, 2] and wandb.run.project_name() == "library"
    assert wandb.run.summary["trainer/global_step"] == 20
    data = wandb.Artifact(make_artifact_name_safe("raw data/1"), type="dataset", metadata={"rows": 1})
    with data.new_file("rows.csv") as file:
        file.write("1")
    logger.run.log_artifact(data).wait()
    draft = wandb.use_artifact("raw_data_1:latest").new_draft()
    with draft.new_file("more.csv") as file:
        file.write("2")
    logger.run.log_artifact(draft, aliases=["grown"])
    assert isinstance(draft, Artifact) and draft.wait().version == "v1" and draft.state == "COMMITTED"
    run_id = logger.run.id
with Logger("library", {}, enabled=False) as logger:
    logger.scalars(0, loss=1.0)
found: PublicRun = wandb.Api().run(f"{wandb.Api().default_entity}/library/{run_id}")
assert isinstance(found, public_api.Run) and found.rawconfig["a"] == {"b": [1, 2]}
assert sorted(one.version for one in found.logged_artifacts()) == ["v0", "v1"]
try:
    found.summary["loss"] = 5
except Error as error:
    assert "resume" in str(error)
try:
    from wandb.integration.lightning import WandbLogger
except ImportError as error:
    assert "not part of kerascope" in str(error)
