"""Old scripts on today's packages: the names of Keras 1 and 2 on Keras 3, and those of `wandb` on kerascope.

    import kerascope.compat

    kerascope.compat.install()      # then: import wandb; from keras.layers.convolutional import Convolution2D
    ...
    kerascope.compat.uninstall()    # everything is as before

`kerascope run train.py` does the same around a script. The tables in `tables.py` are the whole list; `docs/compat.md` is made
from them. Not for: new code, which `kerascope upgrade` helps to write in today's names.
"""

from __future__ import annotations

from kerascope.compat.install import install, is_installed, uninstall
from kerascope.compat.report import Translation, translations

__all__ = ["Translation", "install", "is_installed", "translations", "uninstall"]
