"""Sweeps: the same training with other settings, chosen by a method, by one agent or many.

    sweep_id = kerascope.sweep({"method": "random", "parameters": {"lr": {"min": 1e-4, "max": 1e-1}}}, project="faces")
    kerascope.agent(sweep_id, function=train, count=20)

Promises: a sweep is a folder of the store, and each trial a file in it that is created exclusively, so any number of agents on any
number of machines share one; what is chosen depends on the sweep and the results only, never on the user's random state.
A trial that `early_terminate` (Hyperband) gives up is ended cleanly and marked. Not for: running trials side by side in one process.
"""

from __future__ import annotations

from kerascope.sweeps.agent import agent, sweep

__all__ = ["agent", "sweep"]
