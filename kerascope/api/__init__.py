"""Reading runs from Python: `kerascope.Api()`, in the shape of `wandb.Api`."""

from kerascope.api.client import Api, Project
from kerascope.api.file import File
from kerascope.api.run import Run
from kerascope.api.runs import Runs
from kerascope.api.summary import Summary
from kerascope.api.sweep import Sweep

__all__ = ["Api", "File", "Project", "Run", "Runs", "Summary", "Sweep"]
