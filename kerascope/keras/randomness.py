"""The random generators a training draws from, as something that can be kept and put back.

Python's, numpy's and, where the script has loaded it, PyTorch's. Keras' own seeds are variables of the model and kept with it. TensorFlow keeps
the state of shuffles inside its pipelines, out of reach.
"""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np

State = dict[str, Any]  # arrays and JSON values


def capture() -> State:
    """Returns the state of every generator."""
    version, internal, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    state: State = {
        "python": [version, list(internal), gauss],
        "numpy": [str(name), int(position), int(has_gauss), float(cached)],
        "numpy_keys": np.asarray(keys),
    }
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        state["torch"] = torch.get_rng_state().numpy()
        if torch.cuda.is_available():
            state["torch_cuda"] = [list(bytes(s.numpy())) for s in torch.cuda.get_rng_state_all()]
    return state


def restore(state: State) -> None:
    """Puts every generator of `capture` back to where it was."""
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    name, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, np.asarray(state["numpy_keys"], dtype=np.uint32), position, has_gauss, cached))
    torch: Any = sys.modules.get("torch")
    if torch is not None and "torch" in state:
        torch.set_rng_state(torch.from_numpy(np.array(state["torch"], dtype=np.uint8)))
        if "torch_cuda" in state and torch.cuda.is_available():
            torch.cuda.set_rng_state_all([torch.tensor(s, dtype=torch.uint8) for s in state["torch_cuda"]])
