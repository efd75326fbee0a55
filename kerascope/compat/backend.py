"""`keras.backend` as it was before Keras 3, for scripts that `kerascope upgrade` has written anew: `from kerascope.compat import backend as K`.

Every name of docs/compat.md's table of functions is here, and what `keras.backend` has today. Not for: new code, which uses `keras.ops`.
"""

from __future__ import annotations

from typing import Any

import keras

from kerascope.compat import backend_functions


def __getattr__(name: str) -> Any:
    found = backend_functions.functions().get(name)
    if found is not None and not hasattr(keras.backend, name):
        return found
    try:
        return getattr(keras.backend, name)
    except AttributeError:
        raise AttributeError(f"keras.backend.{name} is not part of Keras 3 and nothing stands in for it.") from None
