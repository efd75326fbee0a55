# ruff: noqa
"""Names that are not here say so, and what to use."""
import wandb

for use in (lambda: wandb.sklearn, lambda: wandb.no_such_name, lambda: __import__("wandb.xgboost"), lambda: __import__("wandb.integration.lightgbm")):
    try:
        use()
    except (AttributeError, ImportError) as error:
        assert "not part of kerascope" in str(error), error
    else:
        raise SystemExit("a missing name must raise")
from keras.layers import LocallyConnected1D
from keras.layers.local import LocallyConnected2D

for layer in (LocallyConnected1D, LocallyConnected2D):
    try:
        layer(4, 3)
    except Exception as error:
        assert "went away" in str(error) and layer.__name__ in str(error), error
    else:
        raise SystemExit("a layer that is gone must raise")
assert wandb.util.generate_id() != wandb.util.generate_id()
from wandb.sdk.wandb_run import Run
from wandb.apis import PublicApi

run = wandb.init(mode="disabled")
assert isinstance(run, Run) and wandb.run is run
run.finish()
assert wandb.run is None
