"""How long the versions of an artifact are kept: a policy per name, in `policy.json` beside its versions.

Promises: no policy, nothing is ever removed. Not for: removing (see `gc.py`).
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from kerascope.artifacts.files import replace_file
from kerascope.artifacts.store import ArtifactStore
from kerascope.errors import NotFoundError, StoreError, WrongValueError

FORMAT = 1


class Policy(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Which versions stay; a version stays if any of the limits keeps it. None: that limit keeps nothing.

    Attributes:
        keep_last: the newest so many.
        keep_days: those younger than so many days.
    """

    keep_last: int | None = None
    keep_days: float | None = None
    format: int = FORMAT

    def __post_init__(self) -> None:
        if self.keep_last is None and self.keep_days is None:
            raise WrongValueError("A policy needs `keep_last` or `keep_days`. Received: neither.")
        if self.keep_last is not None and (isinstance(self.keep_last, bool) or self.keep_last < 1):
            raise WrongValueError(f"`keep_last` must be an int >= 1. Received: keep_last={self.keep_last!r}.")
        if self.keep_days is not None and not (math.isfinite(self.keep_days) and self.keep_days >= 0):
            raise WrongValueError(f"`keep_days` must be a number >= 0. Received: keep_days={self.keep_days!r}.")


def policy_path(store: ArtifactStore, project: str, name: str) -> Path:
    """Returns where the policy of an artifact lies."""
    return store.paths.artifact(project, name) / "policy.json"


def read_policy(store: ArtifactStore, project: str, name: str) -> Policy | None:
    """Returns the policy of an artifact, None if it has none.

    Raises:
        StoreError: if the file cannot be read as one.
    """
    path = policy_path(store, project, name)
    try:
        policy = msgspec.json.decode(path.read_bytes(), type=Policy)
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise StoreError(
            f"A retention policy cannot be read. Received: path={path}. {error}. Mend or remove the file."
        ) from error
    if policy.format > FORMAT:
        raise StoreError(f"A retention policy is of a newer format. Received: path={path}, format={policy.format}.")
    return policy


def write_policy(store: ArtifactStore, project: str, name: str, policy: Policy | None) -> None:
    """Sets the policy of an artifact; None removes it.

    Raises:
        NotFoundError: if there is no such artifact.
    """
    if not store.numbers(project, name):
        raise NotFoundError(f"There is no such artifact. Received: {project}/{name}.")
    path = policy_path(store, project, name)
    if policy is None:
        path.unlink(missing_ok=True)
    else:
        replace_file(path, msgspec.json.encode(policy))
