"""The callbacks under the name that later versions of the original give them.

import kerascope as wandb
from kerascope.integration.keras import WandbMetricsLogger
"""

from __future__ import annotations

from kerascope.keras import WandbCallback, WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint

__all__ = ["WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]
