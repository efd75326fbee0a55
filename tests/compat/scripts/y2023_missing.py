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
try:
    from keras.layers import LocallyConnected2D
except ImportError:
    pass
try:
    from keras.layers.local import LocallyConnected2D
except ImportError as error:
    print(error)
else:
    raise SystemExit("LocallyConnected2D is gone")
assert wandb.util.generate_id() != wandb.util.generate_id()
from wandb.sdk.wandb_run import Run
from wandb.apis import PublicApi

run = wandb.init(mode="disabled")
assert isinstance(run, Run) and wandb.run is run
run.finish()
assert wandb.run is None
