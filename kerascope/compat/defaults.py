"""Default values before Keras 3, and `hard_sigmoid` as it was: what an old script means by `GRU(8)` or `Adadelta()`.

Promises: arguments that are given are never touched, and nothing changes for a script of Keras 3. The `hard_sigmoid` of old is
saved under a name of its own, so that a file that holds it is never read with the other formula.
"""

from __future__ import annotations

import functools
from typing import Any

from kerascope.compat import tables
from kerascope.compat.patches import Patches
from kerascope.errors import UsageError

RELEASES = ("2.2", "2.3", "2.15", "3")
"""The releases of Keras whose defaults differ, oldest first: 2.2 and before, 2.3, 2.4 to 2.15 with `tf.keras`, 3."""

HARD_SIGMOID = "kerascope>hard_sigmoid"
"""The registered name of `hard_sigmoid` as it was before Keras 3."""


def of_release(release: str) -> dict[str, dict[str, Any]]:
    """Returns the defaults that differ from those of Keras 3: class, argument, value.

    Args:
        release: one of `RELEASES`.

    Raises:
        UsageError: If it is none of them.
    """
    if release not in RELEASES:
        raise UsageError(f"`defaults` must be one of {', '.join(RELEASES)}. Received: defaults={release!r}.")
    found: dict[str, dict[str, Any]] = {}
    for kinds, argument, value, last in tables.DEFAULTS:
        if RELEASES.index(release) <= RELEASES.index(last):
            for kind in kinds.split():
                found.setdefault(kind, {})[argument] = HARD_SIGMOID if value == "hard_sigmoid" else value
    return found


def release_of(version: str) -> str:
    """Returns the one of `RELEASES` that a version belongs to, as files say it: `2.2.4`, `2.2.4-tf`, `1.2.0`."""
    major, minor = (int(part) for part in (version.partition("-")[0] + ".0").split(".")[:2])
    if major >= 3:
        return "3"
    if version.endswith("-tf") or (major, minor) > (2, 3):
        return "2.15"
    return "2.3" if (major, minor) == (2, 3) else "2.2"


def use_old_activations(patches: Patches, keras: Any, release: str) -> None:
    """Gives `hard_sigmoid` its formula before Keras 3, by name and as a function, for a script of that age.

    Args:
        patches: where the changes are remembered.
        keras: the keras package.
        release: one of `RELEASES`.
    """
    from keras.src import activations

    from kerascope.compat.backend_functions import hard_sigmoid

    if release == "3":
        return
    get = activations.get

    @functools.wraps(get)
    def get_as_it_was(identifier: Any) -> Any:
        return hard_sigmoid if identifier == "hard_sigmoid" else get(identifier)

    for home in (activations, keras.activations):
        patches.set(home, "get", get_as_it_was)
        patches.set(home, "hard_sigmoid", hard_sigmoid)
